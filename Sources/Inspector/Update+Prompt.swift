import HeapModel
import Scanner

extension AppState {
    mutating func ask(_ kind: Prompt.Kind) {
        show(nil)
        let offered = kind == .dump ? selection.map { heap.objects.pointers[$0.index].description } : nil
        prompt = Prompt(kind, text: offered ?? "")
    }

    /// A key while a line is being typed.
    mutating func type(_ key: Key) {
        switch key {
        case .character(let character): prompt?.text.append(character)
        case .named(.backspace):
            if prompt?.text.isEmpty == true { prompt = nil } else { prompt?.text.removeLast() }
        case .control("u"): prompt?.text = ""
        case .control("w"): prompt?.removeWord()
        case .named(.escape), .control("g"): prompt = nil
        case .named(.enter):
            guard let typed = prompt else { return }
            prompt = nil
            message = nil
            enter(typed)
        case .control, .named: break
        }
    }

    private mutating func enter(_ typed: Prompt) {
        let text = typed.text.trimmingBlanks
        switch typed.kind {
        case .command: if !text.isEmpty { run(PromptCommand(parsing: text)) }
        case .address: if !text.isEmpty { go(to: text) }
        case .dump: if !text.isEmpty { dump(text) }
        case .confirm(let command):
            if text == "yes" { write(command) } else { say("\(command.text) was not written.") }
        }
    }

    private mutating func run(_ command: PromptCommand) {
        switch command {
        case .quit: wantsToQuit = true
        case .help: show(.help)
        case .configuration:
            if machine.scenario == nil { complain("A capture does not tell how its kernel was configured.") } else { show(.configuration) }
        case .goTo(let text): go(to: text)
        case .advance(let text):
            guard let span = Microseconds(seconds: text) else {
                return complain("advance: expected seconds, such as 5 or 0.25, found \"\(text)\"")
            }
            let scansBefore = kmemleak.scanCount
            machine.advance(by: span)
            showScanIfNew(since: scansBefore)
            say("The clock stands at \(kmemleak.uptime.logStamp).")
        case .control(let text): control(text)
        }
    }

    private mutating func control(_ text: String) {
        do {
            switch try machine.command(text) {
            case .scan: startScan(animated: true)
            case .off where kmemleak.heap.isEnabled: prompt = Prompt(.confirm(.off))
            case let command: write(command)
            }
        } catch {
            complain("\(text): \(error)" + offHint)
        }
    }

    private mutating func dump(_ text: String) {
        guard let address = Address(parsing: text) else {
            return complain("\(text): expected an address, such as 0xffff888000ad0c00")
        }
        write(.dump(address))
    }

    /// Selects the object that contains the address, or says what is there instead.
    private mutating func go(to text: String) {
        guard let address = Address(parsing: text) else {
            return complain("\(text): expected an address, such as 0xffff888000ad0c00")
        }
        guard let id = index.object(containing: address) else { return complain(whatLies(at: address)) }
        isFollowing = false
        select(id)
        let offset = address - heap.objects.pointers[id.index]
        if offset > 0 { say("\(address) is \(offset) bytes into the object at \(heap.objects.pointers[id.index]).") }
    }

    private func whatLies(at address: Address) -> String {
        if let root = heap.roots.first(where: { $0.range.contains(address) }) {
            return "\(address) is \(address - root.range.start) bytes into \(root.label), which is scanned but not tracked."
        }
        let (below, above) = index.virtual.neighbours(of: address)
        let nearest = [below, above].compactMap { $0 }.map { heap.objects.range(of: $0) }.map { "\($0.start) (size \($0.size))" }
        let held = heap.memory[address] == nil ? "not captured" : "free"
        return "\(address) is \(held): no object contains it"
            + (nearest.isEmpty ? "." : "; the nearest are \(nearest.joined(separator: " and ")).")
    }
}

extension Prompt {
    fileprivate mutating func removeWord() {
        while text.last == " " { text.removeLast() }
        while let last = text.last, last != " " { text.removeLast() }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension Root {
    /// The root's name for a sentence: `.data`, `cpu 0`, `the stack of khubd (pid 51)`.
    package var label: String {
        switch kind {
        case .stack: "the stack of \(name)" + (pid.map { " (pid \($0))" } ?? "")
        case .structPage: "struct pages, \(name)"
        case .data, .bss: name
        case .percpu: "per-CPU data, \(name)"
        }
    }
}
