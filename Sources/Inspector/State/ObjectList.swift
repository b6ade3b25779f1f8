import HeapModel
import Scanner

/// The rows of the table of objects: which, in what order.
package struct ObjectList: Sendable {
    package var order = ObjectOrder.creation
    package var filter: ObjectFilter?
    package private(set) var rows: [ObjectID] = []
    /// How many objects there are without the filter.
    package private(set) var objectCount = 0
    /// By object: its row; `none` without one.
    private var rowOf: [UInt32] = []
    private static let none = UInt32.max
    /// The moment that the rows are of.
    private var tick: Tick?
    private var scanCount = 0

    /// Whether the rows are others at another moment of a scan.
    private var dependsOnScan: Bool { order.column.dependsOnScan || filter?.dependsOnScan == true }

    /// Whether the rows may be others at the moment that the state shows by now.
    func isOutdated(_ state: AppState) -> Bool {
        dependsOnScan && (tick, scanCount) != (state.playback?.tick, state.kmemleak.scanCount)
    }

    mutating func update(_ state: AppState) {
        (tick, scanCount) = (state.playback?.tick, state.kmemleak.scanCount)
        // What was freed while a scan ran has a row in the table until its end.
        var ids = state.heap.objects.allocated
        objectCount = ids.count
        if let filter {
            ids = state.facts.matching(filter, among: ids)
        }
        if order != .creation { ids = sorted(ids, state) }
        rows = ids
        var rowOf = Array(repeating: Self.none, count: state.heap.objects.count)
        for (row, id) in ids.enumerated() { rowOf[id.index] = UInt32(row) }
        self.rowOf = rowOf
    }

    package func row(of id: ObjectID) -> Int? {
        guard id.index < rowOf.count, rowOf[id.index] != Self.none else { return nil }
        return Int(rowOf[id.index])
    }

    /// By one key an object, equal ones in the order of creation.
    private func sorted(_ ids: [ObjectID], _ state: AppState) -> [ObjectID] {
        guard order.column != .age else { return ids.reversed() }
        let keys = order.column.keys(of: ids, in: state)
        let sorted = ids.sorted(byKeys: keys)
        return order.isReversed ? sorted.reversed() : sorted
    }
}

extension ObjectTable {
    /// Objects that are in use, in the order of creation.
    fileprivate var allocated: [ObjectID] {
        flags.withUnsafeBufferPointer { flags in
            var ids: [ObjectID] = []
            ids.reserveCapacity(flags.count)
            for row in flags.indices where flags[row].contains(.allocated) { ids.append(ObjectID(row)) }
            return ids
        }
    }
}
