/// Pages of the linear map, the lowest hole first.
///
/// The linear map stays mapped in a kernel: a page given back keeps its bytes, and its next owner finds them.
package struct PageAllocator: Sendable {
    private var taken: TakenRanges
    /// What was added to memory, taken or given back.
    private var mapped: TakenRanges

    package init(linearMap: AddressRange) {
        taken = TakenRanges(space: linearMap)
        mapped = taken
    }

    /// Where pages are taken from.
    package var linearMap: AddressRange { taken.space }

    /// Keeps away from the pages of `range`, as far as they lie in the linear map: a section, a stack, the kernel's image.
    package mutating func reserve(_ range: AddressRange) {
        let space = taken.space, page = KernelLayout.pageSize
        guard space.overlaps(range) else { return }
        let first = max(range.start, space.start) - space.start
        let last = min(range.start + (range.size - 1), space.start + (space.size - 1)) - space.start
        let start = first / page * page
        let size = min(last / page * page + page, space.size) - start
        for hole in taken.holes(in: AddressRange(start: space.start + start, size: size)) { taken.take(hole) }
    }

    /// Takes `count` pages, those that are new being added to the memory as zeros.
    ///
    /// - Parameter alignment: of the address in bytes, a power of two and at least a page.
    package mutating func allocate(
        _ count: UInt64, alignment: UInt64 = KernelLayout.pageSize, at fixed: Address? = nil, memory: inout Memory
    ) throws(AllocationFailure) -> AddressRange {
        let size = count * KernelLayout.pageSize
        guard let start = fixed ?? taken.hole(size: size, alignment: alignment) else { throw .outOfMemory }
        let pages = AddressRange(start: start, size: size)
        guard taken.space.contains(pages) else { throw .outside }
        guard start.rawValue % alignment == 0 else { throw .notASlot }
        guard taken.isFree(pages) else { throw .inUse }
        let new = mapped.holes(in: pages)
        try memory.map(new)
        for range in new { mapped.take(range) }
        taken.take(pages)
        return pages
    }

    /// Gives pages back.
    package mutating func free(_ pages: AddressRange) { taken.release(pages) }
}
