import HeapModel

/// All objects in the order in which a sweep takes them, by address within each tree: numbers from 1 on.
///
/// The table is in creation order; a sweep that had to go through it would wait for memory at every object.
struct RankOrder: Sendable {
    /// By number, the object's row.
    private(set) var rows = RankRows()
    /// By row, the object's number.
    private(set) var numbers: [UInt32]
    /// By number.
    private(set) var starts: [UInt64]
    /// By number; `isLarge` for what does not fit.
    private(set) var sizes: [UInt32]

    static let isLarge = UInt32.max

    init(count: Int) {
        numbers = [UInt32](inLargePages: 0, count: count)
        starts = [UInt64](inLargePages: 0, count: count + 1)
        sizes = [UInt32](inLargePages: 0, count: count + 1)
    }

    /// The size, or more where it does not fit.
    static func atLeast(_ size: UInt32) -> UInt64 { size == isLarge ? .max : UInt64(size) }

    /// Tells whose the next numbers are; each is to be placed.
    mutating func number(_ ids: [ObjectID]) { rows.append(ids) }

    @inline(__always)
    mutating func place(_ row: Int, at number: UInt32, start: UInt64, size: UInt64) {
        let place = Int(number)
        numbers[row] = number
        starts[place] = start
        sizes[place] = UInt32(truncatingIfNeeded: min(size, UInt64(Self.isLarge)))
    }
}

/// By number, from 1 on, the object's row: the ids of the trees, whose memory it shares.
struct RankRows: Sendable {
    /// The first ones are nearly all there are.
    private var first: [ObjectID] = [], others: [[ObjectID]] = []
    /// Of numbers, with that of no object.
    private(set) var count = 1

    mutating func append(_ ids: [ObjectID]) {
        if count == 1 { first = ids } else { others.append(ids) }
        count += ids.count
    }

    subscript(number: Int) -> UInt32 {
        var place = number - 1
        if place < first.count { return first[place].rawValue }
        place -= first.count
        for ids in others {
            if place < ids.count { return ids[place].rawValue }
            place -= ids.count
        }
        preconditionFailure("there is no such number")
    }
}
