import HeapModel

/// A small heap full of what a scan may stumble over: unaligned and adjacent blocks, interior pointers, holes, words
/// across segments, all kinds of objects and roots, all flags, odd ages and checksums.
///
/// Everything that has contents stands in one arena of memory, which may be cut at any place and may end at the top of
/// the address space.
struct RandomHeap {
    private var random: SplitMix64
    private let wordSize: UInt64
    private var heap: Heap

    /// Size of the arena.
    private var extent: UInt64 = 0
    private var base: UInt64 = 0
    /// Objects, with pointers relative to the base of their own space.
    private var drafts: [(kind: ObjectKind, start: UInt64, size: UInt64)] = []
    private var rootDrafts: [(start: UInt64, size: UInt64)] = []
    private var physSpace = Space()
    private var perCPUSpace = Space()

    /// Physical addresses or per-CPU offsets, with the places in the arena where their contents stand.
    private struct Space {
        var base: UInt64 = 0
        var extent: UInt64 = 0
        var copies: [UInt64] = []

        mutating func reserve(_ size: UInt64, gap: UInt64) -> UInt64 {
            defer { extent += gap + size }
            return extent + gap
        }
    }

    static func heap(seed: UInt64) -> Heap {
        var random = SplitMix64(seed: seed)
        let wordSize = random.once(in: 4) ? 4 : 8
        var generator = RandomHeap(random, wordSize: wordSize)
        generator.layOut()
        generator.placeObjects()
        generator.placeRoots()
        generator.fillMemory()
        generator.settleChecksums()
        return generator.heap
    }

    private init(_ random: SplitMix64, wordSize: Int) {
        self.random = random
        self.wordSize = UInt64(wordSize)
        let hz = self.random.pick(100, 250, 1000) as UInt64
        var profile = KernelProfile(release: "random", architecture: .x86_64, hz: hz, style: .current)
        profile.wordSize = wordSize
        let now = self.random.pick(Jiffies.atBoot(hz: hz) + 1000 * hz, Jiffies(3 * hz), Jiffies(0) + (0 &- 2 * hz))
        heap = Heap(profile: profile, jiffies: now)
        heap.memory = Memory(isCaptured: true)
    }

    // MARK: Layout

    private mutating func layOut() {
        extent = random.number(0...9)
        let hasLargeObject = random.once(in: 10)
        let count = random.once(in: 25) ? 0 : Int(random.number(1...10))
        for number in 0..<count {
            let kind: ObjectKind = random.pick(.virtual, .virtual, .virtual, .virtual, .phys, .percpu)
            var size = random.pick(random.number(1...9), random.pick(8, 16, 24, 32), random.number(1...70))
            if number == 0, hasLargeObject { size = random.number(4090...8300) }
            if random.once(in: 60) { size = 0 }
            let gap = random.pick(0, 0, 0, 1, 3, 8, 21) as UInt64
            switch kind {
            case .virtual: drafts.append((kind, reserve(size, gap: gap), size))
            case .phys: drafts.append((kind, physSpace.reserve(size, gap: gap), size))
            case .percpu: drafts.append((kind, perCPUSpace.reserve(size, gap: gap), size))
            }
        }
        if !random.once(in: 4) { physSpace.copies = [reserve(physSpace.extent, gap: random.number(0...9))] }
        let cpus = random.number(0...3)
        perCPUSpace.copies = (0..<cpus).map { _ in reserve(perCPUSpace.extent, gap: random.number(0...9)) }
        for _ in 0..<random.number(0...5) {
            let size = random.pick(random.number(0...9), random.number(8...40), random.once(in: 20) ? 4100 : 16)
            // A root may also lie across other blocks.
            let start = random.once(in: 4) && extent > size
                ? random.number(0...extent - size) : reserve(size, gap: random.number(0...9))
            rootDrafts.append((start, size))
        }
        if extent == 0 { extent = 1 }
        base = pickBase()
        physSpace.base = random.pick(0x10_0000 + random.number(0...7), base)
        perCPUSpace.base = random.pick(0x100 + random.number(0...7), base)
    }

    private mutating func pickBase() -> UInt64 {
        if wordSize == 4 {
            return random.pick(0x1000 + random.number(0...15), 0xc000_0000 + random.number(0...15), (1 << 32) - extent)
        }
        return random.pick(
            0x1000 + random.number(0...15), 0xffff_8880_0000_0000 + random.number(0...15), 0 &- extent)
    }

    private mutating func reserve(_ size: UInt64, gap: UInt64) -> UInt64 {
        defer { extent += gap + size }
        return extent + gap
    }

    // MARK: Objects and roots

    private mutating func placeObjects() {
        if let copy = physSpace.copies.first { heap.physToVirt = base &+ copy &- physSpace.base }
        if !random.once(in: 5) { heap.perCPUOffsets = perCPUSpace.copies.map { base &+ $0 &- perCPUSpace.base } }
        if !random.once(in: 3) {
            heap.pageShift = random.pick(3, 5)
            let first = (physSpace.base >> heap.pageShift) &+ random.number(0...2)
            heap.lowPageFrames = first...(first &+ random.number(0...12))
        }
        heap.scansStacks = !random.once(in: 3)

        for draft in drafts {
            var flags: ObjectFlags = random.once(in: 10) ? [] : .allocated
            if random.once(in: 5) { flags.insert(.reported) }
            if random.once(in: 7) { flags.insert(.noScan) }
            if random.once(in: 4) { flags.insert(.fullScan) }
            if draft.kind == .phys { flags.insert(.phys) }
            if draft.kind == .percpu { flags.insert(.perCPU) }
            append(draft, flags)
            // A freed record may describe a block that is in use again.
            if random.once(in: 12) { append(draft, flags.subtracting(.allocated)) }
        }
    }

    private mutating func append(_ draft: (kind: ObjectKind, start: UInt64, size: UInt64), _ flags: ObjectFlags) {
        let start = pointer(draft)
        let age: UInt64 = ages.randomElement(using: &random) ?? 0
        var object = TrackedObject(
            pointer: Address(start), size: draft.size, minCount: random.pick(-1, 0, 1, 1, 1, 2, 3), flags: flags,
            jiffies: Jiffies(heap.jiffies.rawValue &- age))
        object.count = random.pick(0, 0, 1, 5)
        if random.once(in: 3) { object.excessReference = Address(somePointer()) }
        let id = heap.objects.append(object)
        guard draft.kind == .virtual, draft.size > 0, random.once(in: 3) else { return }
        heap.objects.areas[id] = (0..<random.number(1...3)).map { _ in
            let offset = random.number(0...draft.size - 1)
            return AddressRange(start: Address(start + offset), size: random.number(0...draft.size - offset))
        }
    }

    /// In jiffies: around the limit of 5 s, in the future, and where the comparison wraps around.
    private var ages: [UInt64] {
        let limit = 5 * heap.profile.hz
        return [0, limit - 1, limit, limit, limit + 1, 2 * limit, 2 * limit, 0 &- 1, (1 << 63) + limit, (1 << 63) + limit - 1]
    }

    private mutating func placeRoots() {
        let kinds = Root.Kind.allCases
        for (number, draft) in rootDrafts.enumerated() {
            let kind = kinds.randomElement(using: &random) ?? .stack
            let range = AddressRange(start: Address(base &+ draft.start), size: draft.size)
            heap.roots.append(Root(kind: kind, name: "root \(number)", range: range, pid: kind == .stack ? 1 : nil))
        }
        if random.once(in: 2) { heap.roots.sort { $0.kind < $1.kind } }
    }

    private func pointer(_ draft: (kind: ObjectKind, start: UInt64, size: UInt64)) -> UInt64 {
        switch draft.kind {
        case .virtual: base &+ draft.start
        case .phys: physSpace.base &+ draft.start
        case .percpu: perCPUSpace.base &+ draft.start
        }
    }

    /// To an object's start, to one of its bytes, or just beside it; sometimes to nothing.
    private mutating func somePointer() -> UInt64 {
        guard let draft = drafts.randomElement(using: &random), !random.once(in: 12) else {
            return random.pick(0, random.next(), base &+ extent)
        }
        let start = pointer(draft)
        let offsets = [0, 0, 0, draft.size / 2, draft.size &- 1, draft.size, 0 &- 1]
        return start &+ (offsets.randomElement(using: &random) ?? 0)
    }

    // MARK: Memory

    private mutating func fillMemory() {
        let segments = cutArena()
        for segment in segments {
            let added = heap.memory.add(AddressRange(start: Address(base &+ segment.lowerBound), size: UInt64(segment.count)))
            precondition(added)
        }
        // Large arenas stay mostly empty, or else every scan of them is long.
        let density = extent > 1000 ? 40 : 2
        var offset = (wordSize - base % wordSize) % wordSize
        while offset + wordSize <= extent {
            if random.once(in: density) { write(somePointer(), at: offset) }
            offset += wordSize
        }
        for _ in 0..<random.number(0...3) where extent > wordSize {
            write(somePointer(), at: random.number(0...extent - wordSize))
        }
    }

    /// Byte by byte, since parts of the word may not be held.
    private mutating func write(_ word: UInt64, at offset: UInt64) {
        for place in 0..<wordSize {
            heap.memory.write([UInt8(truncatingIfNeeded: word >> (8 * place))], at: Address(base &+ offset &+ place))
        }
    }

    /// The arena as segments, adjacent ones too; in every other heap some are missing.
    private mutating func cutArena() -> [Range<UInt64>] {
        var cuts: Set<UInt64> = [0, extent]
        for _ in 0..<random.number(0...6) {
            let cut = random.number(0...extent)
            cuts.insert(cut)
            if random.once(in: 2) { cuts.insert(min(extent, cut + random.number(1...9))) }
        }
        let sorted = cuts.sorted()
        let segments = zip(sorted, sorted.dropFirst()).map { $0..<$1 }
        guard random.once(in: 2) else { return segments }
        return segments.filter { _ in !random.once(in: 4) }
    }

    /// Most objects look as they did at the last scan.
    private mutating func settleChecksums() {
        let reference = ReferenceScan(heap)
        for id in heap.objects.ids {
            heap.objects.checksums[id.index] = switch random.number(0...5) {
            case 0: 0
            case 1: UInt32(truncatingIfNeeded: random.next())
            default: reference.checksum(of: id.index) ?? 0
            }
        }
    }
}
