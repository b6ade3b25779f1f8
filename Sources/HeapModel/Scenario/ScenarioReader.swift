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
        backtraces = try Self.backtraces(top["backtraces"], symbols: symbols)
        sections = []
        areas = [:]
        tasks = []
        scanTime = try top["scan"]?.seconds("the time of the scan")
        readTime = try top["read"]?.seconds("the time of reading")
        steps = try ScenarioStepReader.steps(top.required("steps"))
        guard linearMap.start.rawValue % SlabAllocator.pageSize == 0 else {
            throw try top.required("linear").error("expected a start divisible by \(SlabAllocator.pageSize), found \(linearMap.start)")
        }
        var taken = [linearMap]
        try readMemory(top["memory"], &taken)
        try readTasks(top["tasks"], &taken)
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

    /// Adds a range of memory to those taken.
    private static func take(_ range: AddressRange, _ taken: inout [AddressRange], _ node: YAMLNode) throws(ScenarioError) {
        guard range.isValid else { throw node.error("the range reaches past the top of the address space") }
        if let other = taken.first(where: { $0.overlaps(range) }) {
            throw node.error("expected memory of its own, found an overlap with the \(other.size) bytes at \(other.start)")
        }
        taken.append(range)
        guard taken.dropFirst().reduce(0, { $0 + $1.size }) <= SimulatedKernel.memoryLimit else {
            throw node.error("expected at most \(SimulatedKernel.memoryLimit >> 20) MiB of memory, found more")
        }
    }

    /// `kind: area` is memory that no scan begins at; all other kinds are roots.
    private mutating func readMemory(_ node: YAMLNode?, _ taken: inout [AddressRange]) throws(ScenarioError) {
        for item in try node?.list("memory ranges", atMost: 1000) ?? [] {
            let mapping = try item.mapping("a memory range", keys: ["kind", "name", "start", "size"])
            let nameNode = try mapping.required("name"), name = try nameNode.text("a name"), range = try Self.range(mapping)
            let kind = try mapping.required("kind")
            guard areas[name] == nil, !sections.contains(where: { $0.name == name }) else {
                throw nameNode.error("expected a name of its own, found \"\(name)\" again")
            }
            try Self.take(range, &taken, item)
            if try kind.text("a kind") == "area" {
                areas[name] = range
            } else {
                let root: Root.Kind = try Self.choice(kind, "area, or the kind of a root")
                guard root != .stack else { throw kind.error("expected stacks among the tasks, found one in memory") }
                sections.append(Root(kind: root, name: name, range: range))
            }
        }
    }

    private mutating func readTasks(_ node: YAMLNode?, _ taken: inout [AddressRange]) throws(ScenarioError) {
        for item in try node?.list("tasks", atMost: 1000) ?? [] {
            let task = try item.mapping("a task", keys: ["pid", "comm", "stack", "stack_size"])
            let stack = AddressRange(
                start: try task.required("stack").address("the address of a stack"),
                size: try task["stack_size"]?.number("a stack size", in: 64...65536) ?? 16384)
            try Self.take(stack, &taken, item)
            let pidNode = try task.required("pid"), pid = Int32(try pidNode.number("a pid", in: 0...4_194_304))
            guard !tasks.contains(where: { $0.pid == pid }) else {
                throw pidNode.error("expected a pid of its own, found \(pid) again")
            }
            tasks.append(Task(pid: pid, comm: try task.required("comm").text("a comm"), stack: stack))
        }
    }

    private static func symbols(_ node: YAMLNode?) throws(ScenarioError) -> [Address: String] {
        var symbols: [Address: String] = [:]
        for (key, value) in try node?.members("symbols") ?? [] {
            symbols[try key.address("an address")] = try value.text("a symbol")
        }
        return symbols
    }

    /// Backtraces of addresses, symbols and the names of earlier backtraces.
    private static func backtraces(_ node: YAMLNode?, symbols: [Address: String]) throws(ScenarioError) -> [String: [Address]] {
        let addresses = [String: Address](symbols.map { ($1, $0) }, uniquingKeysWith: min)
        var backtraces: [String: [Address]] = [:]
        for (key, value) in try node?.members("backtraces") ?? [] {
            var frames: [Address] = []
            for frame in try value.list("frames", atMost: TraceDepot.maxFrames) {
                let text = try frame.text("an address, a symbol or an earlier backtrace")
                if let address = Expression.number(text).map(Address.init) ?? addresses[text] {
                    frames.append(address)
                } else if let tail = backtraces[text] {
                    frames += tail
                } else {
                    let near = NearestNames.to(text, in: (Array(addresses.keys) + Array(backtraces.keys)).sorted()).first
                    throw frame.error("expected an address, a symbol or an earlier backtrace, found \"\(text)\""
                        + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
                }
            }
            // The kernel keeps the innermost frames of a deeper stack.
            backtraces[try key.text("a name")] = Array(frames.prefix(TraceDepot.maxFrames))
        }
        return backtraces
    }
}
