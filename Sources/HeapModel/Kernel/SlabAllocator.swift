/// Slab caches as SLUB lays them out: objects of one size next to each other in pages of the linear map.
///
/// The slot freed last is the next one given out. Slabs stay with their cache.
package struct SlabAllocator: Sendable {
    package typealias Failure = AllocationFailure
    package static let pageSize = KernelLayout.pageSize

    /// Where slabs and large blocks are taken from.
    package var pages: PageAllocator
    private let hasFreePointerInMiddle: Bool
    private let isPoisoning: Bool
    private var caches: [String: Cache] = [:]
    private var slabs: [Slab] = []
    /// The slab that a page belongs to, an index of `slabs`.
    private var slabOfPage: [Address: Int] = [:]
    /// Of blocks that kmalloc took whole pages for, by their start.
    var largeBlocks: [Address: AddressRange] = [:]

    private struct Cache: Sendable {
        let shape: SlabCache
        /// Of all slabs; the last one is given out next.
        var free: [Address] = []
    }

    private struct Slab: Sendable {
        let start: Address
        let cache: String
        /// The slab's part of its cache's list, in the same order. Each slot holds the address of the one before it.
        var free: [Address] = []
    }

    /// - Parameter isPoisoning: `slub_debug=P`: caches are poisoned unless declared otherwise.
    package init(linearMap: AddressRange, profile: KernelProfile, isPoisoning: Bool = false) {
        pages = PageAllocator(linearMap: linearMap)
        hasFreePointerInMiddle = profile.isAtLeast(5, 7)
        self.isPoisoning = isPoisoning
        for size in Self.kmallocSizes {
            // Since 5.4 a size that is a power of two is also the alignment; up to a page here, as slabs are.
            let isAligned = size.nonzeroBitCount == 1 && profile.isAtLeast(5, 4)
            let alignment = isAligned ? min(size, Self.pageSize) : 8
            caches[Self.kmallocCache(size)] = Cache(
                shape: SlabCache(objectSize: size, alignment: alignment, isPoisoned: isPoisoning))
        }
    }

    // MARK: Caches

    /// `kmem_cache_create()`. Declaring a cache again is fine when nothing is different.
    package mutating func declare(_ name: String, _ shape: SlabCache) throws(Failure) {
        guard shape.isPossible else { throw .tooLarge }
        if let cache = caches[name], cache.shape != shape { throw .wrongSize(cache: cache.shape.objectSize) }
        caches[name] = caches[name] ?? Cache(shape: shape)
    }

    /// A cache that is declared, or was made by its first object.
    package func cache(_ name: String) -> SlabCache? { caches[name]?.shape }

    // MARK: Objects

    /// A free object of the cache, which is made when it is new; at `fixed` when that is given.
    ///
    /// - Parameter zero: whether its bytes are cleared; otherwise they stay as they are, the free pointer too, or are poison.
    package mutating func allocate(
        cache name: String, objectSize: UInt64, at fixed: Address? = nil, zero: Bool = true, memory: inout Memory
    ) throws(Failure) -> AddressRange {
        let shape = caches[name]?.shape ?? SlabCache(objectSize: objectSize, isPoisoned: isPoisoning)
        guard shape.isPossible else { throw .tooLarge }
        guard shape.objectSize == objectSize else { throw .wrongSize(cache: shape.objectSize) }
        let slab: Int
        if let fixed {
            slab = try self.slab(with: fixed, name, shape, &memory)
        } else if let next = caches[name]?.free.last, let index = slabOfPage[Self.page(of: next)] {
            slab = index
        } else {
            slab = try addSlab(name, shape, at: nil, &memory)
        }
        let address = take(fixed, from: slab, shape, &memory)
        if zero {
            memory.write([UInt8](repeating: 0, count: Int(objectSize)), at: address)
        } else if shape.isPoisoned {
            memory.write(shape.poison, at: address)
        }
        return AddressRange(start: address, size: objectSize)
    }

    /// Gives an object back, of a slab cache or of `kmalloc`. Only poison and the free pointer are written to it.
    package mutating func free(_ address: Address, memory: inout Memory) throws(Failure) {
        if let block = largeBlocks.removeValue(forKey: address) { return pages.free(block) }
        guard let slab = slabOfPage[Self.page(of: address)], let shape = cache(slabs[slab].cache),
            shape.isSlot(address - slabs[slab].start), !slabs[slab].free.contains(address)
        else { throw .notAllocated }
        if shape.isPoisoned { memory.write(shape.poison, at: address) }
        link(address, to: slabs[slab].free.last, shape, &memory)
        slabs[slab].free.append(address)
        caches[slabs[slab].cache]?.free.append(address)
    }

    private static func page(of address: Address) -> Address { Address(address.rawValue / pageSize * pageSize) }

    /// The slab in which `address` is free; a new one where there is none yet.
    private mutating func slab(
        with address: Address, _ name: String, _ shape: SlabCache, _ memory: inout Memory
    ) throws(Failure) -> Int {
        let page = Self.page(of: address)
        guard let index = slabOfPage[page] else {
            guard pages.linearMap.contains(page) else { throw .outside }
            guard shape.isSlot(address - page) else { throw .notASlot }
            return try addSlab(name, shape, at: page, &memory)
        }
        let slab = slabs[index]
        guard slab.cache == name, slab.free.contains(address) else {
            throw shape.isSlot(address - slab.start) ? .inUse : .notASlot
        }
        return index
    }

    /// Takes the slot, or the one freed last, out of the lists.
    private mutating func take(
        _ fixed: Address?, from slab: Int, _ shape: SlabCache, _ memory: inout Memory
    ) -> Address {
        let count = slabs[slab].free.count
        guard let place = fixed.map({ slabs[slab].free.lastIndex(of: $0) }) ?? count - 1 else {
            preconditionFailure("the slot is not free")
        }
        let address = slabs[slab].free.remove(at: place)
        if place < count - 1 {
            link(slabs[slab].free[place], to: place > 0 ? slabs[slab].free[place - 1] : nil, shape, &memory)
        }
        let cache = slabs[slab].cache
        if let place = caches[cache]?.free.lastIndex(of: address) { caches[cache]?.free.remove(at: place) }
        return address
    }

    // MARK: Slabs

    private mutating func addSlab(
        _ name: String, _ shape: SlabCache, at fixed: Address?, _ memory: inout Memory
    ) throws(Failure) -> Int {
        let range = try pages.allocate(shape.slabSize / Self.pageSize, at: fixed, memory: &memory)
        let slots = (0..<shape.slotCount).map { range.start + $0 * shape.stride }
        if shape.isPoisoned {
            var bytes = [UInt8](repeating: SlabCache.padding, count: Int(range.size))
            for slot in slots {
                let offset = Int(slot - range.start)
                bytes.replaceSubrange(offset..<offset + Int(shape.objectSize), with: shape.poison)
            }
            memory.write(bytes, at: range.start)
        }
        for (slot, next) in zip(slots, slots.dropFirst().map { $0 } + [nil]) { link(slot, to: next, shape, &memory) }
        // Reversed, so that slots are given out in ascending order.
        slabs.append(Slab(start: range.start, cache: name, free: slots.reversed()))
        caches[name, default: Cache(shape: shape)].free += slots.reversed()
        for offset in stride(from: 0, to: range.size, by: Int(Self.pageSize)) {
            slabOfPage[range.start + offset] = slabs.count - 1
        }
        return slabs.count - 1
    }

    /// Writes the free pointer of a free slot: the slot of its slab that is given out after it.
    private func link(_ slot: Address, to next: Address?, _ shape: SlabCache, _ memory: inout Memory) {
        let place = slot + shape.freePointerOffset(isInMiddle: hasFreePointerInMiddle)
        memory.write(word: next?.rawValue ?? 0, at: place)
    }
}
