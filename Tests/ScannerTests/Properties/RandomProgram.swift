import HeapModel

/// Makes up programs, a step at a time; each step is aimed at what the reference tracks at that moment.
struct RandomProgram {
    let world: ProgramWorld
    private var random: SplitMix64
    /// What boot still has to do, with the steps before each.
    private var stages: [ProgramStep] = []
    private var stepsToStage = 0
    private(set) var stepsLeft: Int
    /// Blocks overlap now and then; it ends kmemleak, so not in every program.
    private let mayOverlap: Bool
    private var lastCaller = Caller()

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        world = ProgramWorld(&random)
        stepsLeft = Int(random.number(10...34))
        mayOverlap = random.once(in: 4)
        if world.boot != nil {
            stages = [.start, .lateInit]
            stepsToStage = Int(random.number(0...8))
        }
    }

    /// nil when the program is over.
    mutating func next(_ kernel: ReferenceKmemleak) -> ProgramStep? {
        if !stages.isEmpty, stepsToStage == 0 {
            stepsToStage = Int(random.number(0...5))
            return stages.removeFirst()
        }
        if stepsLeft == 0 { return nil }
        stepsLeft -= 1
        stepsToStage -= 1
        switch random.number(0...99) {
        case ..<46: return .call(hook(kernel), by: caller())
        case ..<68: return write(kernel)
        case ..<84: return stages.isEmpty ? .command(command(kernel)) : write(kernel)
        case ..<95: return .advance(span())
        case ..<97: return .slab(fails: !kernel.slabFails && world.boot.map { $0.memoryPoolSize < 100 } == true)
        default: return .pendingWork
        }
    }

    // MARK: Clock, memory and control file

    private mutating func span() -> UInt64 {
        let jiffy = 1_000_000 / world.hz
        return random.pick(
            jiffy, 1000, 700_001, 2_500_000, 4_999_999, 5_000_000, 5_000_000, 6_000_000, 8_000_000, 60_000_000, 600_000_000,
            700_000_000)
    }

    private mutating func write(_ kernel: ReferenceKmemleak) -> ProgramStep {
        let region = random.once(in: 2)
            ? random.pick(from: world.regions)! : world.regions[world.regions.count - 1 - Int(random.number(0...5))]
        let first = (region.start + 7) / 8 * 8
        let words = (region.start + region.size - first) / 8
        return .write(word: word(kernel), at: first + 8 * random.number(0...words - 1))
    }

    private mutating func word(_ kernel: ReferenceKmemleak) -> UInt64 {
        switch random.number(0...19) {
        case ..<11: address(kernel, .ordinary)
        case ..<13: address(kernel, .perCPU)
        case 13: address(kernel, .phys)
        case 14: random.next()
        case 15: 0x4847_4645_4443_4241
        default: 0
        }
    }

    private mutating func command(_ kernel: ReferenceKmemleak) -> String {
        let text: String = switch random.number(0...39) {
        case ..<15: "scan"
        case ..<20: random.pick("scan=on", "scan=off", "scan=5", "scan=0", "scan=600", "scan=0x1e", "scan=2147484", "scan=+07")
        case ..<22: random.pick("stack=on", "stack=off", "stack=off")
        case ..<27: "clear"
        case ..<33: "dump=" + number(address(kernel, random.pick(.ordinary, .ordinary, .phys, .perCPU)))
        case 33: random.once(in: 2) ? "off" : "scan"
        default: junk()
        }
        return random.once(in: 2) ? text + "\n" : text
    }

    private mutating func number(_ value: UInt64) -> String {
        random.pick("0x" + String(value, radix: 16), "0X" + String(value, radix: 16, uppercase: true), String(value),
            "0" + String(value, radix: 8), "+0x" + String(value, radix: 16))
    }

    private mutating func junk() -> String {
        let known = random.pick(
            "", "bogus", "SCAN", " scan", "scanfoo", "stack", "stack=maybe", "scan=abc", "scan=-1", "scan= 5", "scan=5s",
            "scan=08", "scan=", "scan=99999999999", "scan=4294967295", "scan=4294967296", "dump=zz", "dump=", "dump=-1",
            "dump=99999999999999999999", "clearance", "offal", "stack=on\nbogus", "scan=one", "\n", "scan=7\n\n", "scan=0x",
            "dump=ffff888000100000", "of", "scan=é", "clea\u{301}r")
        if known == "offal", !random.once(in: 3) { return "Off" }
        if !random.once(in: 6) { return known }
        return random.pick("scan=", "dump=0x", "x") + String(repeating: random.pick("0", "1"), count: Int(random.number(50...80)))
    }

    // MARK: Hooks

    /// Often the same one again, so that leaks share their traces.
    private mutating func caller() -> Caller {
        if random.once(in: 2) { lastCaller = anyCaller() }
        return lastCaller
    }

    private mutating func anyCaller() -> Caller {
        let context: Caller.Context = switch random.number(0...9) {
        case ..<4: .task(pid: 1, comm: "swapper/0")
        case ..<6: .task(pid: 66, comm: "insmod")
        case 6: .task(pid: 171, comm: "a comm that is far too long")
        case 7: .hardirq
        case 8: .softirq
        default: .task(pid: 0, comm: "swapper/0")
        }
        let depth = random.pick(0, 1, 1, 1, 2, 20)
        let first = Int(random.number(0...1))
        let frames = (0..<depth).map { Address(ProgramWorld.frames[(first + $0) % ProgramWorld.frames.count]) }
        return Caller(context, backtrace: frames)
    }

    private mutating func hook(_ kernel: ReferenceKmemleak) -> Hook {
        switch random.number(0...59) {
        case ..<20: .alloc(freeRange(kernel), minCount: random.pick(1, 1, 1, 1, 2, 0, -1))
        case ..<23: .allocPerCPU(freePerCPURange(kernel))
        case ..<27: .vmalloc(freeRange(kernel), area: Address(address(kernel, .ordinary)))
        case ..<30: .allocPhys(freePhysRange(kernel), minCount: random.pick(0, 1))
        case ..<34: .free(Address(address(kernel, .ordinary)))
        case ..<38: .freePart(part(kernel, .ordinary))
        case ..<40: .freePerCPU(Address(address(kernel, .perCPU)))
        case ..<42: .freePartPhys(part(kernel, .phys))
        case ..<44: .notLeak(Address(address(kernel, .ordinary)))
        case ..<46: .ignore(Address(address(kernel, .ordinary)))
        case 46: .ignorePhys(Address(address(kernel, .phys)))
        case ..<49: .noScan(Address(address(kernel, .ordinary)))
        case ..<54: .scanArea(area(kernel))
        case ..<57: .transientLeak(Address(address(kernel, .ordinary)))
        default: .updateTrace(Address(address(kernel, .ordinary)))
        }
    }

    /// Mostly where an object starts; else inside, behind, next to one, nowhere, NULL or an error pointer.
    private mutating func address(_ kernel: ReferenceKmemleak, _ tree: ReferenceKmemleak.Tree) -> UInt64 {
        let place = random.number(0...31)
        switch place {
        case 0: return 0
        case 1: return 0xffff_ffff_ffff_fff4
        case 2: return 0xdead_beef
        default: break
        }
        guard place > 4, let target = random.pick(from: targets(kernel, tree)) else {
            let start = tree == .ordinary ? world.pages : tree == .phys ? world.pages - world.physToVirt : world.perCPUBase
            return start + random.number(0...96)
        }
        switch place {
        case ..<25: return target.start
        case ..<30: return target.start + random.number(0...target.size - 1)
        case 30: return target.start + target.size
        default: return target.start &- 1
        }
    }

    /// What hooks of a tree may name. Old kernels, up to 6.1 for per-CPU blocks, keep all of it in the ordinary tree.
    private func targets(_ kernel: ReferenceKmemleak, _ tree: ReferenceKmemleak.Tree) -> [(start: UInt64, size: UInt64)] {
        if kernel.logsEarly {
            let base = tree == .phys ? world.pages - world.physToVirt : tree == .perCPU ? world.perCPUBase : world.pages
            return kernel.earlyLog.compactMap { entry in
                switch entry.hook {
                case .alloc(let range, _): (range.start.rawValue &- (tree == .phys ? world.physToVirt : 0), range.size)
                case .allocPerCPU(let range): tree == .perCPU ? (range.start.rawValue, range.size) : (base, 8)
                default: nil
                }
            }
        }
        let own = kernel.records.filter { $0.flags & 0x30 == tree.rawValue }.map { (start: $0.pointer, size: $0.size) }
        if !own.isEmpty || tree == .ordinary { return own }
        let ordinary = kernel.records.filter { $0.flags & 0x30 == 0 }
        return ordinary.compactMap { record in
            switch tree {
            case .phys:
                return record.pointer &- world.physToVirt < 0x200000 ? (record.pointer &- world.physToVirt, record.size) : nil
            default:
                let offset = record.pointer &- world.perCPUOffsets[0]
                return offset &- world.perCPUBase < world.perCPUSize ? (offset, record.size) : nil
            }
        }
    }

    private mutating func part(_ kernel: ReferenceKmemleak, _ tree: ReferenceKmemleak.Tree) -> AddressRange {
        let start = address(kernel, tree)
        return AddressRange(start: Address(start), size: random.pick(1, 4, 8, 8, 16, 24, 100))
    }

    private mutating func area(_ kernel: ReferenceKmemleak) -> AddressRange {
        let start = address(kernel, .ordinary)
        return AddressRange(start: Address(start), size: random.pick(0, 1, 8, 8, 12, 16, 16, 40, .max, .max))
    }

    private mutating func size() -> UInt64 { random.pick(8, 8, 16, 16, 24, 32, 48, random.number(1...40)) }

    private mutating func freeRange(_ kernel: ReferenceKmemleak) -> AddressRange {
        switch random.number(0...79) {
        case 0: return AddressRange(start: Address(0), size: 8)
        case 1: return AddressRange(start: Address(0xffff_ffff_ffff_f001), size: 8)
        default: break
        }
        let pages = (start: world.pages, size: 224 as UInt64)
        let bounds = random.pick(pages, pages, (world.pages + 0x1000, 64), (world.vmallocs, 96))
        return freeRange(in: bounds, kernel, .ordinary, step: random.once(in: 8) ? 1 : 8)
    }

    private mutating func freePerCPURange(_ kernel: ReferenceKmemleak) -> AddressRange {
        if random.once(in: 30) { return AddressRange(start: Address(0), size: 8) }
        let bounds = (world.perCPUBase, world.perCPUSize)
        if world.style == .current || world.style == .v2026 { return freeRange(in: bounds, kernel, .perCPU, step: 8) }
        let chunk = world.perCPUBase &+ world.perCPUOffsets[0]
        let range = freeRange(in: (chunk, world.perCPUSize), kernel, .ordinary, step: 8)
        return AddressRange(start: Address(range.start.rawValue &- world.perCPUOffsets[0]), size: range.size)
    }

    private mutating func freePhysRange(_ kernel: ReferenceKmemleak) -> AddressRange {
        let page = world.pages - world.physToVirt
        if random.once(in: 5) { return AddressRange(start: Address(0x90_0000 + 8 * random.number(0...8)), size: 8) }
        if world.style != .old { return freeRange(in: (page, 224), kernel, .phys, step: 8) }
        let range = freeRange(in: (world.pages, 224), kernel, .ordinary, step: 8)
        return AddressRange(start: Address(range.start.rawValue - world.physToVirt), size: range.size)
    }

    /// Free unless the program may overlap, and then with one other block at most: with several it would depend on the
    /// shape of the tree which of them kmemleak names.
    private mutating func freeRange(
        in bounds: (start: UInt64, size: UInt64), _ kernel: ReferenceKmemleak, _ tree: ReferenceKmemleak.Tree, step: UInt64
    ) -> AddressRange {
        let allowed = mayOverlap && random.once(in: 6) ? 1 : 0
        let taken = kernel.logsEarly ? targets(kernel, tree) : kernel.records
            .filter { $0.flags & 0x30 == tree.rawValue }.map { (start: $0.pointer, size: $0.size) }
        var range = AddressRange(start: Address(bounds.start), size: 8)
        for _ in 1...12 {
            range = AddressRange(start: Address(bounds.start + step * random.number(0...(bounds.size - 8) / step)), size: size())
            if taken.count(where: { overlap(range, $0) }) <= allowed { return range }
        }
        // No room: blocks behind the memory that is held.
        return AddressRange(start: Address(bounds.start + 0x400 + 64 * random.number(0...1000)), size: 16)
    }

    private func overlap(_ range: AddressRange, _ other: (start: UInt64, size: UInt64)) -> Bool {
        range.start.rawValue < other.start + other.size && other.start < range.start.rawValue + range.size
    }
}

extension SplitMix64 {
    fileprivate mutating func pick<Choice>(from choices: [Choice]) -> Choice? {
        choices.isEmpty ? nil : choices[Int.random(in: choices.indices, using: &self)]
    }
}
