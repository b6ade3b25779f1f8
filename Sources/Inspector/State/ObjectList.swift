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
        let objects = state.heap.objects
        // What was freed while a scan ran has a row in the table until its end.
        var ids = objects.ids.filter { objects.flags[$0.index].contains(.allocated) }
        objectCount = ids.count
        if let filter {
            ids = state.objects(ids, passing: filter)
        }
        if order != .creation { ids = sorted(ids, state) }
        rows = ids
        rowOf = Array(repeating: Self.none, count: objects.count)
        for (row, id) in rows.enumerated() { rowOf[id.index] = UInt32(row) }
    }

    package func row(of id: ObjectID) -> Int? {
        guard id.index < rowOf.count, rowOf[id.index] != Self.none else { return nil }
        return Int(rowOf[id.index])
    }

    /// By one key an object, equal ones in the order of creation.
    private func sorted(_ ids: [ObjectID], _ state: AppState) -> [ObjectID] {
        let keys = ids.map(key(state))
        let places = ids.indices.sorted { left, right in
            keys[left] != keys[right] ? keys[left] < keys[right] : left < right
        }
        let sorted = places.map { ids[$0] }
        return order.isReversed ? sorted.reversed() : sorted
    }

    /// Larger sizes and counts come first, names alphabetically.
    private func key(_ state: AppState) -> (ObjectID) -> UInt64 {
        let objects = state.heap.objects
        switch order.column {
        case .mark: return { state.isLeak($0) ? 0 : 1 + UInt64(Shade.allCases.firstIndex(of: state.shade(of: $0)) ?? 0) }
        case .address: return { objects.pointers[$0.index].rawValue }
        case .size: return { .max - objects.sizes[$0.index] }
        case .count: return { UInt64(UInt32.max) - UInt64(UInt32(bitPattern: max(0, state.count(of: $0)))) }
        case .age: return { UInt64($0.index) }
        case .pid: return { UInt64(UInt32(bitPattern: objects.pids[$0.index])) }
        case .flags: return { .max - UInt64(objects.flags[$0.index].rawValue) }
        case .comm: return Self.ranks(objects.ids.map { objects.comms[$0.index].string })
        case .site: return Self.ranks(objects.ids.map { state.label(of: $0) })
        }
    }

    private static func ranks(_ texts: [String]) -> (ObjectID) -> UInt64 {
        let ranks = Dictionary(uniqueKeysWithValues: Set(texts).sorted().enumerated().map { ($1, UInt64($0)) })
        return { ranks[texts[$0.index]] ?? 0 }
    }
}
