/// vmalloc space, or that of modules: whole pages, with an unmapped guard page behind each area.
///
/// It hands out addresses only; the memory is the caller's to map.
package struct VmallocAllocator: Sendable {
    package let space: AddressRange
    /// Ascending; sizes without the guard page.
    private var areas: [AddressRange] = []

    package enum Failure: Error, Hashable, Sendable {
        case full, taken, unaligned
    }

    package init(space: AddressRange) { self.space = space }

    /// The lowest hole that is large enough, or the given address.
    /// - Parameter size: in bytes, whole pages.
    package mutating func allocate(size: UInt64, at fixed: Address? = nil) throws(Failure) -> AddressRange {
        let page = SlabAllocator.pageSize
        if let fixed {
            let range = AddressRange(start: fixed, size: size)
            guard fixed.rawValue % page == 0 else { throw .unaligned }
            guard space.contains(range) else { throw .full }
            guard !areas.contains(where: { $0.withGuard.overlaps(range.withGuard) }) else { throw .taken }
            areas.insert(range, at: areas.firstIndex { $0.start > fixed } ?? areas.count)
            return range
        }
        var start = space.start
        for (place, area) in areas.enumerated() {
            let range = AddressRange(start: start, size: size)
            if area.start - start >= size + page {
                areas.insert(range, at: place)
                return range
            }
            start = area.withGuard.end
        }
        let range = AddressRange(start: start, size: size)
        guard space.contains(range.withGuard) else { throw .full }
        areas.append(range)
        return range
    }

    package mutating func free(_ start: Address) { areas.removeAll { $0.start == start } }
}

extension AddressRange {
    fileprivate var withGuard: AddressRange { AddressRange(start: start, size: size + SlabAllocator.pageSize) }
}
