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
    /// Of these.
    private let byteMemory: ReservedMemory<UInt8>, openMemory: ReservedMemory<UInt32>
    /// What objects with `many` need.
    private var large: [UInt32: Int32] = [:]

    static let passesOn: UInt8 = 0x80
    static let isUnread: UInt8 = 0x40
    static let needed: UInt8 = 0x3f
    private static let many = Int32(needed)
    /// `ObjectColumns.isUsual`.
    private static let usual: UInt8 = 1

    init(_ graph: ReferenceGraph) {
        openMemory = ReservedMemory(capacity: (graph.blocks.count + 31) / 32)
        byteMemory = ReservedMemory(capacity: openMemory.count * 32)
        (bytes, open) = (byteMemory.base, openMemory.base)
    }

    private var openCount: Int { openMemory.count }

    /// For a survey that changes nothing.
    var memory: engine_states { engine_states(open: open, single: nil) }

    /// For surveys that go ahead: what is open now, and what one reference is enough for. To be deallocated, both.
    var ahead: (open: UnsafeMutablePointer<UInt32>, single: UnsafeMutablePointer<UInt32>) {
        let open = UnsafeMutablePointer<UInt32>.allocate(capacity: openCount)
        open.initialize(from: self.open, count: openCount)
        let single = UnsafeMutablePointer<UInt32>.allocate(capacity: openCount)
        fill(single) { ~Self.nonzero(($0 & Self.each(~Self.isUnread)) ^ Self.each(1)) }
        return (open, single)
    }

    /// Makes a set of objects.
    /// - Parameter members: of eight bytes, the low bits tell which are those of members.
    private func fill(_ set: UnsafeMutablePointer<UInt32>, members: (UInt64) -> UInt64) {
        let bytes = UnsafeRawPointer(bytes)
        for place in 0..<openCount {
            var bits: UInt32 = 0
            for part in 0..<4 {
                let eight = bytes.loadUnaligned(fromByteOffset: place * 32 + part * 8, as: UInt64.self).littleEndian
                bits |= UInt32(truncatingIfNeeded: members(eight) & 0xff) << UInt32(8 * part)
            }
            (set + place).initialize(to: bits)
        }
    }

    /// The byte, eight times.
    private static func each(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// A bit for each of eight bytes: whether it is not 0.
    private static func nonzero(_ bytes: UInt64) -> UInt64 {
        let low = each(0x7f), flags = ((bytes & low) &+ low | bytes) & ~low
        // Moves the lowest bit of each byte next to the others in the highest byte.
        return ((flags >> 7) &* 0x0102_0408_1020_4080) >> 56
    }

    /// All white, but for those that are ignored, and those that need no reference, which join the gray list in creation order.
    mutating func reset(_ columns: ObjectColumns, _ graph: ReferenceGraph, _ grayList: inout GrayList, at tick: UInt32) {
        var large: [UInt32: Int32] = [:]
        (bytes + 1).update(repeating: Self.usual, count: columns.count)
        graph.numbers.withUnsafeBufferPointer { numbers in
            // Rows and numbers are in different orders, so that each one looked up costs.
            columns.forEachUnusual { rows in
                for place in rows.indices {
                    if place + 12 < rows.count { ask(numbers[Int(rows[place + 12])]) }
                    let row = Int(rows[place]), number = numbers[row], minCount = columns.minCounts[row]
                    let isUnread = columns.isRead(row) ? 0 : Self.isUnread
                    bytes[Int(number)] = UInt8(truncatingIfNeeded: max(0, min(minCount, Self.many))) | isUnread
                    if minCount >= Self.many { large[number] = minCount }
                    if minCount <= 0, minCount != -1 { grayList.join(listed(number), at: tick) }
                }
            }
        }
        self.large = large
        // What is black is never gray, and passes nothing on.
        for owner in graph.excessTargets.keys where columns.minCounts[Int(graph.rows[Int(owner)])] != -1 {
            bytes[Int(owner)] |= Self.passesOn
        }
        fill(open) { Self.nonzero($0 & Self.each(Self.needed | Self.passesOn)) }
    }

    /// The object's number as it stands on the gray list: with `ENGINE_UNREAD`, if it is not read.
    @inline(__always)
    func listed(_ number: UInt32) -> UInt32 { number | UInt32(bytes[Int(number)] & Self.isUnread) << 25 }

    /// Asks for the memory that tells about an object.
    @inline(__always)
    func ask(_ number: UInt32) { engine_prefetch_to_write(bytes + Int(number)) }

    @inline(__always)
    func isWhite(_ number: UInt32) -> Bool { bytes[Int(number)] & Self.needed != 0 }

    @inline(__always)
    func passesOn(_ number: UInt32) -> Bool { bytes[Int(number)] & Self.passesOn != 0 }

    /// For a gray object from which nothing can be passed on any more.
    func endPassing(_ number: UInt32) {
        bytes[Int(number)] &= ~Self.passesOn
        close(number)
    }

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
        for place in 0..<openCount {
            // What is white is open.
            var members = open[place]
            while members != 0 {
                let number = place * 32 + members.trailingZeroBitCount
                if number <= count, isWhite(UInt32(number)) { numbers.append(number) }
                members &= members - 1
            }
        }
        return numbers
    }

    /// By row, the references counted: what the object needs, less what it lacks; of black objects none.
    func counts(_ minCounts: [Int32], _ graph: ReferenceGraph) -> Column<Int32> {
        var others: [Int: Int32] = [:]
        for number in whiteNumbers(upTo: minCounts.count) {
            let row = Int(graph.rows[number]), needs = Int32(bytes[number] & Self.needed)
            others[row] = minCounts[row] - (needs == Self.many ? large[UInt32(number)] ?? needs : needs)
        }
        minCounts.withUnsafeBufferPointer { minCounts in
            for row in minCounts.indices where minCounts[row] < 0 { others[row] = 0 }
        }
        return Column(minCounts, but: others)
    }
}
