import HeapModel
import Testing

@Suite struct VmallocAllocatorTests {
    private static let start = Address(0xffff_c900_0000_0000)
    private var memory = Memory()
    private var areas = VmallocAllocator(space: AddressRange(start: start, size: 0x1_0000))

    private mutating func take(
        _ size: UInt64, alignment: UInt64 = 4096, at offset: UInt64? = nil
    ) throws(AllocationFailure) -> UInt64 {
        try areas.allocate(size, alignment: alignment, at: offset.map { Self.start + $0 }, memory: &memory).start - Self.start
    }

    private mutating func free(_ offset: UInt64) throws(AllocationFailure) {
        try areas.free(Self.start + offset, memory: &memory)
    }

    @Test mutating func aGuardPageWithoutMemoryStandsBehindEachArea() throws {
        #expect(try [take(1), take(4096), take(4097), take(64)] == [0, 0x2000, 0x4000, 0x7000])
        #expect(memory.segments.map { $0.start - Self.start.rawValue } == [0, 0x2000, 0x4000, 0x7000])
        #expect(memory.segments.map(\.count) == [4096, 4096, 8192, 4096])
    }

    @Test mutating func theSizeIsWholePagesWithoutTheGuard() throws {
        let area = try areas.allocate(64, memory: &memory)
        #expect(area == AddressRange(start: Self.start, size: 4096) && area.size == memory.byteCount)
    }

    @Test mutating func aFreedAreaIsUnmappedAndTheLowestHoleUsedAgain() throws {
        _ = try (take(1), take(8192), take(1))
        memory.write(word: 7, at: Self.start + 0x2000)
        try free(0x2000)
        #expect(memory.word(at: Self.start + 0x2000) == nil && memory.byteCount == 8192)
        // Three pages are free there: too few for three and a guard, enough for one, twice one not.
        #expect(try [take(3 * 4096), take(1), take(1)] == [0x7000, 0x2000, 0xb000])
        #expect(memory.word(at: Self.start + 0x2000) == 0)
        for offset in [0x2000, 0] as [UInt64] { try free(offset) }
        #expect(try take(4 * 4096) == 0)
    }

    @Test mutating func anAreaCanBeAlignedOrFixed() throws {
        #expect(try [take(1), take(0x4000, alignment: 0x4000), take(1, at: 0xa000), take(1)] == [0, 0x4000, 0xa000, 0x2000])
        #expect(throws: AllocationFailure.inUse) { try take(1, at: 0x1000) }
        #expect(throws: AllocationFailure.inUse) { try take(4096, at: 0x9000) }
        #expect(throws: AllocationFailure.notASlot) { try take(1, at: 0xc008) }
        #expect(throws: AllocationFailure.outside) { try take(1, at: 0xf000) }
        #expect(throws: AllocationFailure.outside) { try take(1, at: UInt64(0) &- 4096) }
        #expect(memory.byteCount == 0x4000 + 3 * 4096)
        #expect(try take(1, at: 0xc000) == 0xc000)
    }

    @Test mutating func whatCannotBeGivenChangesNothing() throws {
        for size in [0, 0x1_0001, UInt64.max] { #expect(throws: AllocationFailure.tooLarge) { try take(size) } }
        #expect(throws: AllocationFailure.outOfMemory) { try take(0x1_0000) }
        let isAdded = memory.add(AddressRange(start: Self.start + 0x4000, size: 8))
        #expect(isAdded)
        #expect(throws: AllocationFailure.overlapsMemory(AddressRange(start: Self.start, size: 0x5000))) { try take(0x5000) }
        memory.limit = 0x3007
        #expect(throws: AllocationFailure.memoryLimit) { try take(0x3000) }
        #expect(throws: AllocationFailure.notAllocated) { try free(0) }
        #expect(memory.byteCount == 8)
        #expect(try take(0x2000) == 0)
        #expect(throws: AllocationFailure.notAllocated) { try free(0x1000) }
        try free(0)
        #expect(throws: AllocationFailure.notAllocated) { try free(0) }
        #expect(memory.byteCount == 8)
    }

    /// On arm64 vmalloc's space begins with the hole below the kernel's image; modules have a space of their own.
    @Test mutating func theImageIsLeftOut() throws {
        let layout = KernelLayout(profile: KernelProfile(release: "4.9", architecture: .arm64), cpuCount: 2)
        areas = VmallocAllocator(space: layout.vmalloc, reserved: [layout.image.range, layout.linearMap])
        let starts = try [0x7_0000, 0x7_0000, 0x1000, 0xe000].map { try areas.allocate($0, memory: &memory).start.rawValue }
        #expect(starts == [0xffff_ff80_0800_0000, 0xffff_ff80_08bc_0000, 0xffff_ff80_0807_1000, 0xffff_ff80_08c3_1000])
        var modules = VmallocAllocator(space: layout.modules)
        #expect(try modules.allocate(1, memory: &memory).start == Address(0xffff_ff80_0000_0000))
    }
}
