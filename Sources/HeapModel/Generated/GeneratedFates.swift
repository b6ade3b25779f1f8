/// What becomes of each object of a generated heap, decided before a byte is written.
///
/// Objects are told by their slot, their place in the layout; creation is another order, `rows`.
struct GeneratedFates {
    enum Fate: UInt8 {
        /// Reachable, and pointed to at random besides.
        case live
        /// Reachable; nothing points to it but what must.
        case aside
        /// min_count 0: `kmemleak_not_leak()`, and all PHYS objects.
        case gray
        /// min_count -1: `kmemleak_ignore()`.
        case black
        /// A leak that a scan reports.
        case lost
        /// Lost, but less than 5 s ago.
        case young
        /// Lost, but changed since the last scan: perhaps only on its way from one place to another.
        case moving
        /// Lost, but a stack still holds its address.
        case held

        /// Whether words here and there may point to it, and be read.
        var isPointedAt: Bool { self == .live || self == .gray || self == .black }
    }

    /// What is read of an object.
    enum Reading: UInt8 {
        case whole, nothing
        /// The middle of it.
        case area
        /// The middle, and the last two words.
        case twoAreas
    }

    /// vmalloc's two small objects, and the block.
    struct Area {
        /// vmap_area, on the list of all.
        var entry: Int
        /// vm_struct, which passes references on.
        var descriptor: Int
        var block: Int
    }

    /// By slot.
    private(set) var fates: [Fate]
    private(set) var readings: [Reading]
    /// Slots in the order of creation.
    private(set) var rows: [UInt32]
    private(set) var areas: [Area] = []
    /// Whether the object is one of the two that belong to a vmalloc area.
    private(set) var isPaired: [Bool]
    /// Where the objects begin that are younger than 5 s, in creation order.
    let firstYoungRow: Int
    /// The slab objects among the leaks, in random order.
    private(set) var lost: [UInt32] = []
    /// All leaks, by row.
    private(set) var leaks: [Int] = []

    init(_ layout: GeneratedLayout, _ options: GeneratorOptions, _ random: inout SplitMix64) {
        let count = layout.count
        fates = [Fate](repeating: .live, count: count)
        readings = [Reading](repeating: .whole, count: count)
        isPaired = [Bool](repeating: false, count: count)
        rows = (0..<UInt32(count)).map { $0 }
        random.shuffle(&rows, first: count)
        firstYoungRow = count < 10 ? count : count - max(1, count / 200)
        pairAreas(layout)
        colour(layout, &random)
        choose(layout, options, &random)
        for (row, slot) in rows.enumerated() where fates[Int(slot)] == .lost { leaks.append(row) }
    }

    /// Gives each vmalloc area two objects of the first cache.
    private mutating func pairAreas(_ layout: GeneratedLayout) {
        var small: [Int] = []
        let blocks = layout.kinds.indices.filter { layout.kinds[$0] == .vmalloc }
        guard !blocks.isEmpty else { return }
        for slot in rows.lazy.map(Int.init)
        where small.count < 2 * blocks.count && layout.kinds[slot] == .slab && layout.caches[slot] == 0 && layout.sizes[slot] == 64 {
            small.append(slot)
        }
        for (number, block) in blocks.enumerated() where 2 * number + 1 < small.count {
            areas.append(Area(entry: small[2 * number], descriptor: small[2 * number + 1], block: block))
            readings[small[2 * number]] = .area
            isPaired[small[2 * number]] = true
            isPaired[small[2 * number + 1]] = true
        }
        // A block without them needs no second reference from them either.
        for block in blocks.dropFirst(areas.count) { fates[block] = .gray }
    }

    private mutating func colour(_ layout: GeneratedLayout, _ random: inout SplitMix64) {
        for slot in fates.indices {
            switch layout.kinds[slot] {
            case .phys: fates[slot] = .gray
            case .percpu: break
            case .vmalloc: if layout.sizes[slot] > 0x20000 { readings[slot] = .nothing }
            case .slab:
                guard !isPaired[slot] else { continue }
                switch random.below(1000) {
                case 0..<5: fates[slot] = .gray
                case 5..<8: (fates[slot], readings[slot]) = (.black, .nothing)
                case 8..<48: readings[slot] = .nothing
                case 48..<58: if layout.sizes[slot] >= 64 { readings[slot] = random.oneIn(3) ? .twoAreas : .area }
                default: break
                }
            }
        }
    }

    private mutating func choose(_ layout: GeneratedLayout, _ options: GeneratorOptions, _ random: inout SplitMix64) {
        var ordinary: [UInt32] = [], fresh: [UInt32] = []
        var percpu: [Int] = [], isOld = [Bool](repeating: false, count: layout.count)
        for (row, slot) in rows.enumerated() {
            let place = Int(slot)
            isOld[place] = row < firstYoungRow
            guard fates[place] == .live, !isPaired[place] else { continue }
            switch layout.kinds[place] {
            case .slab: if isOld[place] { ordinary.append(slot) } else { fresh.append(slot) }
            case .percpu: if isOld[place] { percpu.append(place) }
            case .vmalloc, .phys: break
            }
        }
        let wanted = options.leakCount
        let lostBlocks = areas.indices.filter { isOld[areas[$0].block] }.prefix(min(wanted / 20, areas.count / 4))
        for number in lostBlocks {
            fates[areas[number].block] = .lost
            fates[areas[number].descriptor] = .aside
        }
        let lostPerCPU = percpu.prefix(min(wanted / 20, percpu.count / 4))
        for slot in lostPerCPU { fates[slot] = .lost }

        let lostCount = min(max(0, wanted - lostBlocks.count - lostPerCPU.count), ordinary.count)
        let others = options.leaks == 0 || layout.count < 100 ? 0 : layout.count / 2000 + 1
        random.shuffle(&ordinary, first: lostCount + 2 * others)
        lost = Array(ordinary.prefix(lostCount))
        for slot in lost { (fates[Int(slot)], readings[Int(slot)]) = (.lost, .whole) }
        for (number, slot) in ordinary.dropFirst(lostCount).prefix(2 * others).enumerated() {
            (fates[Int(slot)], readings[Int(slot)]) = (number < others ? .moving : .held, .whole)
        }
        for slot in fresh.prefix(others) { (fates[Int(slot)], readings[Int(slot)]) = (.young, .whole) }
    }
}
