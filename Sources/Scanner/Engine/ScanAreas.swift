import HeapModel

/// The scan areas of a heap's objects, by number (`RankOrder`).
///
/// The heap's own table has rows in no order, so to look up each object would wait for memory, and for the other threads, too:
/// all of them count in one place who holds the table.
struct ScanAreas {
    /// Ascending.
    private let numbers: [UInt32]
    /// By object, how many areas it and those before it have.
    private let ends: [Int]
    private let ranges: [AddressRange]

    init(_ objects: ObjectTable, _ order: RankOrder) {
        var owners: [(number: UInt32, ranges: [AddressRange])] = []
        owners.reserveCapacity(objects.areas.count)
        for (id, ranges) in objects.areas where !ranges.isEmpty { owners.append((order.numbers[id.index], ranges)) }
        owners.sort { $0.number < $1.number }
        numbers = owners.map(\.number)
        var end = 0
        ends = owners.map { owner in
            end += owner.ranges.count
            return end
        }
        ranges = owners.flatMap(\.ranges)
    }

    /// Looks up objects in ascending order.
    struct Reader {
        fileprivate let numbers: UnsafeBufferPointer<UInt32>
        fileprivate let ends: UnsafeBufferPointer<Int>
        fileprivate let ranges: UnsafeBufferPointer<AddressRange>
        /// The first object that was not passed yet.
        fileprivate var place = 0

        /// Newest first; empty, if there is none.
        /// - Parameter number: not below that of the time before.
        mutating func areas(of number: Int) -> Slice<UnsafeBufferPointer<AddressRange>> {
            while place < numbers.count, numbers[place] < number { place += 1 }
            guard place < numbers.count, numbers[place] == number else { return ranges[0..<0] }
            return ranges[(place > 0 ? ends[place - 1] : 0)..<ends[place]]
        }
    }

    /// Calls `body` with a reader that must not be used afterwards.
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        numbers.withUnsafeBufferPointer { numbers in
            ends.withUnsafeBufferPointer { ends in
                ranges.withUnsafeBufferPointer { ranges in body(Reader(numbers: numbers, ends: ends, ranges: ranges)) }
            }
        }
    }
}
