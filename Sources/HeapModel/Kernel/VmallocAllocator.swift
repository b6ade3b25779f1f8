/// Areas of whole pages in an address space of their own, vmalloc's or that of modules: the lowest hole first.
///
/// Behind each area stands a guard page without memory, so areas of one page are 8 KiB apart.
package struct VmallocAllocator: Sendable {
    private var taken: TakenRanges
    /// Bytes of each area by its start, without the guard page.
    private var areas: [Address: UInt64] = [:]

    /// - Parameter reserved: parts of the space that are never given out, the kernel's image on arm64 say.
    package init(space: AddressRange, reserved: [AddressRange] = []) {
        taken = TakenRanges(space: space)
        for range in reserved { reserve(range) }
    }

    /// Keeps away from what stands in the space without being an area of it.
    package mutating func reserve(_ range: AddressRange) {
        guard space.contains(range) else { return }
        for hole in taken.holes(in: range) { taken.take(hole) }
    }

    /// Where areas may stand.
    package var space: AddressRange { taken.space }

    /// Makes an area and its memory, which is zeros (vmalloc does not promise that, vzalloc does).
    ///
    /// - Parameters:
    ///   - size: in bytes; the area has whole pages.
    ///   - alignment: of its address in bytes, a power of two and at least a page.
    /// - Returns: the area without its guard page.
    package mutating func allocate(
        _ size: UInt64, alignment: UInt64 = KernelLayout.pageSize, at fixed: Address? = nil, memory: inout Memory
    ) throws(AllocationFailure) -> AddressRange {
        let page = KernelLayout.pageSize
        guard size > 0, size <= space.size else { throw .tooLarge }
        let pages = (size - 1) / page + 1
        guard let start = fixed ?? taken.hole(size: (pages + 1) * page, alignment: alignment) else { throw .outOfMemory }
        let area = AddressRange(start: start, size: pages * page), guarded = AddressRange(start: start, size: area.size + page)
        guard space.contains(guarded) else { throw .outside }
        guard start.rawValue % alignment == 0 else { throw .notASlot }
        guard taken.isFree(guarded) else { throw .inUse }
        try memory.map([area])
        taken.take(guarded)
        areas[start] = area.size
        return area
    }

    /// Unmaps the area that starts at `start` and gives its addresses back.
    package mutating func free(_ start: Address, memory: inout Memory) throws(AllocationFailure) {
        guard let size = areas.removeValue(forKey: start) else { throw .notAllocated }
        memory.remove(AddressRange(start: start, size: size))
        taken.release(AddressRange(start: start, size: size + KernelLayout.pageSize))
    }
}
