import HeapModel

/// The memory that is held, cut into stretches of the same size with numbers of 16 bits: one segment behind the other, as if
/// there were no holes. A word belongs to the stretch that its first byte stands in.
struct Stretches: Sendable {
    let count: Int
    /// Bytes of a stretch, as a power of two.
    private let shift: UInt64
    private let wordSize: UInt64
    private let byteCount: UInt64
    /// By segment, the bytes held in the segments below.
    private let below: [UInt64]

    /// A stretch is read within a microsecond, and few objects point twice out of one.
    private static let leastShift: UInt64 = 13

    init(of memory: Memory, wordSize: Int) {
        var shift = Self.leastShift, sum: UInt64 = 0
        while memory.byteCount >> shift > UInt64(UInt16.max) { shift += 1 }
        self.shift = shift
        self.wordSize = UInt64(wordSize)
        byteCount = memory.byteCount
        count = Int((byteCount + (1 << shift - 1)) >> shift)
        below = memory.segments.map { segment in
            defer { sum += segment.count }
            return sum
        }
    }

    /// The ranges whose whole words are those of a stretch, ascending.
    func ranges(of number: Int, in memory: Memory) -> [AddressRange] {
        let end = min(byteCount, UInt64(number + 1) << shift)
        var ranges: [AddressRange] = [], next = UInt64(number) << shift
        var segment = below.partitioningIndex { $0 > next } - 1
        while next < end {
            let offset = next - below[segment], size = min(end - next, memory.segments[segment].count - offset)
            ranges.append(reaching(AddressRange(start: Address(memory.segments[segment].start + offset), size: size)))
            next += size
            segment += 1
        }
        return ranges
    }

    /// With the end of a word that begins in the last byte, up to the top of the address space.
    private func reaching(_ range: AddressRange) -> AddressRange {
        let size = range.size + wordSize - 1, room = 0 &- range.start.rawValue
        return AddressRange(start: range.start, size: room == 0 ? size : min(size, room))
    }
}
