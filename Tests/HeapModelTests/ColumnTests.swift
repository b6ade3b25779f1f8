@testable import HeapModel
import Testing

struct ColumnTests {
    /// Records of 12 bytes, each with its number three times.
    private static let file = MappedFile(size: 12 * 64) { bytes in
        for place in 0..<192 { bytes.storeBytes(of: UInt32(place / 3).littleEndian, toByteOffset: place * 4, as: UInt32.self) }
    }

    private var mapped: Column<UInt32> { Column(in: Self.file, at: 4, stride: 12, count: 64) }

    @Test func fieldsAreReadWhereTheyStand() {
        #expect(mapped.isMapped && Array(mapped) == Array(0..<64))
        #expect(mapped == Column(Array(0..<64)) && mapped == mapped && mapped != Column(Array(1..<65)))
    }

    @Test func fewChangesStandBesideTheFileAndManyInAnArray() {
        var column = mapped, expected = Array(0..<64 as Range<UInt32>)
        for row in stride(from: 0, to: 64, by: 5) {
            column[row] += 100
            expected[row] += 100
            #expect(!column.isMapped && Array(column) == expected && column != mapped)
        }
        #expect(Array(mapped) == Array(0..<64), "the file stays as it is")
    }

    @Test func anArrayIsSharedButForWhatDiffers() {
        let array = Array(0..<64 as Range<UInt32>)
        var column = Column(array, but: [3: 30, 5: 50])
        #expect(column[3] == 30 && column[4] == 4 && column != Column(array))
        column[3] = 3
        column[5] = 5
        #expect(column == Column(array) && !column.isMapped)
        #expect(Array(Column(array, but: Dictionary(uniqueKeysWithValues: (0..<40).map { ($0, 7) }))) == Array(repeating: 7, count: 40) + array[40...])
    }

    @Test func rowsAreAddedAndTakenOut() {
        var column = mapped
        column.append(7)
        column.remove(at: 0)
        #expect(Array(column) == Array(1..<64) + [7])
    }

    @Test func aSparseColumnMovesItsRowsDown() {
        var column = SparseColumn(0)
        (column[3], column[5], column[9]) = (30, 50, 90)
        column[5] = 0
        column.remove(at: 2)
        #expect(column.rows == [2, 8] && column[2] == 30 && column[8] == 90 && column[4] == 0)
        column.remove(at: 2)
        #expect(column.rows == [7])
    }

    @Test(arguments: [
        ("", ""), ("init", "init"), ("a\0garbage", "a"), ("kworker/u8:1-ev", "kworker/u8:1-ev"), ("12345678", "12345678"),
        ("1234567\0xyz", "1234567"), ("12345678\0xyz", "12345678"), ("0123456789abcdef", "0123456789abcde"),
        ("\u{80}\u{80}\0\u{1}", "\u{80}\u{80}"),
    ])
    func aCommEndsAtItsFirstNUL(field: String, name: String) {
        var bytes = SIMD16<UInt8>.zero
        for (place, byte) in field.utf8.prefix(16).enumerated() { bytes[place] = byte }
        let comm = withUnsafeBytes(of: bytes) { Comm(inRecord: $0.baseAddress.unsafelyUnwrapped) }
        #expect(comm == Comm(name))
        #expect(comm.string == name)
    }
}
