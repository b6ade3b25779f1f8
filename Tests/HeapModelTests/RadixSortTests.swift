import HeapModel
import Testing

struct RadixSortTests {
    @Test func aSortByKeysIsAStableSort() {
        var random = SplitMix64(seed: 5)
        for round in 0..<300 {
            let count = Int(random.next() % 200), mask: UInt64 = [.max, 0xff, 0, 0xf0_0000_0000_000f, 1 << 63][round % 5]
            let base: UInt64 = round % 2 == 0 ? 0 : 0xffff_8880_0000_0000
            let keys = (0..<count).map { _ in random.next() & mask | base }
            let sorted = Array(0..<UInt32(count)).sortedByKey { keys[Int($0)] }
            let expected = keys.enumerated().sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
            #expect(sorted.keys == expected.map(\.element) && sorted.elements == expected.map { UInt32($0.offset) })
        }
    }
}
