import Testing

@testable import Scanner

/// Arrays that lie in large pages where they are large.
struct LargePagesTests {
    private static let counts = [0, 1, 5 << 20]

    @Test(arguments: counts)
    func anArrayIsWhatItWasFilledWith(count: Int) {
        let array = [UInt32](count: count) { for place in $0.indices { $0.initializeElement(at: place, to: UInt32(place)) } }
        #expect(array.elementsEqual(0..<UInt32(count)))
        #expect([UInt32](inLargePages: 7, count: count).elementsEqual(repeatElement(7, count: count)))
    }

    @Test(arguments: counts)
    func aCopyIsChangedAndWhatItIsACopyOfIsNot(count: Int) {
        let before = Array(0..<count)
        var array = before
        let places = [0, count / 2, count - 1].filter(before.indices.contains)
        array.changeCopy(at: places) { $0 = -1 }
        #expect(before.elementsEqual(0..<count))
        #expect(array.elementsEqual((0..<count).lazy.map { places.contains($0) ? -1 : $0 }))
    }

    @Test func whereNothingChangesNothingIsCopied() {
        let before = [1, 2, 3]
        var array = before
        array.changeCopy(at: []) { $0 = -1 }
        #expect(array == before && before.withUnsafeBufferPointer { one in array.withUnsafeBufferPointer { $0.baseAddress == one.baseAddress } })
    }
}
