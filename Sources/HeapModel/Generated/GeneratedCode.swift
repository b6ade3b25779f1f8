/// The code of a generated heap's kernel: functions at addresses, and the ways in which calls lead to an allocation.
struct GeneratedCode {
    private(set) var symbols = Symbols()
    private(set) var traces = TraceDepot()
    /// By context and kind of allocation.
    private var common: [[TraceID]]
    private var functions: [String: Function] = [:]
    private var nextText: UInt64 = 0xffff_ffff_8100_0000
    private var namedGlobals = 0

    private struct Function {
        var start: UInt64
        var size: Int
        /// Offsets of the instructions behind its calls.
        var sites: [Int]
    }

    /// Which function of the allocator is asked.
    enum Allocation: Int, CaseIterable {
        case kmalloc, cache, vmalloc, percpu

        fileprivate var functions: [String] {
            switch self {
            case .kmalloc: ["__kmalloc_cache_noprof", "__kmalloc_noprof", "__kmalloc_node_track_caller_noprof"]
            case .cache: ["kmem_cache_alloc_noprof", "kmem_cache_alloc_lru_noprof"]
            case .vmalloc: ["__vmalloc_node_range_noprof", "vzalloc_noprof"]
            case .percpu: ["pcpu_alloc_noprof"]
            }
        }
    }

    init(objects: Int, _ random: inout SplitMix64) {
        common = [[TraceID]](repeating: [], count: GeneratedTask.Context.allCases.count * Allocation.allCases.count)
        let count = min(max(objects / 64, 2), 300)
        for context in GeneratedTask.Context.allCases {
            for allocation in Allocation.allCases {
                let share = allocation == .vmalloc || allocation == .percpu ? max(1, count / 10) : count
                for _ in 0..<share {
                    if let id = makeTrace(context, allocation, &random) { common[Self.list(context, allocation)].append(id) }
                }
            }
        }
    }

    private static func list(_ context: GeneratedTask.Context, _ allocation: Allocation) -> Int {
        context.rawValue * Allocation.allCases.count + allocation.rawValue
    }

    /// A trace of those at hand; a few of them are far more frequent than the rest.
    func trace(_ context: GeneratedTask.Context, _ allocation: Allocation, _ random: inout SplitMix64) -> TraceID {
        let traces = common[Self.list(context, allocation)]
        return traces[random.skewed(traces.count)]
    }

    /// A trace through a driver that forgets what it allocates.
    mutating func leakingTrace(
        _ context: GeneratedTask.Context, _ allocation: Allocation, _ random: inout SplitMix64
    ) -> TraceID? {
        makeTrace(context, allocation, Self.leakyPaths[random.below(Self.leakyPaths.count)], &random)
    }

    private mutating func makeTrace(
        _ context: GeneratedTask.Context, _ allocation: Allocation, _ random: inout SplitMix64
    ) -> TraceID? {
        let paths = Self.paths[context.rawValue]
        return makeTrace(context, allocation, paths[random.below(paths.count)], &random)
    }

    private mutating func makeTrace(
        _ context: GeneratedTask.Context, _ allocation: Allocation, _ path: String, _ random: inout SplitMix64
    ) -> TraceID? {
        let names = Self.entries[context.rawValue] + path.split(separator: " ").map(String.init)
        var frames: [Address] = []
        for name in names { frames.append(returnAddress(in: name, &random)) }
        frames.append(returnAddress(in: allocation.functions[random.below(allocation.functions.count)], &random))
        return traces.insert(frames.reversed())
    }

    private mutating func returnAddress(in name: String, _ random: inout SplitMix64) -> Address {
        let function = function(name, &random)
        let offset = function.sites[random.skewed(function.sites.count)]
        let address = Address(function.start + UInt64(offset))
        symbols.define(address, "\(name)+0x\(String(offset, radix: 16))/0x\(String(function.size, radix: 16))")
        return address
    }

    private mutating func function(_ name: String, _ random: inout SplitMix64) -> Function {
        if let function = functions[name] { return function }
        let size = 0x40 + 16 * random.below(120)
        let function = Function(start: nextText, size: size, sites: (0..<6).map { _ in 5 + random.below(size - 5) })
        nextText += UInt64(size + 0x1000)
        functions[name] = function
        return function
    }

    /// Gives a word of `.data` or `.bss` the name of a variable, as long as there are names.
    mutating func nameGlobal(_ address: Address) {
        guard namedGlobals < Self.globals.count else { return }
        symbols.define(address, Self.globals[namedGlobals] + "+0x0/0x8")
        namedGlobals += 1
    }
}
