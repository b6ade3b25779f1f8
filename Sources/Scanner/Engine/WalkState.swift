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
        capacity = graph.blocks.count
        bytes = .allocate(capacity: capacity)
        bytes.initialize(repeating: 0, count: capacity)
        open = .allocate(capacity: capacity / 32 + 1)
    }

    private var openCount: Int { capacity / 32 + 1 }

    func deallocate() {
        bytes.deallocate()
        open.deallocate()
    }

    /// For a survey that changes nothing.
    var memory: engine_states { engine_states(open: open, single: nil) }

    /// For surveys that go ahead: what is open now, and what one reference is enough for. To be deallocated, both.
    var ahead: (open: UnsafeMutablePointer<UInt32>, single: UnsafeMutablePointer<UInt32>) {
        let open = UnsafeMutablePointer<UInt32>.allocate(capacity: openCount)
        open.initialize(from: self.open, count: openCount)
        let single = UnsafeMutablePointer<UInt32>.allocate(capacity: openCount)
        fill(single) { $0 & ~Self.isUnread == 1 }
        return (open, single)
    }

    /// Makes the set of objects whose byte fulfils a condition.
    private func fill(_ set: UnsafeMutablePointer<UInt32>, where isMember: (UInt8) -> Bool) {
        for place in 0..<openCount {
            var bits: UInt32 = 0
            for bit in 0..<UInt32(min(32, capacity - place * 32)) where isMember(bytes[place * 32 + Int(bit)]) { bits |= 1 << bit }
            (set + place).initialize(to: bits)
        }
    }

    /// All white, but for those that need no reference, and those that are ignored.
    mutating func reset(_ columns: ObjectColumns, _ graph: ReferenceGraph, threads: Int) {
        let allocated = ObjectFlags.allocated.rawValue, told = allocated | ObjectFlags.noScan.rawValue
        let large = graph.numbers.withUnsafeBufferPointer { [bytes] numbers in
            Parallel.map(threads) { part in
                var large: [UInt32: Int32] = [:]
                for row in columns.count * part / threads..<columns.count * (part + 1) / threads {
                    let minCount = columns.minCounts[row], number = numbers[row]
                    let isUnread = columns.flags[row] & told == allocated ? 0 : Self.isUnread
                    bytes[Int(number)] = UInt8(truncatingIfNeeded: max(0, min(minCount, Self.many))) | isUnread
                    if minCount >= Self.many { large[number] = minCount }
                }
                return large
            }
        }
        self.large = large.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        // What is black is never gray, and passes nothing on.
        for owner in graph.excessTargets.keys where columns.minCounts[Int(graph.rows[Int(owner)])] != -1 {
            bytes[Int(owner)] |= Self.passesOn
        }
        fill(open) { $0 & (Self.needed | Self.passesOn) != 0 }
    }

    /// The object's number as it stands on the gray list: with `ENGINE_UNREAD`, if it is not read.
    @inline(__always)
    func listed(_ number: UInt32) -> UInt32 { number | UInt32(bytes[Int(number)] & Self.isUnread) << 25 }

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
            Array(count: columns.count) { counts in
                for row in 0..<columns.count {
                    let number = numbers[row], needs = Int32(bytes[Int(number)] & Self.needed)
                    let lacks = needs == Self.many ? large[number] ?? needs : needs
                    counts.initializeElement(at: row, to: max(0, columns.minCounts[row]) - lacks)
                }
            }
        }
    }
}
