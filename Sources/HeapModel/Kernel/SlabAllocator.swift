/// Slab caches as SLUB lays them out: objects of one size next to each other in pages of the linear map.
///
/// A freed slot is the next one to be given out again. Its bytes stay as they were but for the free pointer, the address
/// of the slab's next free slot, which SLUB keeps inside of the freed object; a poisoned one is filled with 0x6b … 0xa5.
package struct SlabAllocator: Sendable {
    package static let pageSize: UInt64 = 4096
    /// The sizes of the kmalloc caches.
    package static let kmallocSizes: [UInt64] = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192]

    /// Where pages are taken from.
    package let linearMap: AddressRange
    private var nextPage: Address
    private var claimedPages: Set<Address> = []
    private var caches: [String: Cache] = [:]

    private let wordSize: UInt64
    /// SLUB moved the free pointer from an object's first word to its middle, where overflows do not reach it.
    private let keepsFreePointerFirst: Bool

    private struct Cache: Sendable {
        let layout: SlabCache
        /// From one object to the next, in bytes.
        let stride: UInt64
        /// Of the free pointer.
        let freePointerOffset: UInt64
        /// The last one is given out next.
        var free: [Address] = []

        var pageCount: UInt64 { (stride + pageSize - 1) / pageSize }
    }

    package enum Failure: Error, Hashable, Sendable {
        case tooLarge, wrongSize(cache: UInt64), outOfMemory, outside, notASlot, inUse
        /// The simulation has no more memory.
        case memoryLimit
    }

    package init(linearMap: AddressRange, profile: KernelProfile) {
        self.linearMap = linearMap
        wordSize = UInt64(profile.wordSize)
        keepsFreePointerFirst = profile.style == .old
        nextPage = linearMap.start
    }

    /// What kmalloc gives for a request: the next cache size, above the largest a power of two; nil above 4 MiB.
    package static func kmallocSize(_ size: UInt64) -> UInt64? {
        kmallocSizes.first { $0 >= size } ?? (14...22).lazy.map { 1 << $0 }.first { $0 >= size }
    }

    /// A free slot of the cache, which is made when it is new; at `fixed` when that is given.
    /// - Parameters:
    ///   - size: what is asked for; it must be the cache's.
    ///   - zero: whether the object is cleared; otherwise it holds what was there before.
    package mutating func allocate(
        _ layout: SlabCache, size: UInt64, at fixed: Address?, zero: Bool, in memory: inout Memory
    ) throws(Failure) -> Address {
        guard layout.objectSize > 0, layout.objectSize <= 1 << 24 else { throw .tooLarge }
        let cache = caches[layout.name] ?? newCache(layout)
        guard cache.layout.objectSize == size else { throw .wrongSize(cache: cache.layout.objectSize) }
        caches[layout.name] = cache
        let page = fixed.map { Address($0.rawValue / Self.pageSize * Self.pageSize) }
        if page.map({ !claimedPages.contains($0) }) ?? cache.free.isEmpty {
            try takePages(for: cache, at: page, in: &memory)
        }
        let free = caches[layout.name]?.free ?? []
        guard let place = fixed.map({ free.lastIndex(of: $0) }) ?? free.indices.last else {
            throw (fixed.map { ($0.rawValue % Self.pageSize) % cache.stride == 0 } ?? false) ? .inUse : .notASlot
        }
        let start = free[place]
        caches[layout.name]?.free.remove(at: place)
        if place < free.count - 1 { relink(layout.name, from: place, in: &memory) }
        if zero { memory.clear(AddressRange(start: start, size: size)) }
        return start
    }

    /// Gives a slot back.
    package mutating func free(_ address: Address, cache name: String, in memory: inout Memory) {
        guard let cache = caches[name] else { return }
        if cache.layout.isPoisoned { poison(address, cache, in: &memory) }
        caches[name]?.free.append(address)
        relink(name, from: cache.free.count, in: &memory)
    }

    /// Takes pages out of the allocator's hands, for memory that is not slab.
    package mutating func claim(_ range: AddressRange, in memory: inout Memory) throws(Failure) {
        let first = range.start.rawValue / Self.pageSize, last = (range.start.rawValue + (range.size - 1)) / Self.pageSize
        let pages = (first...last).map { Address($0 * Self.pageSize) }
        for page in pages where !claimedPages.contains(page) {
            guard memory.add(AddressRange(start: page, size: Self.pageSize)) else { throw .inUse }
            claimedPages.insert(page)
        }
    }

    private func newCache(_ layout: SlabCache) -> Cache {
        let aligned = (layout.objectSize + layout.alignment - 1) / layout.alignment * layout.alignment
        guard layout.isPoisoned else {
            let offset = keepsFreePointerFirst ? 0 : layout.objectSize / 2 / wordSize * wordSize
            return Cache(layout: layout, stride: aligned, freePointerOffset: offset)
        }
        // A poisoned object is all poison: the free pointer stands behind it.
        let behind = (layout.objectSize + wordSize - 1) / wordSize * wordSize
        let stride = (behind + wordSize + layout.alignment - 1) / layout.alignment * layout.alignment
        return Cache(layout: layout, stride: stride, freePointerOffset: behind)
    }

    private mutating func takePages(for cache: Cache, at fixed: Address?, in memory: inout Memory) throws(Failure) {
        let count = cache.pageCount
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
        guard memory.byteCount + pages.size <= SimulatedKernel.memoryLimit else { throw .memoryLimit }
        guard memory.add(pages) else { throw .inUse }
        for page in 0..<count { claimedPages.insert(start + page * Self.pageSize) }
        // Reversed, so that slots are given out in ascending order.
        let slots = (0..<pages.size / cache.stride).reversed().map { start + $0 * cache.stride }
        let before = cache.free.count
        caches[cache.layout.name]?.free += slots
        if cache.layout.isPoisoned { for slot in slots { poison(slot, cache, in: &memory) } }
        for place in slots.indices { relink(cache.layout.name, from: before + place, in: &memory) }
    }

    /// Writes the free pointer of the first slot at or behind `place` that belongs to the same slab as the one before.
    private func relink(_ name: String, from place: Int, in memory: inout Memory) {
        guard let cache = caches[name], cache.layout.objectSize >= wordSize, place < cache.free.count else { return }
        let slabOf = { (slot: Address) in slot.rawValue / (cache.pageCount * Self.pageSize) }
        let slot = cache.free[place]
        let next = cache.free[..<place].last { slabOf($0) == slabOf(slot) }
        memory.write(word: next?.rawValue ?? 0, size: Int(wordSize), at: slot + cache.freePointerOffset)
    }

    private func poison(_ slot: Address, _ cache: Cache, in memory: inout Memory) {
        let size = Int(cache.layout.objectSize)
        memory.write([UInt8](repeating: 0x6b, count: size - 1) + [0xa5], at: slot)
    }
}
