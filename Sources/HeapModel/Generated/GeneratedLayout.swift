/// Where the objects of a generated heap stand, in the order of addresses: slabs in the linear map, vmalloc areas, per-CPU
/// memory, early allocations by physical address; and the sections and stacks that are the roots.
struct GeneratedLayout {
    enum Kind: UInt8 {
        case slab, vmalloc, percpu, phys
    }

    /// A piece of memory: its bytes stand at `place` in the flat buffer that holds all.
    struct Region {
        var start: UInt64
        var count: Int
        var place: Int
    }

    // Of each object. A PERCPU object's start is its per-CPU pointer, its place that of CPU 0's copy.
    private(set) var starts: [UInt64] = []
    private(set) var sizes: [UInt32] = []
    private(set) var places: [Int] = []
    private(set) var kinds: [Kind] = []
    /// Index in `GeneratedCache.all`; of slab objects.
    private(set) var caches: [UInt8] = []

    private(set) var regions: [Region] = []
    private(set) var roots: [(root: Root, place: Int)] = []
    /// Bytes in all.
    private(set) var byteCount = 0
    private(set) var perCPUOffsets: [UInt64] = []
    /// Between two CPUs' copies in the flat buffer.
    private(set) var copyDistance = 0
    /// The last page frame of low memory.
    private(set) var lastLowPage: UInt64 = 0

    static let physToVirt: UInt64 = 0xffff_8880_0000_0000
    private static let slabs: UInt64 = 0xffff_8881_0000_0000
    private static let perCPUSection: UInt64 = 0xffff_888f_c000_0000
    private static let perCPUUnit: UInt64 = 0x20_0000
    private static let perCPUChunk: UInt64 = 0xffff_e8ff_ff00_0000
    private static let vmalloc: UInt64 = 0xffff_c900_0000_0000
    private static let page = 4096
    static let stackSize = 16384

    private let counts: Counts

    /// How many objects of each kind there are.
    struct Counts {
        var slab, vmalloc, percpu, phys: Int

        init(objects: Int) {
            vmalloc = objects < 100 ? 0 : objects / 1000 + 1
            percpu = objects < 10 ? 0 : min(objects / 200 + 1, 20_000)
            phys = objects < 100 ? 0 : objects / 5000 + 2
            slab = objects - vmalloc - percpu - phys
        }
    }

    init(_ options: GeneratorOptions, tasks: [GeneratedTask], _ random: inout SplitMix64) {
        counts = Counts(objects: options.objects)
        let count = options.objects
        starts.reserveCapacity(count)
        sizes.reserveCapacity(count)
        places.reserveCapacity(count)
        kinds.reserveCapacity(count)
        caches.reserveCapacity(count)
        placeEarlyMemory(&random)
        placeSlabs(&random)
        let cpuCount = count < 1000 ? 2 : 4
        // Sections grow with the heap, up to what a large kernel has.
        let section = pages(min(max(count * 4, 8192), 4 << 20))
        placePerCPUSections(cpuCount, size: min(section, 0x34000))
        placeStacks(tasks)
        placeVmalloc(&random)
        placePerCPUChunk(cpuCount, &random)
        placeSection(.data, ".data", at: 0xffff_ffff_82a0_0000, size: section)
        placeSection(.bss, ".bss", at: 0xffff_ffff_8320_0000, size: section)
        // As a scan takes them.
        roots.sort { ($0.root.kind, $0.root.pid ?? 0, $0.root.range.start) < ($1.root.kind, $1.root.pid ?? 0, $1.root.range.start) }
    }

    var count: Int { starts.count }

    // MARK: Parts

    private func pages(_ size: Int) -> Int { (size + Self.page - 1) / Self.page * Self.page }

    /// Memory for `size` bytes at `start`; what directly follows the last region becomes part of it.
    private mutating func map(_ start: UInt64, _ size: Int) -> Int {
        defer { byteCount += size }
        if let last = regions.last, last.start + UInt64(last.count) == start {
            regions[regions.count - 1].count += size
        } else {
            regions.append(Region(start: start, count: size, place: byteCount))
        }
        return byteCount
    }

    private mutating func append(_ kind: Kind, at start: UInt64, size: Int, place: Int, cache: Int = 0) {
        starts.append(start)
        sizes.append(UInt32(size))
        places.append(place)
        kinds.append(kind)
        caches.append(UInt8(cache))
    }

    /// memblock's: any start, any size. The last one is above low memory, where nothing is scanned.
    private mutating func placeEarlyMemory(_ random: inout SplitMix64) {
        guard counts.phys > 0 else { return }
        var offset = 16
        for _ in 1..<counts.phys {
            let size = 24 + random.below(2000)
            append(.phys, at: 0x10_0000 + UInt64(offset), size: size, place: offset)
            offset += size + 8 + random.below(64)
        }
        _ = map(Self.physToVirt + 0x10_0000, pages(offset))
        append(.phys, at: Self.highMemory, size: 4096, place: 0)
    }

    /// Whether the object is one that a scan paints black because of where it is. Its contents are not there.
    func isOutsideLowMemory(_ slot: Int) -> Bool { kinds[slot] == .phys && starts[slot] == Self.highMemory }

    private static let highMemory: UInt64 = 0x40_0000_0000

    private mutating func placeSlabs(_ random: inout SplitMix64) {
        let menu = GeneratedCache.all.map { max(1, $0.share * 4096 / ($0.slabSize / $0.stride)) }
        let total = menu.reduce(0, +)
        var address = Self.slabs, left = counts.slab
        // A small heap has objects of several caches, too.
        let most = max(1, counts.slab / 16)
        // A vmalloc area takes two small objects, of the first cache.
        var small = 2 * counts.vmalloc
        while left > 0 {
            var draw = random.below(total), cache = 0
            while draw >= menu[cache] {
                draw -= menu[cache]
                cache += 1
            }
            if small > 0 { cache = 0 }
            let kind = GeneratedCache.all[cache]
            if random.oneIn(64) { address += UInt64(Self.page * random.below(64)) }
            let place = map(address, kind.slabSize)
            let emptiness = random.oneIn(8) ? 2 : 32
            var used = 0
            for slot in 0..<kind.slabSize / kind.stride where used < min(left, most) && !random.oneIn(emptiness) {
                used += 1
                let offset = slot * kind.stride
                // What is left of a block that was freed in part.
                let cut = kind.stride >= 64 && random.oneIn(512) ? 1 + random.below(7) : 0
                append(
                    .slab, at: address + UInt64(offset + cut), size: kind.size - (cut == 0 ? 0 : 8), place: place + offset + cut,
                    cache: cache)
            }
            if cache == 0 { small -= used }
            left -= used
            address += UInt64(kind.slabSize)
        }
        lastLowPage = (address - Self.physToVirt) / UInt64(Self.page)
    }

    private mutating func placePerCPUSections(_ cpuCount: Int, size: Int) {
        for cpu in 0..<cpuCount {
            let start = Self.perCPUSection + UInt64(cpu) * Self.perCPUUnit
            perCPUOffsets.append(start)
            placeSection(.percpu, "cpu \(cpu)", at: start, size: size)
        }
    }

    private mutating func placeSection(_ kind: Root.Kind, _ name: String, at start: UInt64, size: Int, pid: Int32? = nil) {
        let place = map(start, size)
        let range = AddressRange(start: Address(start), size: UInt64(size))
        roots.append((Root(kind: kind, name: name, range: range, pid: pid), place))
    }

    /// Each with a guard page behind it, as areas have.
    private mutating func placeStacks(_ tasks: [GeneratedTask]) {
        var address = Self.vmalloc + 0x8000
        for task in tasks where task.hasStack {
            placeSection(.stack, task.comm, at: address, size: Self.stackSize, pid: task.pid)
            address += UInt64(Self.stackSize + Self.page)
        }
    }

    private mutating func placeVmalloc(_ random: inout SplitMix64) {
        var address = Self.vmalloc + 0x1000_0000
        for _ in 0..<counts.vmalloc {
            if random.oneIn(8) { address += UInt64(Self.page * random.below(256)) }
            let pages = [1, 1, 1, 1, 1, 1, 2, 3, 4, 5 + random.below(12), 16 + random.below(48)][random.below(11)]
            let size = Self.page * (random.oneIn(100) ? 65 + random.below(448) : pages)
            append(.vmalloc, at: address, size: size, place: map(address, size))
            address += UInt64(size + Self.page)
        }
    }

    private mutating func placePerCPUChunk(_ cpuCount: Int, _ random: inout SplitMix64) {
        guard counts.percpu > 0 else { return }
        var offset = 0, drafts: [(offset: Int, size: Int)] = []
        for _ in 0..<counts.percpu {
            let size = [8, 8, 8, 16, 16, 24, 32, 64, 96, 4][random.below(10)]
            drafts.append((offset, size))
            offset += (size + 7) & ~7
            if random.oneIn(16) { offset += 8 * random.below(8) }
        }
        copyDistance = pages(offset)
        let places = (0..<cpuCount).map { map(Self.perCPUChunk + UInt64($0) * Self.perCPUUnit, copyDistance) }
        for draft in drafts {
            let pointer = Self.perCPUChunk - Self.perCPUSection + UInt64(draft.offset)
            append(.percpu, at: pointer, size: draft.size, place: places[0] + draft.offset)
        }
    }
}
