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
        let sorted = ids.sortedByKey(key(state)).elements
        return order.isReversed ? sorted.reversed() : sorted
    }

    /// Larger sizes and counts come first, names alphabetically.
    private func key(_ state: AppState) -> (ObjectID) -> UInt64 {
        // Asked for once: a moment is made anew each time.
        let heap = state.heap, objects = heap.objects, moment = state.moment
        switch order.column {
        case .mark:
            let shades = Dictionary(uniqueKeysWithValues: Shade.allCases.enumerated().map { ($1, UInt64($0) + 1) })
            return { id in
                guard let moment else { return state.isLeak(id) ? 0 : shades[Shade(objects.colour(of: id))] ?? 0 }
                let shade = moment.shade(of: id)
                return shade == .white && moment.isLeak(id) ? 0 : shades[shade] ?? 0
            }
        case .address: return { objects.pointers[$0.index].rawValue }
        case .size: return { .max - objects.sizes[$0.index] }
        case .count:
            return { UInt64(UInt32.max) - UInt64(UInt32(bitPattern: max(0, moment?.count(of: $0) ?? objects.counts[$0.index]))) }
        case .age: return { UInt64($0.index) }
        case .pid: return { UInt64(UInt32(bitPattern: objects.pids[$0.index])) }
        case .flags: return { .max - UInt64(objects.flags[$0.index].rawValue) }
        case .comm: return Self.ranks(objects.ids.map { objects.comms[$0.index] }) { $1.string }
        case .site:
            let names = state.names
            // All objects of a backtrace are labelled alike, but for those that have a name.
            let kinds = objects.ids.map { id in
                names.isEmpty || names[objects.pointers[id.index]] == nil ? Labelled.trace(objects.traces[id.index]) : .named(id)
            }
            return Self.ranks(kinds) { id, _ in state.label(of: id) }
        }
    }

    private enum Labelled: Hashable {
        case named(ObjectID), trace(TraceID?)
    }

    /// The alphabetical place of each object's text, which is the same for those of one kind.
    /// - Parameter kinds: by object.
    private static func ranks<Kind: Hashable>(_ kinds: [Kind], _ text: (ObjectID, Kind) -> String) -> (ObjectID) -> UInt64 {
        var texts: [Kind: String] = [:]
        for (row, kind) in kinds.enumerated() where texts[kind] == nil { texts[kind] = text(ObjectID(row), kind) }
        let places = Dictionary(uniqueKeysWithValues: Set(texts.values).sorted().enumerated().map { ($1, UInt64($0)) })
        let ranks = texts.mapValues { places[$0] ?? 0 }
        return { ranks[kinds[$0.index]] ?? 0 }
    }
}
