/// Per-CPU memory from the first dynamic chunk (`alloc_percpu()`), the lowest hole first.
///
/// What it gives out are per-CPU pointers; `PerCPULayout` tells where the CPUs' copies stand.
package struct PerCPUAllocator: Sendable {
    /// PCPU_MIN_ALLOC_SIZE: sizes are multiples of it.
    package static let granule: UInt64 = 4
    /// PCPU_MIN_UNIT_SIZE: the largest allocation.
    package static let largest: UInt64 = 32 << 10

    package let layout: PerCPULayout
    private var taken: TakenRanges
    /// The pages of the chunk that have memory, on every CPU; they keep it when they are free again.
    private var mapped: TakenRanges
    private var sizes: [Address: UInt64] = [:]

    package init(layout: PerCPULayout) {
        self.layout = layout
        taken = TakenRanges(space: layout.dynamic)
        mapped = taken
    }

    /// Takes a block and clears its copies on all CPUs.
    ///
    /// - Parameter alignment: in bytes, a power of two up to a page.
    /// - Returns: the per-CPU pointers to the block, whose size kmemleak is told.
    package mutating func allocate(
        _ size: UInt64, alignment: UInt64 = 8, memory: inout Memory
    ) throws(AllocationFailure) -> AddressRange {
        guard size > 0, size <= Self.largest else { throw .tooLarge }
        let size = (size + Self.granule - 1) / Self.granule * Self.granule
        guard let start = taken.hole(size: size, alignment: max(alignment, Self.granule)) else { throw .outOfMemory }
        let block = AddressRange(start: start, size: size)
        try map(block, &memory)
        taken.take(block)
        sizes[start] = size
        let zeros = [UInt8](repeating: 0, count: Int(size))
        for cpu in 0..<layout.cpuCount { memory.write(zeros, at: layout.address(of: start, cpu: cpu)) }
        return block
    }

    /// Gives back the block that a per-CPU pointer points to; its bytes stay.
    package mutating func free(_ pointer: Address) throws(AllocationFailure) {
        guard let size = sizes.removeValue(forKey: pointer) else { throw .notAllocated }
        taken.release(AddressRange(start: pointer, size: size))
    }

    /// Gives the block's pages memory on every CPU.
    private mutating func map(_ block: AddressRange, _ memory: inout Memory) throws(AllocationFailure) {
        let page = KernelLayout.pageSize, chunk = layout.dynamic.start
        let first = (block.start - chunk) / page, end = (block.end - chunk - 1) / page + 1
        let new = mapped.holes(in: AddressRange(start: chunk + first * page, size: (end - first) * page))
        let copies = (0..<layout.cpuCount).flatMap { cpu in
            new.map { AddressRange(start: layout.address(of: $0.start, cpu: cpu), size: $0.size) }
        }
        try memory.map(copies)
        for range in new { mapped.take(range) }
    }
}
