extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Throws: where it is not one, with line and column.
    package init(yaml: [UInt8], file: String) throws(ScenarioError) {
        let top = try YAMLNode(yaml, file: file).mapping("a scenario", keys: ScenarioSyntax.names(ScenarioSyntax.top))
        let kernel = try top.required("kernel").mapping("kernel", keys: ScenarioSyntax.names(ScenarioSyntax.kernel))
        self.file = file
        name = try top.required("name").text("a name")
        title = try top["title"]?.text("a title") ?? ""
        description = try top["description"]?.text("a description") ?? ""
        profile = try Self.profile(kernel)
        boot = try Self.bootOptions(kernel)
        seed = try top["seed"]?.number("a seed") ?? 1
        clockSpeed = try Self.clockSpeed(top["clock"])
        cpuCount = Int(try kernel["cpus"]?.number("a number of CPUs", in: 1...UInt64(KernelLayout.cpuCounts.upperBound)) ?? 1)
        lowMemory = try kernel["low_memory"]?.number("a size", in: KernelLayout.pageSize...1 << 40)
        scanSpeed = try kernel["scan_speed"]?.number("words a second", in: 1...1_000_000_000)
        linearMap = try top["linear"].map { node throws(ScenarioError) in
            try Self.range(node.mapping("linear", keys: ["start", "size"]))
        } ?? KernelLayout(profile: profile, cpuCount: cpuCount).pages
        symbols = try Self.symbols(top["symbols"])
        backtraces = try Self.backtraces(top["backtraces"], symbols: symbols)
        sections = []
        areas = [:]
        tasks = []
        caches = try Self.caches(top["caches"])
        scanTime = try top["scan"]?.seconds("the time of the scan")
        readTime = try top["read"]?.seconds("the time of reading")
        steps = try ScenarioStepReader.steps(top.required("steps"))
        test = try top["test"].map { node throws(ScenarioError) in try ScenarioStepReader.steps(node) } ?? []
        workload = try Self.workload(top["workload"])
        // In a kernel that is not seen to boot the thread does not run: as without the option.
        if kernel["auto_scan"] == nil { boot.autoScan = bootsByItself }
        guard linearMap.start.rawValue % KernelLayout.pageSize == 0 else {
            throw try top.required("linear").error("expected a start divisible by \(KernelLayout.pageSize), found \(linearMap.start)")
        }
        // What stands in the kernel's own linear map is kept free of slabs.
        var taken = [top["linear"] == nil ? AddressRange(start: linearMap.start, size: 0) : linearMap]
        try readMemory(top["memory"], &taken)
        try readTasks(top["tasks"], &taken)
        if usesVmalloc {
            sections.append(Root(kind: .data, name: VmapAreaList.rootName, range: VmapAreaList.root(profile)))
        }
    }

    /// Whether its steps boot kmemleak.
    package var bootsByItself: Bool {
        steps.contains { step in if case .initKmemleak = step.action { true } else { false } }
    }

    /// Whether a step takes memory from vmalloc space.
    private var usesVmalloc: Bool {
        func uses(_ steps: [Step]) -> Bool {
            steps.contains { step in
                switch step.action {
                case .vmalloc, .module: true
                case .loop(let loop): uses(loop.steps)
                case .during(let during): uses(during.steps)
                default: false
                }
            }
        }
        return uses(steps) || uses(test) || workload.contains { uses($0.steps) }
    }

    private static func profile(_ kernel: YAMLMapping) throws(ScenarioError) -> KernelProfile {
        var profile = KernelProfile(
            release: try kernel.required("release").text("a release"),
            architecture: try kernel.required("arch").choice("an architecture"),
            hz: try kernel["hz"]?.number("HZ", in: 24...1200) ?? 250,
            style: try kernel["style"].map { node throws(ScenarioError) in try node.choice("a style") })
        profile.hasFiveLevelPaging = try kernel["paging"]?.number("levels of page tables", in: 4...5) == 5
        return profile
    }

    private static func bootOptions(_ kernel: YAMLMapping) throws(ScenarioError) -> BootOptions {
        var boot = BootOptions()
        boot.commandLine = try kernel["kmemleak"]?.text("an option of the command line")
        boot.isDefaultOff = try kernel["default_off"]?.flag("default_off") ?? false
        boot.autoScan = try kernel["auto_scan"]?.flag("auto_scan") ?? false
        boot.earlyLogSize = Int(try kernel["early_log_size"]?.number("a number of entries", in: 1...1_000_000) ?? 400)
        boot.memoryPoolSize = Int(try kernel["mem_pool_size"]?.number("a number of records", in: 1...1_000_000) ?? 16000)
        boot.isVerbose = try kernel["verbose"]?.flag("verbose") ?? false
        boot.minUnrefScans = UInt32(try kernel["min_unref_scans"]?.number("a number of scans", in: 1...1000) ?? 1)
        return boot
    }

    private static func clockSpeed(_ node: YAMLNode?) throws(ScenarioError) -> Int {
        guard let node else { return 0 }
        switch try node.text("a speed") {
        case "paused": return 0
        case "1x": return 1
        case "10x": return 10
        case "100x": return 100
        case let text: throw node.error("expected a speed: paused, 1x, 10x, 100x; found \"\(text)\"")
        }
    }

    private static func caches(_ node: YAMLNode?) throws(ScenarioError) -> [String: SlabCache] {
        var caches: [String: SlabCache] = [:]
        for item in try node?.list("caches", atMost: 1000) ?? [] {
            let cache = try item.mapping("a cache", keys: ScenarioSyntax.keys(of: "caches"))
            let nameNode = try cache.required("name"), name = try nameNode.text("a name")
            guard caches[name] == nil else {
                throw nameNode.error("expected a name of its own, found \"\(name)\" again")
            }
            let alignment = try cache["align"]?.number("an alignment", in: 1...4096) ?? 8
            guard alignment.nonzeroBitCount == 1 else {
                throw try cache.required("align").error("expected a power of two, found \(alignment)")
            }
            caches[name] = SlabCache(
                objectSize: try cache.required("size").number("a size", in: 1...1 << 24), alignment: alignment,
                isPoisoned: try cache["poison"]?.flag("poison") ?? false,
                isUntracked: try cache["noleaktrace"]?.flag("noleaktrace") ?? false)
        }
        return caches
    }

    private static func workload(_ node: YAMLNode?) throws(ScenarioError) -> [Work] {
        var workload: [Work] = []
        for item in try node?.list("work", atMost: 100) ?? [] {
            let work = try item.mapping("work", keys: ScenarioSyntax.keys(of: "workload"))
            let every = try work.required("every"), period = try every.seconds("seconds between rounds")
            guard period.rawValue >= 1000 else { throw every.error("expected at least 0.001 s between rounds, found \(period.logStamp)") }
            let steps = try ScenarioStepReader.steps(work.required("steps"))
            if let step = Self.clockStep(in: steps) {
                throw ScenarioError(
                    file: item.file, line: step.line, column: step.column,
                    message: "\(step.verb) has no place in a workload: it is the clock that brings a round")
            }
            workload.append(Work(every: period, from: try work["from"]?.seconds("a time"), steps: steps))
        }
        return workload
    }

    /// A step that moves the clock; those of a `during` move the scan's.
    private static func clockStep(in steps: [Step]) -> Step? {
        for step in steps {
            switch step.action {
            case .time, .advance: return step
            case .loop(let loop): if let step = clockStep(in: loop.steps) { return step }
            default: break
            }
        }
        return nil
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
            let mapping = try item.mapping("a memory range", keys: ScenarioSyntax.keys(of: "memory"))
            let nameNode = try mapping.required("name"), name = try nameNode.text("a name"), range = try Self.range(mapping)
            let kind = try mapping.required("kind")
            guard areas[name] == nil, !sections.contains(where: { $0.name == name }) else {
                throw nameNode.error("expected a name of its own, found \"\(name)\" again")
            }
            try Self.take(range, &taken, item)
            if try kind.text("a kind") == "area" {
                areas[name] = range
            } else {
                let root: Root.Kind = try kind.choice("area, or the kind of a root")
                guard root != .stack else { throw kind.error("expected stacks among the tasks, found one in memory") }
                sections.append(Root(kind: root, name: name, range: range))
            }
        }
    }

    private mutating func readTasks(_ node: YAMLNode?, _ taken: inout [AddressRange]) throws(ScenarioError) {
        for item in try node?.list("tasks", atMost: 1000) ?? [] {
            let task = try item.mapping("a task", keys: ScenarioSyntax.keys(of: "tasks"))
            let stack = AddressRange(
                start: try task.required("stack").address("the address of a stack"),
                size: try task["stack_size"]?.number("a stack size", in: 64...65536) ?? 16384)
            try Self.take(stack, &taken, item)
            let pidNode = try task.required("pid"), pid = Int32(try pidNode.number("a pid", in: Scenario.pids))
            guard !tasks.contains(where: { $0.pid == pid }) else {
                throw pidNode.error("expected a pid of its own, found \(pid) again")
            }
            tasks.append(Task(pid: pid, comm: try task.required("comm").text("a comm"), stack: stack))
        }
    }

    private static func symbols(_ node: YAMLNode?) throws(ScenarioError) -> [Address: String] {
        var symbols: [Address: String] = [:]
        for (key, value) in try node?.members("symbols") ?? [] {
            let address = try key.address("an address")
            guard symbols[address] == nil else { throw key.error("\(address) stands here twice") }
            symbols[address] = try value.text("a symbol")
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
