import HeapModel
import Testing

@Suite struct PageAllocatorTests {
    private static let start = Address(0xffff_8880_0400_0000)
    private var memory = Memory()
    private var pages = PageAllocator(linearMap: AddressRange(start: start, size: 0x10000))

    private mutating func take(
        _ count: UInt64, alignment: UInt64 = 4096, at offset: UInt64? = nil
    ) throws(AllocationFailure) -> UInt64 {
        try pages.allocate(count, alignment: alignment, at: offset.map { Self.start + $0 }, memory: &memory).start - Self.start
    }

    @Test mutating func theLowestHoleIsTaken() throws {
        #expect(try [take(1), take(2), take(1, alignment: 0x4000), take(1)] == [0, 0x1000, 0x4000, 0x3000])
        #expect(memory.byteCount == 0x5000)
    }

    @Test mutating func aPageGivenBackKeepsItsBytesForItsNextOwner() throws {
        _ = try [take(2), take(1)]
        memory.write(word: 7, at: Self.start + 0x1008)
        pages.free(AddressRange(start: Self.start, size: 0x2000))
        #expect(memory.byteCount == 0x3000)
        #expect(try [take(1), take(4), take(1)] == [0, 0x3000, 0x1000])
        #expect(memory.byteCount == 0x7000)
        #expect(memory.word(at: Self.start + 0x1008) == 7)
    }

    /// The part of a block that is new is added to the part that is not.
    @Test mutating func aBlockOfOldAndNewPagesIsWholeInMemory() throws {
        _ = try [take(1, at: 0x1000), take(1, at: 0x3000)]
        pages.free(AddressRange(start: Self.start + 0x1000, size: 0x1000))
        pages.free(AddressRange(start: Self.start + 0x3000, size: 0x1000))
        #expect(try take(8) == 0)
        #expect(memory.contains(AddressRange(start: Self.start, size: 0x8000)) && memory.byteCount == 0x8000)
    }

    @Test(arguments: [
        (0x1800, 0x1000, [0, 0x3000]), (0x1fff, 1, [0, 0x2000]), (0xf800, 0x100, [0, 0x1000]),
    ] as [(UInt64, UInt64, [UInt64])])
    mutating func reservedPagesAreNotGivenOut(offset: UInt64, size: UInt64, expected: [UInt64]) throws {
        pages.reserve(AddressRange(start: Self.start + offset, size: size))
        #expect(throws: AllocationFailure.inUse) { try take(1, at: offset / 4096 * 4096) }
        #expect(try [take(1), take(1)] == expected)
        pages.reserve(AddressRange(start: Self.start + offset, size: size))
    }

    /// A stack that begins below the linear map, one far away, and all there is.
    @Test mutating func onlyWhatLiesInTheLinearMapIsReserved() throws {
        pages.reserve(AddressRange(start: Address(Self.start.rawValue - 0x800), size: 0x1000))
        pages.reserve(AddressRange(start: Address(0x1000), size: 0x1000))
        #expect(try take(1) == 0x1000)
        pages.reserve(AddressRange(start: Address(0), size: .max))
        #expect(throws: AllocationFailure.outOfMemory) { try take(1) }
    }

    @Test mutating func whatCannotBeTakenChangesNothing() throws {
        #expect(try take(1) == 0)
        let isAdded = memory.add(AddressRange(start: Self.start + 0x2000, size: 16))
        #expect(isAdded)
        memory.limit = 0x3010
        #expect(throws: AllocationFailure.inUse) { try take(2, at: 0) }
        #expect(throws: AllocationFailure.outside) { try take(2, at: 0xf000) }
        #expect(throws: AllocationFailure.outside) { try take(1, at: UInt64(0) &- 0x1000) }
        #expect(throws: AllocationFailure.notASlot) { try take(1, at: 0x1800) }
        #expect(throws: AllocationFailure.notASlot) { try take(2, alignment: 0x2000, at: 0x3000) }
        #expect(throws: AllocationFailure.outOfMemory) { try take(16) }
        #expect(throws: AllocationFailure.memoryLimit) { try take(3, at: 0x4000) }
        #expect(throws: AllocationFailure.overlapsMemory(AddressRange(start: Self.start + 0x1000, size: 0x2000))) { try take(2) }
        #expect(memory.byteCount == 0x1010)
        #expect(try [take(1), take(1, at: 0x3000)] == [0x1000, 0x3000])
    }
}
