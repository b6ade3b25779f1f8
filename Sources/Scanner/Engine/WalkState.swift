import CEngine
import HeapModel

/// What a walk has to know of each object whenever a reference leads to it, in a byte:
///
///     bit  7      surplus references are passed on (excess_ref)
///     bit  6      not read when it is reached: NO_SCAN, or freed
///     bits 0...5  references still needed; 0 gray or black, `many` so many or more
///
/// Nine in ten references lead to objects that nothing of that is of interest for any more. Those are told by a bit, so that
/// what has to be looked at for every reference stays near the processor.
struct WalkState {
    /// By number (`RankOrder`); behind the objects the roots, which nothing refers to.
    private let bytes: UnsafeMutablePointer<UInt8>
    /// By number, 32 in each element: whether it needs references, or passes them on.
    private let open: UnsafeMutablePointer<UInt32>
    private let capacity: Int
    /// What objects with `many` need.
    private var large: [UInt32: Int32] = [:]

    static let passesOn: UInt8 = 0x80
    static let isUnread: UInt8 = 0x40
    static let needed: UInt8 = 0x3f
    private static let many = Int32(needed)

    init(_ graph: ReferenceGraph) {
        self.init(capacity: graph.blocks.count)
        bytes.initialize(repeating: 0, count: capacity)
        open.initialize(repeating: 0, count: openCount)
    }

    private init(capacity: Int) {
        self.capacity = capacity
        bytes = .allocate(capacity: capacity)
        open = .allocate(capacity: capacity / 32 + 1)
    }

    private var openCount: Int { capacity / 32 + 1 }

    /// As it is now, for somebody else.
    var copy: WalkState {
        let copy = WalkState(capacity: capacity)
        copy.bytes.initialize(from: bytes, count: capacity)
        copy.open.initialize(from: open, count: openCount)
        return copy
    }

    func deallocate() {
        bytes.deallocate()
        open.deallocate()
    }

    /// - Parameter counts: whether a survey takes off what it picks.
    func memory(counts: Bool) -> engine_states { engine_states(bytes: bytes, open: open, counts: counts) }

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
        for place in 0..<openCount {
            var bits: UInt32 = 0
            for number in place * 32..<min(capacity, place * 32 + 32) where bytes[number] & (Self.needed | Self.passesOn) != 0 {
                bits |= 1 << UInt32(number & 31)
            }
            open[place] = bits
        }
    }

    func isWhite(_ number: UInt32) -> Bool { bytes[Int(number)] & Self.needed != 0 }

    /// Counts a reference to a white object; returns how many it needs still.
    @inline(__always)
    mutating func count(_ number: UInt32) -> Int32 {
        let state = bytes[Int(number)]
        if state & Self.needed == Self.needed { return countLarge(number) }
        bytes[Int(number)] = state - 1
        // Not if it passes references on.
        if state & ~Self.isUnread == 1 { close(number) }
        return Int32((state - 1) & Self.needed)
    }

    private mutating func countLarge(_ number: UInt32) -> Int32 {
        let needs = (large[number] ?? Self.many) - 1
        large[number] = needs
        if needs < Self.many { bytes[Int(number)] -= 1 }
        return needs
    }

    func makeGray(_ number: UInt32) {
        bytes[Int(number)] &= ~Self.needed
        if bytes[Int(number)] & Self.passesOn == 0 { close(number) }
    }

    @inline(__always)
    private func close(_ number: UInt32) { open[Int(number / 32)] &= ~(1 << (number & 31)) }

    /// Ascending.
    func whiteNumbers(upTo count: Int) -> [Int] {
        var numbers: [Int] = []
        for place in 0..<openCount where open[place] != 0 {
            for number in place * 32..<min(count + 1, place * 32 + 32) where isWhite(UInt32(number)) { numbers.append(number) }
        }
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
}
