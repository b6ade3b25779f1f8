import HeapModel
import Testing

@Suite struct PerCPUAllocatorTests {
    private static let layout = KernelLayout(
        profile: KernelProfile(release: "6.12", architecture: .x86_64), cpuCount: 2).perCPU
    private static let start = layout.dynamic.start
    private var memory = Memory()
    private var perCPU = PerCPUAllocator(layout: layout)

    private mutating func take(_ size: UInt64, alignment: UInt64 = 8) throws(AllocationFailure) -> UInt64 {
        try perCPU.allocate(size, alignment: alignment, memory: &memory).start - Self.start
    }

    @Test mutating func theFirstFitIsTaken() throws {
        let offsets = try [take(8), take(2), take(16, alignment: 64), take(4, alignment: 4), take(1, alignment: 1)]
        #expect(offsets == [0, 8, 64, 12, 16])
        try perCPU.free(Self.start + 64)
        #expect(try [take(48), take(8)] == [24, 72])
    }

    @Test mutating func theSizeIsAMultipleOfFourBytes() throws {
        #expect(try perCPU.allocate(9, memory: &memory) == AddressRange(start: Address(0x607f_8200_0000), size: 12))
    }

    /// Page by page, on all CPUs; pages stay, and a block is zeros everywhere.
    @Test mutating func blocksHaveMemoryOnEveryCPU() throws {
        _ = try take(4090, alignment: 4)
        let copies = [Address(0xffff_e8ff_ffc0_0000), Address(0xffff_e8ff_ffd0_0000)]
        #expect(memory.segments.map { Address($0.start) } == copies && memory.byteCount == 8192)
        #expect(try take(8, alignment: 4) == 4092)
        #expect(memory.byteCount == 16384)
        for copy in copies { memory.write([UInt8](repeating: 0xff, count: 16), at: copy + 4088) }
        try perCPU.free(Self.start + 4092)
        #expect(memory.word(at: copies[1] + 4092) == .max)
        #expect(try take(8, alignment: 4) == 4092)
        #expect(copies.map { memory.word(at: $0 + 4092) } == [0, 0] && copies.map { memory[$0 + 4091] } == [0xff, 0xff])
        #expect(memory.byteCount == 16384)
    }

    @Test mutating func whatCannotBeGivenChangesNothing() throws {
        for size in [0, 32769, UInt64.max] { #expect(throws: AllocationFailure.tooLarge) { try take(size) } }
        memory.limit = 16383
        #expect(throws: AllocationFailure.memoryLimit) { try take(4097) }
        let other = AddressRange(start: Self.layout.dynamicBase(cpu: 1), size: 1)
        let isAdded = memory.add(other)
        #expect(isAdded)
        #expect(throws: AllocationFailure.overlapsMemory(AddressRange(start: other.start, size: 4096))) { try take(8) }
        #expect(memory.byteCount == 1)
        memory.remove(other)
        #expect(try take(8) == 0)
        #expect(throws: AllocationFailure.notAllocated) { try perCPU.free(Self.start + 4) }
        try perCPU.free(Self.start)
        #expect(throws: AllocationFailure.notAllocated) { try perCPU.free(Self.start) }
    }

    @Test mutating func theChunkIsFullAtItsEnd() throws {
        for place in 0..<32 { #expect(try take(32768) == UInt64(place) * 32768) }
        #expect(throws: AllocationFailure.outOfMemory) { try take(4) }
        #expect(memory.byteCount == 2 << 20)
    }
}
