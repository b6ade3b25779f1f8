/// Slab caches as SLUB lays them out: objects of one size next to each other in pages of the linear map.
///
/// It hands out addresses only; the bytes are the caller's. A freed slot is the next one to be given out again.
package struct SlabAllocator: Sendable {
    package static let pageSize: UInt64 = 4096
    /// The sizes of the kmalloc caches.
    package static let kmallocSizes: [UInt64] = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192]

    /// Where pages are taken from.
    package let linearMap: AddressRange
    private var nextPage: Address
    private var claimedPages: Set<Address> = []
    private var caches: [String: Cache] = [:]

    private struct Cache: Sendable {
        let objectSize: UInt64
        /// The last one is given out next.
        var free: [Address] = []
    }

    /// An object's slot, and the page that had to be taken for it, if any.
    package struct Slot: Sendable {
        package let address: Address
        package let size: UInt64
        package let newPages: AddressRange?
    }

    package enum Failure: Error, Hashable, Sendable {
        case tooLarge, wrongSize(cache: UInt64), outOfMemory, outside, notASlot, inUse
    }

    package init(linearMap: AddressRange) {
        self.linearMap = linearMap
        nextPage = linearMap.start
    }

    /// What kmalloc gives for a request: the next cache size; nil above the largest.
    package static func kmallocSize(_ size: UInt64) -> UInt64? { kmallocSizes.first { $0 >= size } }

    /// A free slot of the cache, which is made when it is new; at `fixed` when that is given.
    package mutating func allocate(cache name: String, objectSize: UInt64, at fixed: Address?) throws(Failure) -> Slot {
        guard objectSize > 0, objectSize <= 1 << 24 else { throw .tooLarge }
        let cache = caches[name, default: Cache(objectSize: objectSize)]
        guard cache.objectSize == objectSize else { throw .wrongSize(cache: cache.objectSize) }
        caches[name] = cache
        var newPages: AddressRange?
        let page = fixed.map { Address($0.rawValue / Self.pageSize * Self.pageSize) }
        if page.map({ !claimedPages.contains($0) }) ?? cache.free.isEmpty {
            newPages = try takePages(for: name, objectSize: objectSize, at: page)
        }
        let free = caches[name]?.free ?? []
        guard let place = fixed.map({ free.lastIndex(of: $0) }) ?? free.indices.last else {
            throw (fixed.map { ($0.rawValue % Self.pageSize) % objectSize == 0 } ?? false) ? .inUse : .notASlot
        }
        caches[name]?.free.remove(at: place)
        return Slot(address: free[place], size: objectSize, newPages: newPages)
    }

    /// Gives a slot back.
    package mutating func free(_ address: Address, cache name: String) { caches[name]?.free.append(address) }

    private mutating func takePages(for name: String, objectSize: UInt64, at fixed: Address?) throws(Failure) -> AddressRange {
        let count = max(1, (objectSize + Self.pageSize - 1) / Self.pageSize)
        let start: Address
        if let fixed {
            start = fixed
        } else {
            while (0..<count).contains(where: { claimedPages.contains(nextPage + $0 * Self.pageSize) }) {
                nextPage = nextPage + Self.pageSize
            }
            start = nextPage
        }
        let pages = AddressRange(start: start, size: count * Self.pageSize)
        guard linearMap.contains(pages) else { throw fixed == nil ? .outOfMemory : .outside }
        guard !(1..<count).contains(where: { claimedPages.contains(start + $0 * Self.pageSize) }) else { throw .inUse }
        for page in 0..<count { claimedPages.insert(start + page * Self.pageSize) }
        let slots = pages.size / objectSize
        // Reversed, so that slots are given out in ascending order.
        caches[name]?.free += (0..<slots).reversed().map { start + $0 * objectSize }
        return pages
    }
}
