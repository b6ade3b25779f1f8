import HeapModel
import Scanner

// Places: going to one by name, looking at memory that no object holds, showing one to a colleague.
extension AppState {
    /// Bytes that are looked at although they are no tracked object's.
    package struct ViewedMemory: Equatable, Sendable {
        package let range: AddressRange
        /// For headings: ".data", "free memory".
        package let name: String
    }

    /// Selects the object that contains the address, or shows what is there instead.
    mutating func go(to text: String) {
        do { look(at: try address(text)) } catch { complain("\(error)") }
    }

    /// The address that a text names: a number, a name, a symbol, each with an offset.
    package func address(_ text: String) throws(AddressError) -> Address { try AddressExpression.address(text, in: places) }

    /// All names that stand for addresses.
    private var places: AddressExpression.Places {
        let named = machine.names.merging(heap.roots.map { ($0.name, $0.range.start) }) { name, _ in name }
        return AddressExpression.Places(names: named, symbols: PrintedSymbol.starts(heap.symbols.all))
    }

    var placeNames: [String] { Array(places.names.keys) + places.symbols.keys }

    mutating func look(at address: Address) {
        if let id = index.object(containing: address) {
            let start = heap.objects.pointers[id.index]
            visit(id, offset: address - start)
            if address > start { say("\(address) is \(address - start) bytes into the object at \(start).") }
            bringToFront(.hex)
        } else if let memory = memory(at: address) {
            viewedMemory = memory
            hex.cursor = (address - memory.range.start) / UInt64(heap.profile.wordSize) * UInt64(heap.profile.wordSize)
            bringToFront(.hex)
            say(whatLies(at: address))
        } else {
            complain(whatLies(at: address))
        }
    }

    /// Returns whether an object is there.
    package mutating func selectObject(containing address: Address) -> Bool {
        guard let id = index.object(containing: address) else { return false }
        visit(id)
        return true
    }

    /// A root, or free memory up to the objects on both sides, a page of it at most.
    private func memory(at address: Address) -> ViewedMemory? {
        if let root = heap.roots.first(where: { $0.range.contains(address) }) {
            return ViewedMemory(range: root.range, name: root.label)
        }
        guard heap.memory[address] != nil else { return nil }
        let (below, above) = index.virtual.neighbours(of: address)
        let page: UInt64 = 4096
        var start = address.rawValue / page * page, end = start + (page - 1)
        if let below { start = max(start, heap.objects.range(of: below).end.rawValue) }
        if let above { end = min(end, heap.objects.pointers[above.index].rawValue - 1) }
        while heap.memory[Address(start)] == nil { start += 1 }
        while heap.memory[Address(end)] == nil { end -= 1 }
        return ViewedMemory(range: AddressRange(start: Address(start), size: end - start + 1), name: "free memory")
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

    // MARK: What the bytes pane shows

    /// Where the bytes shown begin; nil when there are none.
    var hexStart: Address? { viewedMemory?.range.start ?? selection.flatMap { heap.contents(of: $0).first?.start } }

    var hexSize: UInt64? { viewedMemory?.range.size ?? selection.map { heap.objects.sizes[$0.index] } }

    var hexRowWidth: UInt64 { hex.rowWidth ?? HexView.fittingWidth(columns: layout.area(of: .hex)?.columns ?? 0) }

    // MARK: To a colleague

    /// The command line that opens this very place.
    package var placeCommand: String {
        var words = ["kmemtop", source.shellQuoted]
        let script = journal.script
        if !script.isEmpty { words += ["--after", script.shellQuoted] }
        let address = viewedMemory.map { $0.range.start + hex.cursor } ?? selection.map { heap.objects.pointers[$0.index] }
        if let address { words += ["--at", address.description + (playback.map { "@\($0.tick)" } ?? "")] }
        return words.joined(separator: " ")
    }

    mutating func copyPlace() { effects.append(.copy(placeCommand)) }

    /// Opens the place that a command line tells.
    /// - Parameters:
    ///   - script: what is done first, as typed at the `:` prompt, separated by semicolons.
    ///   - tick: a moment of the last scan; without one in the script there is one first.
    /// - Returns: why that is no place; nil when it is.
    package mutating func open(script: String, address text: String?, tick: Tick?) -> String? {
        for command in script.split(separator: ";").map({ String($0).trimmingBlanks }) where !command.isEmpty {
            run(scripted: command)
            if let message, message.isError { return message.text }
        }
        if tick != nil, kmemleak.recording == nil { startScan(animated: false) }
        if let tick, let last = (playback?.recording ?? kmemleak.recording)?.lastTick, tick > last {
            return "expected a step of the scan from 0 to \(last), found \(tick)"
        }
        if let tick { jump(to: .tick(tick)) } else if playback != nil, whatIf == nil { showHeap() }
        message = nil
        guard let text else { return nil }
        isFollowing = false
        go(to: text)
        if tick != nil { bringToFront(.scan) }
        return message.flatMap { $0.isError ? $0.text : nil }
    }

    /// As at the prompt, but nothing is asked and nothing is played.
    private mutating func run(scripted text: String) {
        guard case .control(let command) = PromptCommand(parsing: text) else { return run(PromptCommand(parsing: text)) }
        do {
            switch try machine.command(command) {
            case .scan: startScan(animated: false)
            case let command: write(command)
            }
        } catch {
            complain("\(text): \(error)" + offHint)
        }
    }

    // MARK: Export

    mutating func export(to file: String) {
        let text: String
        switch file.split(separator: ".").last {
        case "txt": text = kmemleak.read()
        case "json":
            var json = ScanJSON(source: sourceName)
            if let recording = kmemleak.recording { json.add(recording) }
            text = json.text(kmemleak.heap, withObjects: false)
        case "dot": text = graphOfLeaks().dot
        case "svg": text = Screen(self).frame().svg(themeKind)
        case "ansi": text = Screen(self).frame().ansi(Theme(themeKind, depth: .palette256)) + "\n"
        default: return complain("\(file): expected a name that ends in .txt, .json, .dot, .svg or .ansi")
        }
        effects.append(.write(text, file: file))
    }
}

extension String {
    /// As one word of a shell's command line.
    fileprivate var shellQuoted: String {
        let isPlain = !isEmpty && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./+@:,=".contains($0)) }
        return isPlain ? self : "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
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
