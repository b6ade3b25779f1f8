extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Throws: where it is not one, with line and column.
    package init(yaml: [UInt8], file: String) throws(ScenarioError) {
        let top = try YAMLNode(yaml, file: file).mapping("a scenario", keys: [
            "name", "title", "description", "kernel", "linear", "memory", "tasks", "symbols", "backtraces", "steps", "scan", "read",
        ])
        self.file = file
        name = try top.required("name").text("a name")
        title = try top["title"]?.text("a title") ?? ""
        description = try top["description"]?.text("a description") ?? ""
        profile = try Self.profile(top.required("kernel"))
        linearMap = try Self.range(top.required("linear").mapping("linear", keys: ["start", "size"]))
        symbols = try Self.symbols(top["symbols"])
        backtraces = try Self.backtraces(top["backtraces"])
        sections = []
        areas = [:]
        tasks = try Self.tasks(top["tasks"])
        scanTime = try top["scan"]?.seconds("the time of the scan")
        readTime = try top["read"]?.seconds("the time of reading")
        steps = try Self.steps(top.required("steps"), depth: 0)
        try readMemory(top["memory"])
    }

    private static func profile(_ node: YAMLNode) throws(ScenarioError) -> KernelProfile {
        let kernel = try node.mapping("kernel", keys: ["release", "arch", "hz", "style"])
        let architecture: KernelProfile.Architecture = try choice(kernel.required("arch"), "an architecture")
        return KernelProfile(
            release: try kernel.required("release").text("a release"), architecture: architecture,
            hz: try kernel["hz"]?.number("HZ", in: 24...1200) ?? 250,
            style: try kernel["style"].map { node throws(ScenarioError) in try choice(node, "a style") })
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode, _ what: String
    ) throws(ScenarioError) -> Choice {
        let text = try node.text(what)
        guard let choice = Choice(rawValue: text) else {
            throw node.error("expected \(what): \(Choice.allCases.map(\.rawValue).joined(separator: ", ")); found \"\(text)\"")
        }
        return choice
    }

    private static func range(_ mapping: YAMLMapping) throws(ScenarioError) -> AddressRange {
        let range = AddressRange(
            start: try mapping.required("start").address("an address"),
            size: try mapping.required("size").number("a size", in: 1...1 << 40))
        guard range.isValid else { throw mapping.node.error("the range reaches past the top of the address space") }
        return range
    }

    /// `kind: area` is memory that no scan begins at; all other kinds are roots.
    private mutating func readMemory(_ node: YAMLNode?) throws(ScenarioError) {
        for item in try node?.list("memory ranges") ?? [] {
            let mapping = try item.mapping("a memory range", keys: ["kind", "name", "start", "size"])
            let name = try mapping.required("name").text("a name"), range = try Self.range(mapping)
            let kind = try mapping.required("kind")
            if try kind.text("a kind") == "area" {
                areas[name] = range
            } else {
                let root: Root.Kind = try Self.choice(kind, "area, or the kind of a root")
                guard root != .stack else { throw kind.error("stacks belong to tasks, not to memory") }
                sections.append(Root(kind: root, name: name, range: range))
            }
        }
    }

    private static func tasks(_ node: YAMLNode?) throws(ScenarioError) -> [Task] {
        var tasks: [Task] = []
        for item in try node?.list("tasks") ?? [] {
            let task = try item.mapping("a task", keys: ["pid", "comm", "stack", "stack_size"])
            let stack = AddressRange(
                start: try task.required("stack").address("the address of a stack"),
                size: try task["stack_size"]?.number("a stack size", in: 64...65536) ?? 16384)
            guard stack.isValid else { throw item.error("the stack reaches past the top of the address space") }
            tasks.append(Task(
                pid: Int32(try task.required("pid").number("a pid", in: 0...4_194_304)),
                comm: try task.required("comm").text("a comm"), stack: stack))
        }
        return tasks
    }

    private static func symbols(_ node: YAMLNode?) throws(ScenarioError) -> [Address: String] {
        var symbols: [Address: String] = [:]
        for (key, value) in try node?.members("symbols") ?? [] {
            symbols[try key.address("an address")] = try value.text("a symbol")
        }
        return symbols
    }

    private static func backtraces(_ node: YAMLNode?) throws(ScenarioError) -> [String: [Address]] {
        var backtraces: [String: [Address]] = [:]
        for (key, value) in try node?.members("backtraces") ?? [] {
            var frames: [Address] = []
            for frame in try value.list("addresses") { frames.append(try frame.address("an address")) }
            backtraces[try key.text("a name")] = frames
        }
        return backtraces
    }

    // MARK: Steps

    private static func steps(_ node: YAMLNode, depth: Int) throws(ScenarioError) -> [Step] {
        guard depth < 8 else { throw node.error("repeats are nested deeper than 8 levels") }
        var steps: [Step] = []
        for item in try node.list("steps") {
            let members = try item.members("a step")
            guard members.count == 1, let member = members.first else { throw item.error("a step has one key, this has \(members.count)") }
            let verb = try member.key.text("a step")
            guard let read = readers[verb] else {
                let near = NearestNames.to(verb, in: readers.keys.sorted()).first
                throw member.key.error("no step is called \"\(verb)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "; there are \(readers.keys.sorted().joined(separator: ", "))"))
            }
            steps.append(Step(action: try read(member.value, depth), line: item.line, column: item.column))
        }
        return steps
    }

    /// Each step by its name.
    private static let readers: [String: @Sendable (YAMLNode, Int) throws(ScenarioError) -> Action] = [
        "time": { node, _ throws(ScenarioError) in .time(try node.seconds("a time")) },
        "advance": { node, _ throws(ScenarioError) in .advance(try node.seconds("a time span")) },
        "task": { node, _ throws(ScenarioError) in .task(Int32(try node.number("a pid", in: 0...4_194_304))) },
        "alloc": { node, _ throws(ScenarioError) in try .alloc(alloc(node)) },
        "free": { node, _ throws(ScenarioError) in .free(try node.text("an object's name")) },
        "store": { node, _ throws(ScenarioError) in try store(node) },
        "write": { node, _ throws(ScenarioError) in try write(node) },
        "clear": { node, _ throws(ScenarioError) in .word("0", at: try node.text("a place")) },
        "not_leak": { node, _ throws(ScenarioError) in .annotate(.notLeak, try node.text("an object's name")) },
        "ignore": { node, _ throws(ScenarioError) in .annotate(.ignore, try node.text("an object's name")) },
        "no_scan": { node, _ throws(ScenarioError) in .annotate(.noScan, try node.text("an object's name")) },
        "log": { node, _ throws(ScenarioError) in .log(try node.text("a log line")) },
        "repeat": { node, depth throws(ScenarioError) in
            let loop = try node.mapping("repeat", keys: ["times", "as", "steps"])
            return .loop(
                times: Int(try loop.required("times").number("a count", in: 0...100_000)),
                variable: try loop["as"]?.text("a name") ?? "i", steps: try steps(loop.required("steps"), depth: depth + 1))
        },
    ]

    private static func alloc(_ node: YAMLNode) throws(ScenarioError) -> Alloc {
        let alloc = try node.mapping("alloc", keys: ["name", "size", "cache", "address", "backtrace", "min_count", "zero"])
        return Alloc(
            name: try alloc.required("name").text("a name"),
            size: try alloc.required("size").number("a size", in: 1...1 << 24),
            cache: try alloc["cache"]?.text("a cache's name"), address: try alloc["address"]?.address("an address"),
            backtrace: try alloc["backtrace"]?.text("a backtrace's name"),
            minCount: Int32(try alloc["min_count"]?.number("min_count", in: 0...1000) ?? 1),
            zero: try alloc["zero"]?.flag("zero") ?? true)
    }

    private static func store(_ node: YAMLNode) throws(ScenarioError) -> Action {
        let store = try node.mapping("store", keys: ["pointer", "at", "xor", "shift"])
        return .store(
            pointer: try store.required("pointer").text("a place"), at: try store.required("at").text("a place"),
            xor: try store["xor"]?.number("a mask") ?? 0, shift: try store["shift"]?.number("a shift", in: 0...63) ?? 0)
    }

    private static func write(_ node: YAMLNode) throws(ScenarioError) -> Action {
        let write = try node.mapping("write", keys: ["at", "hex", "text", "word"])
        let place = try write.required("at").text("a place")
        if let hex = write["hex"] {
            let digits = try hex.text("hexadecimal bytes").filter { $0 != " " }
            guard digits.count % 2 == 0, digits.allSatisfy(\.isHexDigit), digits.allSatisfy(\.isASCII) else {
                throw hex.error("expected pairs of hexadecimal digits")
            }
            let characters = Array(digits)
            return .bytes(stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(characters[$0...$0 + 1]), radix: 16) }, at: place)
        }
        if let text = write["text"] { return .text(try text.text("text"), at: place) }
        if let word = write["word"] { return .word(try word.text("a number"), at: place) }
        throw node.error("write needs \"hex\", \"text\" or \"word\"")
    }
}
