import HeapModel
import Testing

@Suite struct KmallocTests {
    private static let start = SlabAllocatorTests.start
    private var memory = Memory()
    private var slabs = SlabAllocator(
        linearMap: AddressRange(start: start, size: 8 << 20), profile: KernelProfile(release: "6.12", architecture: .x86_64))

    private mutating func kmalloc(
        _ size: UInt64, at offset: UInt64? = nil, zero: Bool = true
    ) throws(AllocationFailure) -> AddressRange {
        try slabs.kmalloc(size, at: offset.map { Self.start + $0 }, zero: zero, memory: &memory)
    }

    /// kmemleak is told the size of the cache, and of a large block the size that was asked for.
    @Test(arguments: [
        (1, 8, 4096), (129, 192, 4096), (8192, 8192, 8192), (8193, 8193, 16384), (16384, 16384, 16384), (16385, 16385, 32768),
        (4 << 20, 4 << 20, 4 << 20),
    ] as [(UInt64, UInt64, UInt64)])
    mutating func theSizeIsTheCachesOrTheRequests(size: UInt64, told: UInt64, taken: UInt64) throws {
        #expect(try kmalloc(size) == AddressRange(start: Self.start, size: told))
        #expect(memory.byteCount == taken)
    }

    @Test mutating func aLargeBlockIsAlignedToItsSizeAndGivenBackWhole() throws {
        _ = try kmalloc(8)
        let block = try kmalloc(9000)
        #expect(block.start == Self.start + 0x4000)
        memory.write(word: 7, at: block.start + 0x3000)
        #expect(throws: AllocationFailure.inUse) { try kmalloc(9000, at: 0x4000) }
        #expect(throws: AllocationFailure.notASlot) { try kmalloc(9000, at: 0x9000) }
        #expect(throws: AllocationFailure.notAllocated) { try slabs.free(block.start + 0x1000, memory: &memory) }
        try slabs.free(block.start, memory: &memory)
        #expect(throws: AllocationFailure.notAllocated) { try slabs.free(block.start, memory: &memory) }
        // A large block has no free pointer in it, and its bytes stay; all its pages are cleared, not only what was asked for.
        #expect(try kmalloc(9000, zero: false) == block && memory.word(at: block.start + 0x3000) == 7)
        try slabs.free(block.start, memory: &memory)
        #expect(try kmalloc(9001).start == block.start && memory.word(at: block.start + 0x3000) == 0)
        #expect(memory.byteCount == 0x5000)
    }

    @Test mutating func whatIsFreedOnceIsASlabsNext() throws {
        let block = try kmalloc(32768)
        try slabs.free(block.start, memory: &memory)
        #expect(try kmalloc(64).start == Self.start)
        #expect(try kmalloc(20000).start == Self.start + 0x8000)
    }

    @Test mutating func thereAreLimits() {
        for size in [0, (4 << 20) + 1, .max] as [UInt64] {
            #expect(throws: AllocationFailure.tooLarge) { try kmalloc(size) }
        }
        memory.limit = 1 << 20
        #expect(throws: AllocationFailure.memoryLimit) { try kmalloc(2 << 20) }
        #expect(memory.byteCount == 0)
    }
}
