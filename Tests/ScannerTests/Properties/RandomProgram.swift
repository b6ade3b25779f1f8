import HeapModel

/// A program of hook calls, writes, commands and clock steps in a small world.
struct RandomProgram {
    enum Step: CustomStringConvertible {
        case hook(Hook, Caller)
        /// A word at an address.
        case store(UInt64, UInt64)
        case command(String)
        /// Microseconds.
        case wait(UInt64)
        case slabFails(Bool)
        case initialize, initializeLate, cleanUp

        var description: String {
            switch self {
            case .hook(let hook, let caller): "\(hook) by \(caller.comm.string) \(caller.backtrace.map(\.rawValue))"
            case .store(let word, let address): "0x\(String(word, radix: 16)) at 0x\(String(address, radix: 16))"
            case .command(let text): "write \(text.debugDescription)"
            case .wait(let span): "wait \(span) us"
            case .slabFails(let fails): "slab fails: \(fails)"
            case .initialize: "kmemleak_init()"
            case .initializeLate: "kmemleak_late_init()"
            case .cleanUp: "the cleanup work runs"
            }
        }
    }

    let style: KernelProfile.Style
    var options = BootOptions()
    /// Memory, roots and what addresses mean.
    private(set) var heap: Heap
    private(set) var steps: [Step] = []
    private var random: SplitMix64

    // Blocks of 64 bytes from here on; physical ones at their address less `physToVirt`; per-CPU ones less an offset.
    private static let blocks: UInt64 = 0x10000, blockCount: UInt64 = 12
    private static let physToVirt: UInt64 = 0xc000
    private static let perCPUOffsets: [UInt64] = [0xf000, 0xf200]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let styles = KernelProfile.Style.allCases
        style = styles[Int(seed % UInt64(styles.count))]
        heap = Heap(profile: KernelProfile(release: "test", architecture: .x86_64, style: style))
        for range in [(0x1000, 128), (0x2000, 64), (0x3000, 32), (Self.blocks, Self.blockCount * 64)] as [(UInt64, UInt64)] {
            let isAdded = heap.memory.add(AddressRange(start: Address(range.0), size: range.1))
            precondition(isAdded)
        }
        heap.roots = [
            Root(kind: .data, name: ".data", range: AddressRange(start: Address(0x1000), size: 128)),
            Root(kind: .percpu, name: "cpu 0", range: AddressRange(start: Address(0x2000), size: 64)),
            Root(kind: .stack, name: "task", range: AddressRange(start: Address(0x3000), size: 32), pid: 4),
        ]
        heap.physToVirt = Self.physToVirt
        heap.perCPUOffsets = Self.perCPUOffsets
        if next(2) == 0 { heap.lowPageFrames = 4...(next(2) == 0 ? 4 : 5) }
        chooseOptions()
        // Half of the programs begin before kmemleak does.
        let early = next(2) == 0
        if early { for _ in 0..<next(6) { steps.append(anyStep(isEarly: true)) } }
        steps.append(.initialize)
        if early { for _ in 0..<next(3) { steps.append(anyStep(isEarly: true)) } }
        steps.append(.initializeLate)
        for _ in 0..<8 + next(24) { steps.append(anyStep(isEarly: false)) }
    }

    private mutating func next(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(elements.count)] }

    private mutating func chooseOptions() {
        options.commandLine = next(12) == 0 ? pick(["off", "on", "junk", ""]) : nil
        options.isDefaultOff = next(25) == 0
        options.autoScan = next(3) > 0
        options.earlyLogSize = next(3) == 0 ? 1 + next(3) : 400
        options.memoryPoolSize = next(3) == 0 ? 1 + next(5) : 16000
        options.isVerbose = next(4) == 0
        options.minUnrefScans = UInt32(1 + next(2))
    }

    private mutating func anyStep(isEarly: Bool) -> Step {
        switch next(isEarly ? 16 : 24) {
        case 0..<9: .hook(anyHook(), anyCaller())
        case 9..<13: .store(anyWord(), anyPlace())
        case 13: .wait(UInt64(pick([1, 3999, 4000, 5_000_000, 4_996_000, 61_000_000, 700_000_000])))
        case 14: .slabFails(next(3) == 0)
        case 15: .cleanUp
        case 16..<20: .command(pick(["scan", "scan\n", "scan=5", "clear", "stack=off", "stack=on", "scan"]))
        case 20: .wait(UInt64(5_000_000 + next(10) * 1_000_000))
        default: .command(anyCommand())
        }
    }

    private mutating func anyBlock() -> UInt64 { Self.blocks + UInt64(next(Int(Self.blockCount))) * 64 }

    private mutating func anyPlace() -> UInt64 {
        switch next(4) {
        case 0: 0x1000 + UInt64(next(16)) * 8
        case 1: pick([0x2000, 0x2008, 0x2038, 0x3000, 0x3018])
        default: anyBlock() + UInt64(next(8)) * 8
        }
    }

    private mutating func anyWord() -> UInt64 {
        switch next(6) {
        case 0: 0
        case 1: anyBlock() + UInt64(next(64))
        case 2: anyBlock() - Self.perCPUOffsets[next(2)]
        default: anyBlock()
        }
    }

    private mutating func anyCaller() -> Caller {
        let context: Caller.Context = pick([.hardirq, .softirq, .task(pid: 1, comm: "init"), .task(pid: 1, comm: "init"), .task(pid: 77, comm: "a-very-long-name-of-a-task")])
        return Caller(context, backtrace: pick([[], [0x51], [0x51, 0x52], [0x53], (1...18).map { $0 }]).map { Address($0) })
    }

    /// Usually where a block may start; else inside of one, nowhere, NULL or an error pointer.
    private mutating func anyStart() -> UInt64 {
        switch next(12) {
        case 0: anyBlock() + UInt64(next(63)) + 1
        case 1: pick([0, .max, .max - 4094, .max - 4095, 0x5000])
        default: anyBlock()
        }
    }

    private mutating func anyRange() -> AddressRange {
        let start = anyStart()
        return AddressRange(start: Address(start), size: start > 0x100000 ? 8 : pick([8, 24, 32, 63, 64, 64, 64, 64, 64, 100, 128]))
    }

    private mutating func anyHook() -> Hook {
        let range = anyRange(), start = range.start
        let place = (Self.blocks...Self.blocks + 0x1000).contains(start.rawValue) ? start.rawValue : anyBlock()
        let phys = AddressRange(start: Address(place - Self.physToVirt), size: range.size)
        let perCPU = AddressRange(start: Address(place - Self.perCPUOffsets[next(2)]), size: range.size)
        switch next(24) {
        case 0..<8: return .alloc(range, minCount: pick([1, 1, 1, 0, 2]))
        case 8: return .allocPerCPU(perCPU)
        case 9: return .vmalloc(AddressRange(start: Address(place), size: range.size), area: Address(anyBlock()))
        case 10: return .allocPhys(AddressRange(start: phys.start, size: min(range.size, 64)), minCount: 1)
        case 11, 12: return .free(start)
        case 13: return .freePart(AddressRange(start: start + UInt64(next(5)) * 8, size: pick([8, 16, 32, 64, 200])))
        case 14: return .freePerCPU(perCPU.start)
        case 15: return .freePartPhys(phys)
        case 16: return .notLeak(start)
        case 17: return .ignore(start)
        case 18: return .ignorePhys(phys.start)
        case 19: return .noScan(start)
        case 20, 21: return .scanArea(AddressRange(start: start + UInt64(next(4)) * 8, size: pick([0, 8, 16, 48, .max])))
        case 22: return .transientLeak(start)
        default: return .updateTrace(start + UInt64(next(2)) * 8)
        }
    }

    private mutating func anyCommand() -> String {
        let address = "0x" + String(anyStart(), radix: 16)
        return pick([
            "clear", "off", "scan=on", "scan=off", "scan=0", "scan=1", "scan=600", "scan=0x10", "scan=010", "scan=08", "scan=+7\n",
            "scan=4294967295", "scan=2147484", "scan=2147483", "scan=4294967296", "scan=-1", "scan= 5", "scan=", "scan=5s", "scanfoo", "offline", " scan",
            "SCAN", "", "\n", "stack", "stack=on\nbogus", "dump=\(address)", "dump=\(address)\n", "dump=", "dump=zz", "dump=10000",
            String(repeating: "x", count: 80), "scan=" + String(repeating: "0", count: 58) + "zzz",
        ])
    }
}
