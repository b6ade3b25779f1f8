import HeapModel

/// What a cell of the map holds at a moment.
package struct CellContents: Sendable {
    package let range: AddressRange
    /// Places stand by `MapMark.rawValue`.
    private var byteCounts: SIMD8<UInt64> = .zero
    private var objectCounts: SIMD8<UInt64> = .zero
    /// Whether there were too many objects to look at each of them: counts are then about right, and a mark that few
    /// of them have may be missed.
    package fileprivate(set) var isEstimate = false

    fileprivate init(_ range: AddressRange) { self.range = range }

    /// Bytes of a mark. Those of a root that are tracked as an object, too, count as both.
    package func bytes(_ mark: MapMark) -> UInt64 { byteCounts[mark.rawValue] }

    /// Objects of a mark that have a byte in the cell; each CPU's copy counts.
    package func count(_ mark: MapMark) -> UInt64 { objectCounts[mark.rawValue] }

    package var objectCount: UInt64 { objectCounts.wrappedSum() }

    /// The most urgent thing in the cell.
    package var mark: MapMark { MapMark.allCases.first { byteCounts[$0.rawValue] > 0 } ?? .free }

    /// Whether objects of several marks are in the cell.
    package var isMixed: Bool { MapMark.ofObjects.count { byteCounts[$0.rawValue] > 0 } > 1 }

    fileprivate mutating func add(_ bytes: UInt64, _ mark: MapMark, objects: UInt64 = 0) {
        byteCounts[mark.rawValue] &+= bytes
        objectCounts[mark.rawValue] &+= objects
    }
}

extension AddressMap {
    /// What a range holds.
    /// - Parameters:
    ///   - limit: how many objects to look at in each layer; of more, an even choice stands for all.
    ///   - mark: an object's at the moment that is shown.
    /// - Complexity: O(log n + the objects looked at)
    package func contents(of range: AddressRange, limit: Int = .max, mark: (ObjectID) -> MapMark) -> CellContents {
        var contents = CellContents(range)
        for span in range.closedRanges {
            for layer in layers {
                layer.forEachShare(of: span, limit: limit) { id, bytes, weight in
                    if weight > 1 { contents.isEstimate = true }
                    contents.add(bytes &* UInt64(weight), mark(id), objects: UInt64(weight))
                }
            }
            contents.add(roots.bytes(in: span), .root)
            contents.add(span.byteCount &- occupied.bytes(in: span), .free)
        }
        return contents
    }

    /// The first objects that have a byte in a range, each told once: ordinary ones by their addresses, then PHYS and
    /// PERCPU ones.
    package func objects(in range: AddressRange, first count: Int) -> [ObjectID] {
        var seen: Set<ObjectID> = []
        let found = range.closedRanges.flatMap { span in layers.flatMap { $0.objects(in: span, first: count) } }
        return Array(found.filter { seen.insert($0).inserted }.prefix(count))
    }

    /// Objects that have a byte in a range, the most urgent first; of very many, those of the first ten thousand.
    func urgentObjects(in range: AddressRange, mark: (ObjectID) -> MapMark) -> [ObjectID] {
        let marked = objects(in: range, first: 10_000).map { (id: $0, mark: mark($0)) }
        return MapMark.ofObjects.flatMap { mark in marked.lazy.filter { $0.mark == mark }.map(\.id) }
    }
}
