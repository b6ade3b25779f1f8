import HeapModel
import Scanner

// The line that is typed at the foot of the screen.
extension AppState {
    mutating func ask(_ kind: Prompt.Kind) {
        if kind != .search { show(nil) }
        message = nil
        searchOrigin = searchPosition(in: searchPlace)
        prompt = Prompt(kind, text: offer(kind))
    }

    /// What stands in the prompt before anything is typed.
    private func offer(_ kind: Prompt.Kind) -> String {
        switch kind {
        case .dump: selection.map { heap.objects.pointers[$0.index].description } ?? ""
        case .filter: list.filter?.text ?? ""
        case .logFilter: logFilter
        case .note: selection.flatMap(note) ?? ""
        case .command, .address, .search, .export, .whatIf, .confirm: ""
        }
    }

    /// A key while a line is being typed.
    mutating func type(_ key: Key) {
        guard let kind = prompt?.kind else { return }
        if kind == .confirm(.clear) { return answer(key, .clear) }
        switch key {
        case .character(let character): prompt?.insert(character)
        case .named(.backspace):
            if prompt?.text.isEmpty == true { return giveUp() }
            prompt?.deleteBackwards()
        case .named(.delete), .control("d"): prompt?.delete()
        case .named(.left), .control("b"): prompt?.moveCursor(by: -1)
        case .named(.right), .control("f"): prompt?.moveCursor(by: 1)
        case .named(.home), .control("a"): prompt?.moveCursor(by: -(1 << 30))
        case .named(.end), .control("e"): prompt?.moveCursor(by: 1 << 30)
        case .named(.up), .control("p"): recall(-1)
        case .named(.down), .control("n"): recall(1)
        case .control("u"): prompt = Prompt(kind)
        case .control("w"): prompt?.deleteWord()
        case .named(.escape), .control("g"), .control("c"): return giveUp()
        case .named(.enter): return enter()
        case .named(.tab): complete()
        case .control, .named: return
        }
        if kind.isIncremental, let text = prompt?.text { preview(kind, text) }
    }

    /// One key decides.
    private mutating func answer(_ key: Key, _ command: ControlCommand) {
        prompt = nil
        if key == "y" || key == "Y" { write(command) } else { say("\(command.text) was not written.") }
    }

    private mutating func giveUp() {
        let kind = prompt?.kind
        prompt = nil
        if kind == .search {
            go(to: searchOrigin, in: searchPlace)
            search = nil
        }
    }

    /// What was typed before at the same prompt.
    private mutating func recall(_ step: Int) {
        guard let prompt, let lines = typed[prompt.kind], !lines.isEmpty else { return }
        let place = lines.lastIndex(of: prompt.text) ?? lines.count
        let next = place + step
        self.prompt = Prompt(prompt.kind, text: lines.indices.contains(next) ? lines[next] : next < 0 ? lines[0] : "")
    }

    /// Tab fills in the rest of a command's or a place's name.
    private mutating func complete() {
        guard let prompt else { return }
        let names: [String] = switch prompt.kind {
        case .command: PromptCommand.names
        case .whatIf: SuppositionVerb.allCases.map(\.rawValue)
        case .address, .dump: placeNames.sorted()
        default: []
        }
        let matching = names.filter { $0.hasPrefix(prompt.text) }
        guard let first = matching.first else { return }
        let common = matching.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        self.prompt = Prompt(prompt.kind, text: common)
        if matching.count > 1 { say(matching.prefix(12).joined(separator: "  ")) }
    }

    private mutating func preview(_ kind: Prompt.Kind, _ text: String) {
        switch kind {
        case .search: find(text, from: searchOrigin)
        case .filter: if let filter = try? Self.filter(text) { filterObjects(filter) }
        case .logFilter: logFilter = text
        default: break
        }
    }

    private mutating func enter() {
        guard let typed = prompt else { return }
        prompt = nil
        message = nil
        let text = typed.text.trimmingBlanks
        if !text.isEmpty {
            self.typed[typed.kind, default: []].removeAll { $0 == text }
            self.typed[typed.kind, default: []].append(text)
        }
        switch typed.kind {
        case .command: if !text.isEmpty { run(PromptCommand(parsing: text)) }
        case .address: if !text.isEmpty { go(to: text) }
        case .dump: if !text.isEmpty { dump(text) }
        case .search: enter(search: text)
        case .filter: enter(filter: text)
        case .logFilter: logFilter = text
        case .note: write(note: text)
        case .export: if !text.isEmpty { export(to: text) }
        case .whatIf: if !text.isEmpty { suppose(text) }
        case .confirm(let command):
            if text == "yes" { write(command) } else { say("\(command.text) was not written.") }
        }
    }

    private mutating func enter(search text: String) {
        if case .objects = searchPlace, let problem = Self.problem(withFilter: text) { return complain(problem) }
        find(text, from: searchOrigin)
        guard let search else { return }
        if search.matches.isEmpty { return complain("\(text): not found.") }
        let position = searchPosition(in: search.place)
        say("\(text): match \(search.number(of: position) ?? 1) of \(search.matches.count); n next, N before, Esc ends the search.")
    }

    private mutating func enter(filter text: String) {
        do {
            filterObjects(try Self.filter(text))
            if list.filter != nil { say("\(list.rows.count) of \(list.objectCount) objects; Esc shows all.") }
        } catch {
            complain("filter: \(error)")
        }
    }

    /// nil for an empty text: all objects.
    private static func filter(_ text: String) throws(FilterError) -> ObjectFilter? {
        text.trimmingBlanks.isEmpty ? nil : try ObjectFilter(parsing: text)
    }

    private static func problem(withFilter text: String) -> String? {
        do {
            _ = try filter(text)
            return nil
        } catch {
            return "search: \(error)"
        }
    }

    /// What is typed after `:`.
    package mutating func run(_ command: PromptCommand) {
        switch command {
        case .quit: wantsToQuit = true
        case .help: show(.help)
        case .configuration: open(.configuration)
        case .roots: open(.roots)
        case .goTo(let text): go(to: text)
        case .advance(let text): advance(by: text)
        case .filter(let text): enter(filter: text)
        case .breakOn(let text): addBreakpoint(text)
        case .breakpoints: show(.breakpoints)
        case .deleteBreakpoint(let text): deleteBreakpoint(text)
        case .set(let text): set(text)
        case .suppose(let text): suppose(text)
        case .export(let text): export(to: text)
        case .graph(let text): exportGraph(to: text)
        case .undo: if let objection = objection(to: .undo) { complain(objection) } else { undo() }
        case .control(let text): control(text)
        }
    }

    private mutating func open(_ page: Page) {
        if let objection = objection(to: .show(page)) { complain(objection) } else { show(page) }
    }

    private mutating func advance(by text: String) {
        guard let span = Microseconds(seconds: text) else {
            return complain("advance: expected seconds, such as 5 or 0.25, found \"\(text)\"")
        }
        guard machine.scenario != nil else { return complain("advance: the clock of a capture stands still") }
        let scansBefore = kmemleak.scanCount, memory = kmemleak.recording?.outcome.memory
        machine.advance(by: span)
        journal.add(span)
        if playback == nil || kmemleak.scanCount > scansBefore { heapChanged() }
        showScanIfNew(since: scansBefore, memory)
        say("The clock stands at \(kmemleak.uptime.logStamp).")
        tellFailure()
    }

    private mutating func control(_ text: String) {
        do {
            switch try machine.command(text) {
            case .scan: startScan(animated: true)
            case .off where kmemleak.heap.isEnabled: prompt = Prompt(.confirm(.off))
            case .clear where kmemleak.heap.isEnabled: prompt = Prompt(.confirm(.clear))
            case let command: write(command)
            }
        } catch {
            complain("\(text): \(error)" + offHint)
        }
    }

    private mutating func dump(_ text: String) {
        do { write(.dump(try address(text))) } catch { complain("dump: \(error)") }
    }

    /// `set theme light`, `set mouse off`, `set ascii on`
    private mutating func set(_ text: String) {
        do {
            try settings.set(text)
            effects += [.saveSettings, .setMouse(settings.mouse)]
        } catch {
            complain("set: \(error)")
        }
    }
}

extension String {
    var trimmingBlanks: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
