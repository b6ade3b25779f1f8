
/// All objects in the order in which a sweep takes them, by address within each tree: numbers from 1 on.
///
/// The table is in creation order; a sweep that had to go through it would wait for memory at every object.
struct RankOrder: Sendable {
    /// By number, the object's row.
    private(set) var rows: [UInt32]
    /// By row, the object's number.
    private(set) var numbers: [UInt32]
    /// By number.
    private(set) var starts: [UInt64]
    /// By number; `isLarge` for what does not fit.
    private(set) var sizes: [UInt32]

    static let isLarge = UInt32.max

    init(count: Int) {
        rows = [UInt32](inLargePages: 0, count: count + 1)
        numbers = [UInt32](inLargePages: 0, count: count)
        starts = [UInt64](inLargePages: 0, count: count + 1)
        sizes = [UInt32](inLargePages: 0, count: count + 1)
    }

    @inline(__always)
    mutating func place(_ row: Int, at number: UInt32, start: UInt64, size: UInt64) {
        let place = Int(number)
        rows[place] = UInt32(truncatingIfNeeded: row)
        numbers[row] = number
        starts[place] = start
        sizes[place] = UInt32(truncatingIfNeeded: min(size, UInt64(Self.isLarge)))
    }
}
