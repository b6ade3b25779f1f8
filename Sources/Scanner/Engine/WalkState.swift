import HeapModel

/// What a walk has to know of each object whenever a reference leads to it, in a byte: a million of them stay near the
/// processor.
///
///     bit  7      surplus references are passed on (excess_ref)
///     bit  6      not read when it is reached: NO_SCAN, or freed
///     bits 0...5  references still needed; 0 gray or black, `many` so many or more
struct WalkState {
    /// By row.
    let bytes: UnsafeMutablePointer<UInt8>
    /// What objects with `many` need.
    private var large: [UInt32: Int32] = [:]

    static let passesOn: UInt8 = 0x80
    static let isUnread: UInt8 = 0x40
    static let needed: UInt8 = 0x3f
    private static let many = Int32(needed)

    init(count: Int) { bytes = .allocate(capacity: max(1, count)) }

    func deallocate() { bytes.deallocate() }

    /// All white, but for those that need no reference, and those that are ignored.
    mutating func reset(_ columns: ObjectColumns, _ graph: ReferenceGraph) {
        let allocated = ObjectFlags.allocated.rawValue, told = allocated | ObjectFlags.noScan.rawValue
        large = [:]
        for row in 0..<columns.count {
            let minCount = columns.minCounts[row]
            let isUnread = columns.flags[row] & told == allocated ? 0 : Self.isUnread
            bytes[row] = UInt8(truncatingIfNeeded: max(0, min(minCount, Self.many))) | isUnread
            if minCount >= Self.many { large[UInt32(row)] = minCount }
        }
        // What is black is never gray, and passes nothing on.
        for owner in graph.excessTargets.keys where columns.minCounts[owner.index] != -1 { bytes[owner.index] |= Self.passesOn }
    }

    func isWhite(_ row: UInt32) -> Bool { bytes[Int(row)] & Self.needed != 0 }

    /// Counts a reference to a white object; returns how many it needs still.
    @inline(__always)
    mutating func count(_ row: UInt32) -> Int32 {
        let state = bytes[Int(row)]
        if state & Self.needed == Self.needed { return countLarge(row) }
        bytes[Int(row)] = state - 1
        return Int32((state - 1) & Self.needed)
    }

    private mutating func countLarge(_ row: UInt32) -> Int32 {
        let needs = (large[row] ?? Self.many) - 1
        large[row] = needs
        if needs < Self.many { bytes[Int(row)] -= 1 }
        return needs
    }

    func makeGray(_ row: UInt32) { bytes[Int(row)] &= ~Self.needed }
}
