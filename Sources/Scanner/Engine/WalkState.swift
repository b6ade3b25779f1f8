import HeapModel

/// What a walk has to know of each object whenever a reference leads to it, in a byte: a million of them stay near the
/// processor.
///
///     bit  7      surplus references are passed on (excess_ref)
///     bit  6      not read when it is reached: NO_SCAN, or freed
///     bits 0...5  references still needed; 0 gray or black, `many` so many or more
struct WalkState {
    /// By number (`RankOrder`); behind the objects the roots, which nothing refers to.
    let bytes: UnsafeMutablePointer<UInt8>
    /// What objects with `many` need.
    private var large: [UInt32: Int32] = [:]

    static let passesOn: UInt8 = 0x80
    static let isUnread: UInt8 = 0x40
    static let needed: UInt8 = 0x3f
    private static let many = Int32(needed)

    private let capacity: Int

    init(_ graph: ReferenceGraph) {
        // Vectors are fetched from it.
        capacity = graph.blocks.count + 3
        bytes = .allocate(capacity: capacity)
        bytes.initialize(repeating: 0, count: capacity)
    }

    /// As it is now, for somebody else.
    var copy: UnsafeMutablePointer<UInt8> {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        copy.initialize(from: bytes, count: capacity)
        return copy
    }

    func deallocate() { bytes.deallocate() }

    /// All white, but for those that need no reference, and those that are ignored.
    mutating func reset(_ columns: ObjectColumns, _ graph: ReferenceGraph) {
        let allocated = ObjectFlags.allocated.rawValue, told = allocated | ObjectFlags.noScan.rawValue
        large = [:]
        graph.numbers.withUnsafeBufferPointer { numbers in
            for row in 0..<columns.count {
                let minCount = columns.minCounts[row], number = numbers[row]
                let isUnread = columns.flags[row] & told == allocated ? 0 : Self.isUnread
                bytes[Int(number)] = UInt8(truncatingIfNeeded: max(0, min(minCount, Self.many))) | isUnread
                if minCount >= Self.many { large[number] = minCount }
            }
        }
        // What is black is never gray, and passes nothing on.
        for owner in graph.excessTargets.keys where columns.minCounts[Int(graph.rows[Int(owner)])] != -1 {
            bytes[Int(owner)] |= Self.passesOn
        }
    }

    func isWhite(_ number: UInt32) -> Bool { bytes[Int(number)] & Self.needed != 0 }

    /// Counts a reference to a white object; returns how many it needs still.
    @inline(__always)
    mutating func count(_ number: UInt32) -> Int32 {
        let state = bytes[Int(number)]
        if state & Self.needed == Self.needed { return countLarge(number) }
        bytes[Int(number)] = state - 1
        return Int32((state - 1) & Self.needed)
    }

    private mutating func countLarge(_ number: UInt32) -> Int32 {
        let needs = (large[number] ?? Self.many) - 1
        large[number] = needs
        if needs < Self.many { bytes[Int(number)] -= 1 }
        return needs
    }

    /// Ascending.
    func whiteNumbers(upTo count: Int) -> [Int] {
        var numbers: [Int] = []
        for number in 0..<count where bytes[number + 1] & Self.needed != 0 { numbers.append(number + 1) }
        return numbers
    }

    /// By row, the references counted.
    func counts(_ columns: ObjectColumns, _ graph: ReferenceGraph) -> [Int32] {
        graph.numbers.withUnsafeBufferPointer { numbers in
            Array(unsafeUninitializedCapacity: columns.count) { counts, initialized in
                for row in 0..<columns.count {
                    let number = numbers[row], needs = Int32(bytes[Int(number)] & Self.needed)
                    let lacks = needs == Self.many ? large[number] ?? needs : needs
                    counts.initializeElement(at: row, to: max(0, columns.minCounts[row]) - lacks)
                }
                initialized = columns.count
            }
        }
    }

    func makeGray(_ number: UInt32) { bytes[Int(number)] &= ~Self.needed }
}
