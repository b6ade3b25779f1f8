/// Why an allocator of the simulated kernel gives nothing. It has then changed nothing either.
package enum AllocationFailure: Error, Hashable, Sendable {
    /// The size is 0 or above what this allocator ever gives.
    case tooLarge
    /// The slab cache has objects of another size, or is declared already and otherwise.
    case wrongSize(cache: UInt64)
    /// No hole in the allocator's addresses is large enough.
    case outOfMemory
    /// `Memory.limit` would be exceeded.
    case memoryLimit
    /// A fixed address outside the allocator's addresses.
    case outside
    /// A fixed address where no block of this kind can begin.
    case notASlot
    /// A fixed address where something stands already, or is reserved.
    case inUse
    /// Memory that is none of the allocator's stands where it would have put its own.
    case overlapsMemory(AddressRange)
    /// What is freed was not allocated, or is free already.
    case notAllocated
}

extension Memory {
    /// Adds zeroed memory: all the ranges, which do not overlap, or none of them.
    mutating func map(_ ranges: [AddressRange]) throws(AllocationFailure) {
        // No overflow: the ranges lie beside each other in the address space.
        guard ranges.reduce(0, { $0 + $1.size }) <= room else { throw .memoryLimit }
        for range in ranges where !segments(in: range).isEmpty { throw .overlapsMemory(range) }
        for range in ranges { _ = add(range) }
    }
}
