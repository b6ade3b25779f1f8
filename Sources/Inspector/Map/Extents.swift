import HeapModel

/// Bytes of the address space: ranges sorted, and merged where they overlap or touch.
struct Extents: Sendable {
    /// Ascending. They hold their last byte, so that one may end at the top of the address space.
    private(set) var ranges: [ClosedRange<UInt64>] = []
    /// Bytes in all the ranges before one.
    private var bytesBelow: [UInt64] = []

    /// - Complexity: O(n log n)
    init(_ source: [ClosedRange<UInt64>]) {
        for range in source.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = ranges.last, range.lowerBound <= last.upperBound || range.lowerBound - last.upperBound == 1 {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
        bytesBelow.reserveCapacity(ranges.count)
        var bytes: UInt64 = 0
        for range in ranges {
            bytesBelow.append(bytes)
            bytes &+= range.byteCount
        }
    }

    /// How many bytes of `range` are among these.
    /// - Complexity: O(log n)
    func bytes(in range: ClosedRange<UInt64>) -> UInt64 {
        bytes(upTo: range.upperBound) &- (range.lowerBound == 0 ? 0 : bytes(upTo: range.lowerBound - 1))
    }

    private func bytes(upTo last: UInt64) -> UInt64 {
        let rank = ranges.rank { $0.lowerBound <= last }
        guard rank >= 0 else { return 0 }
        return bytesBelow[rank] &+ (ranges[rank].lowerBound...min(last, ranges[rank].upperBound)).byteCount
    }
}

extension ClosedRange<UInt64> {
    /// 0 for the whole address space, whose size 64 bits do not hold.
    var byteCount: UInt64 { upperBound - lowerBound &+ 1 }
}

extension Array {
    /// The last element of those that `belongs` holds for, which must be the first ones of the array; -1 when there is none.
    /// - Complexity: O(log n)
    func rank(_ belongs: (Element) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}

extension AddressRange {
    /// - Precondition: `range` is not the whole address space, whose size 64 bits do not hold.
    init(_ range: ClosedRange<UInt64>) { self.init(start: Address(range.lowerBound), size: range.byteCount) }

    /// With the last byte: none when the range is empty, two when it goes on at 0 behind the top of the address space.
    var closedRanges: [ClosedRange<UInt64>] { size == 0 ? [] : (0...size - 1).shifted(by: start.rawValue) }
}
