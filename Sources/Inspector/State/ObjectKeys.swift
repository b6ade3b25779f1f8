import HeapModel
import Scanner

extension ObjectColumn {
    /// Numbers in whose order the column sorts: larger sizes and counts come first, names alphabetically.
    ///
    /// Texts are told from numbers once for all objects that share one.
    func keys(of ids: [ObjectID], in state: AppState) -> [UInt64] {
        let objects = state.heap.objects
        switch self {
        case .mark: return Self.markKeys(ids, state)
        case .address: return ids.keys(objects.pointers) { $0.rawValue }
        case .size: return ids.keys(objects.sizes) { .max - $0 }
        case .count: return ids.keys(state.moment?.counts ?? objects.counts.array) { UInt64(UInt32.max) - UInt64(max(0, $0)) }
        case .age: return ids.map { UInt64($0.index) }
        case .pid: return ids.keys(objects.pids) { UInt64(UInt32(bitPattern: $0)) }
        case .flags: return ids.keys(objects.flags) { .max - UInt64($0.rawValue) }
        case .comm: return Self.commKeys(ids, objects)
        case .site: return Self.siteKeys(ids, state)
        }
    }

    /// Leaks come before all.
    private static func markKeys(_ ids: [ObjectID], _ state: AppState) -> [UInt64] {
        var keys: [UInt64]
        if let shades = state.moment?.shades {
            keys = ids.map { shades[$0].rank }
        } else {
            let objects = state.heap.objects
            keys = ids.map { Shade(objects.colour(of: $0)).rank }
        }
        // Both ascend.
        let leaks = state.leaks
        var next = 0
        for place in ids.indices where next < leaks.count {
            while next < leaks.count, leaks[next] < ids[place] { next += 1 }
            if next < leaks.count, leaks[next] == ids[place] { keys[place] = 0 }
        }
        return keys
    }

    private static func commKeys(_ ids: [ObjectID], _ objects: ObjectTable) -> [UInt64] {
        var numbers: [Comm: Int] = [:], texts: [String] = []
        let own = ids.map { id in
            let comm = objects.comms[id.index]
            if let number = numbers[comm] { return number }
            numbers[comm] = texts.count
            texts.append(comm.string)
            return texts.count - 1
        }
        let ranks = ranks(of: texts)
        return own.map { ranks[$0] }
    }

    /// By what `AppState.label(of:)` tells: one text a backtrace, and one each for objects with names.
    private static func siteKeys(_ ids: [ObjectID], _ state: AppState) -> [UInt64] {
        let heap = state.heap, objects = heap.objects, names = state.names
        var numbers = [Int?](repeating: nil, count: heap.traces.count + 1), texts: [String] = []
        let own = ids.map { id in
            let trace = objects.traces[id.index], place = trace.map { Int($0.rawValue) + 1 } ?? 0
            let isNamed = !names.isEmpty && names[objects.pointers[id.index]] != nil
            if !isNamed, let number = numbers[place] { return number }
            if !isNamed { numbers[place] = texts.count }
            texts.append(state.label(of: id))
            return texts.count - 1
        }
        let ranks = ranks(of: texts)
        return own.map { ranks[$0] }
    }

    /// Equal texts have the same one.
    private static func ranks(of texts: [String]) -> [UInt64] {
        let ranks = Dictionary(uniqueKeysWithValues: Set(texts).sorted().enumerated().map { ($1, UInt64($0)) })
        return texts.map { ranks[$0] ?? 0 }
    }
}

extension [ObjectID] {
    fileprivate func keys<Column: RandomAccessCollection>(_ column: Column, _ key: (Column.Element) -> UInt64) -> [UInt64]
    where Column.Index == Int {
        map { key(column[$0.index]) }
    }
}

extension Shade {
    /// Behind leaks.
    fileprivate var rank: UInt64 {
        switch self {
        case .white: 1
        case .gray: 2
        case .scanned: 3
        case .ignored: 4
        }
    }
}
