/// Per-CPU memory: one chunk, of which every CPU has a copy; a pointer into it is an offset that each CPU adds to its own
/// base (`per_cpu_ptr()`).
package struct PerCPUAllocator: Sendable {
    /// What each CPU adds to a per-CPU pointer.
    package let offsets: [UInt64]
    /// The chunk, as per-CPU pointers have it.
    private let chunk: AddressRange
    /// Ascending.
    private var taken: [AddressRange] = []
    private var isMapped = false

    package enum Failure: Error, Hashable, Sendable {
        case full, taken
    }

    package init(layout: KernelLayout, cpuCount: Int) {
        offsets = (0..<cpuCount).map(layout.perCPUOffset)
        let start = Address(layout.perCPUChunk.start.rawValue &- offsets[0])
        chunk = AddressRange(start: start, size: layout.perCPUChunk.size)
    }

    /// The first hole that is large enough; the chunk is mapped when it is first needed.
    package mutating func allocate(size: UInt64, in memory: inout Memory) throws(Failure) -> AddressRange {
        if !isMapped {
            for copy in copies(of: chunk) { guard memory.add(copy) else { throw .taken } }
            isMapped = true
        }
        let alignment: UInt64 = size >= 16 ? 16 : 8
        var start = chunk.start
        for (place, range) in taken.enumerated() {
            if range.start - start >= size, start < range.start {
                taken.insert(AddressRange(start: start, size: size), at: place)
                return taken[place]
            }
            start = Address((range.end.rawValue + alignment - 1) / alignment * alignment)
        }
        let range = AddressRange(start: start, size: size)
        guard chunk.contains(range) else { throw .full }
        taken.append(range)
        return range
    }

    package mutating func free(_ start: Address) { taken.removeAll { $0.start == start } }

    /// Each CPU's copy, in the order of the CPUs.
    package func copies(of range: AddressRange) -> [AddressRange] {
        offsets.map { AddressRange(start: range.start + $0, size: range.size) }
    }
}
