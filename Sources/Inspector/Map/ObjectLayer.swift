import HeapModel

/// The objects of one tree at the addresses where their bytes stand, which is an offset away from where the tree has them.
///
/// Shares the tree's memory. Objects of one layer do not overlap; those of two layers may.
struct ObjectLayer: Sendable {
    private let tree: ObjectIndex.Tree
    private var ids: [ObjectID] { tree.ids }
    private let offset: UInt64
    /// Whose copies these are; nil for objects that have none.
    let cpu: Int?

    private init(_ tree: ObjectIndex.Tree, offset: UInt64, cpu: Int? = nil) {
        self.tree = tree
        self.offset = offset
        self.cpu = cpu
    }

    /// Ordinary objects; PHYS objects in the linear map; PERCPU objects once for each CPU. What cannot be placed is left out.
    static func layers(_ heap: Heap, _ index: ObjectIndex) -> [ObjectLayer] {
        let ordinary = ObjectLayer(index.virtual, offset: 0)
        let physical = heap.physToVirt.map { ObjectLayer(index.phys, offset: $0) }
        let copies = (heap.perCPUOffsets ?? []).enumerated().map { ObjectLayer(index.percpu, offset: $1, cpu: $0) }
        return ([ordinary] + (physical.map { [$0] } ?? []) + copies).filter { !$0.ids.isEmpty }
    }

    /// Where the bytes stand, ascending but for those that go on at 0 behind the top of the address space.
    var ranges: [ClosedRange<UInt64>] { ids.indices.flatMap { own($0).map { $0.shifted(by: offset) } ?? [] } }

    /// Tells the objects that share a byte with `range`, and how many bytes that is.
    /// - Parameter limit: of more objects than this only every so many-th is told, with the number that it stands for.
    /// - Complexity: O(log n + the objects told)
    func forEachShare(
        of range: ClosedRange<UInt64>, limit: Int, _ body: (_ id: ObjectID, _ bytes: UInt64, _ weight: Int) -> Void
    ) {
        for piece in range.shifted(by: 0 &- offset) {
            let run = run(in: piece)
            let step = run.count > limit ? (run.count - 1) / max(1, limit) + 1 : 1
            for place in stride(from: run.lowerBound, to: run.upperBound, by: step) {
                guard let own = own(place), own.overlaps(piece) else { continue }
                body(ids[place], own.clamped(to: piece).byteCount, step)
            }
        }
    }

    /// The first objects, in the order of their addresses, that share a byte with `range`.
    func objects(in range: ClosedRange<UInt64>, first count: Int) -> [ObjectID] {
        Array(range.shifted(by: 0 &- offset).lazy.flatMap { piece in
            run(in: piece).lazy.filter { own($0)?.overlaps(piece) == true }.map { ids[$0] }
        }.prefix(count))
    }

    /// How many objects share a byte with `range`, give or take empty ones.
    func count(in range: ClosedRange<UInt64>) -> Int { range.shifted(by: 0 &- offset).reduce(0) { $0 + run(in: $1).count } }

    /// The places of the objects that share a byte with a range of the tree's own addresses, and of empty ones among them.
    private func run(in piece: ClosedRange<UInt64>) -> Range<Int> {
        let end = rank(atOrBelow: piece.upperBound) + 1
        var first = rank(atOrBelow: piece.lowerBound)
        // It may end before; an empty one that shares a start stands first.
        if first < 0 || own(first)?.overlaps(piece) != true { first += 1 }
        return min(first, end)..<end
    }

    /// The bytes of an object where the tree has it, cut at the top of the address space; nil for an empty one.
    private func own(_ place: Int) -> ClosedRange<UInt64>? {
        let start = tree.start(place), size = tree.size(place)
        return size > 0 ? start...start + min(size - 1, .max - start) : nil
    }

    /// The last object that starts at or below an address; -1 when there is none.
    private func rank(atOrBelow address: UInt64) -> Int { tree.rank(atOrBelow: address) }
}

extension ClosedRange<UInt64> {
    /// The range moved up, wrapping around: in two pieces where it would reach past the top of the address space.
    func shifted(by offset: UInt64) -> [ClosedRange<UInt64>] {
        let first = lowerBound &+ offset, last = upperBound &+ offset
        return first <= last ? [first...last] : [first...UInt64.max, 0...last]
    }
}
