import HeapModel
import Testing

/// What SLUB does to addresses and bytes.
@Suite struct SlabAllocatorTests {
    static let start = Address(0xffff_8880_0400_0000)
    private var memory = Memory()
    private var slabs = allocator("6.12")

    static func allocator(_ release: String, isPoisoning: Bool = false) -> SlabAllocator {
        SlabAllocator(
            linearMap: AddressRange(start: start, size: 0x10_0000),
            profile: KernelProfile(release: release, architecture: .x86_64), isPoisoning: isPoisoning)
    }

    /// Allocates an object and gives its place in the linear map.
    private mutating func take(
        _ cache: String, _ size: UInt64, at offset: UInt64? = nil, zero: Bool = true
    ) throws(AllocationFailure) -> UInt64 {
        let fixed = offset.map { Self.start + $0 }
        return try slabs.allocate(cache: cache, objectSize: size, at: fixed, zero: zero, memory: &memory).start - Self.start
    }

    private mutating func free(_ offset: UInt64) throws(AllocationFailure) {
        try slabs.free(Self.start + offset, memory: &memory)
    }

    private func word(_ offset: UInt64) -> UInt64? { memory.word(at: Self.start + offset) }
    private func bytes(_ offset: UInt64, _ count: UInt64) -> [UInt8?] {
        memory.bytes(in: AddressRange(start: Self.start + offset, size: count))
    }

    // MARK: Where objects stand

    @Test(arguments: [
        (SlabCache(objectSize: 100), 104, 4096), (SlabCache(objectSize: 1), 8, 4096), (SlabCache(objectSize: 64), 64, 4096),
        (SlabCache(objectSize: 100, alignment: 64), 128, 4096), (SlabCache(objectSize: 100, alignment: 2), 104, 4096),
        (SlabCache(objectSize: 96, isPoisoned: true), 104, 4096), (SlabCache(objectSize: 100, isPoisoned: true), 112, 4096),
        (SlabCache(objectSize: 64, alignment: 64, isPoisoned: true), 128, 4096),
        (SlabCache(objectSize: 4096), 4096, 4096), (SlabCache(objectSize: 4096, isPoisoned: true), 4104, 8192),
        (SlabCache(objectSize: 9000), 9000, 12288),
    ] as [(SlabCache, UInt64, UInt64)])
    mutating func objectsAreNeighboursAtTheirStride(cache: SlabCache, stride: UInt64, slabSize: UInt64) throws {
        #expect(cache.stride == stride && cache.slabSize == slabSize)
        try slabs.declare("mine", cache)
        #expect(slabs.cache("mine") == cache)
        let count = slabSize / stride
        let offsets = try (0...count).map { _ in try take("mine", cache.objectSize) }
        #expect(offsets == (0..<count).map { $0 * stride } + [slabSize])
        #expect(memory.byteCount == 2 * slabSize)
    }

    @Test mutating func aDeclaredCacheKeepsItsShape() throws {
        let cache = SlabCache(objectSize: 64, isUntracked: true)
        try slabs.declare("mine", cache)
        try slabs.declare("mine", cache)
        #expect(slabs.cache("mine")?.isUntracked == true && slabs.cache("other") == nil)
        #expect(throws: AllocationFailure.wrongSize(cache: 64)) { try slabs.declare("mine", SlabCache(objectSize: 64)) }
        #expect(throws: AllocationFailure.wrongSize(cache: 64)) { try take("mine", 65) }
        for shape in [SlabCache(objectSize: 0), SlabCache(objectSize: (1 << 24) + 1), SlabCache(objectSize: 8, alignment: 8192)] {
            #expect(throws: AllocationFailure.tooLarge) { try slabs.declare("odd", shape) }
        }
        #expect(slabs.cache("odd") == nil && memory.byteCount == 0)
    }

    @Test mutating func aFixedAddressMustBeAFreeSlot() throws {
        #expect(try take("a", 1000, at: 0x2000 + 1000) == 0x23e8)
        #expect(throws: AllocationFailure.inUse) { try take("a", 1000, at: 0x23e8) }
        #expect(throws: AllocationFailure.inUse) { try take("b", 1000, at: 0x2000) }
        #expect(throws: AllocationFailure.notASlot) { try take("a", 1000, at: 0x2001) }
        #expect(throws: AllocationFailure.notASlot) { try take("a", 1000, at: 0x3008) }
        #expect(throws: AllocationFailure.notASlot) { try take("a", 1000, at: 0x3000 + 4000) }
        #expect(throws: AllocationFailure.outside) { try take("a", 1000, at: 0x10_0000) }
        #expect(throws: AllocationFailure.tooLarge) { try take("c", 0) }
        #expect(memory.byteCount == 0x1000 && slabs.cache("b") == nil)
        #expect(try [take("a", 1000), take("a", 1000), take("a", 1000), take("a", 1000)] == [0x2000, 0x27d0, 0x2bb8, 0])
    }

    @Test mutating func onlyWhatIsAllocatedCanBeFreed() throws {
        _ = try (take("a", 1000), take("a", 1000))
        try free(0)
        for offset in [0, 1, 2000, 3000, 4000, 0x1000] as [UInt64] {
            #expect(throws: AllocationFailure.notAllocated) { try free(offset) }
        }
        try free(1000)
        #expect(try [take("a", 1000), take("a", 1000)] == [1000, 0])
    }

    @Test mutating func aCacheIsNotMadeByAnAllocationThatFails() {
        memory.limit = 4095
        #expect(throws: AllocationFailure.memoryLimit) { try take("a", 8) }
        #expect(slabs.cache("a") == nil && memory.byteCount == 0)
    }

    // MARK: What stands in free objects

    /// The first word before 5.7, the middle since.
    @Test(arguments: [("4.9", 64, 0), ("5.6", 64, 0), ("5.7", 64, 32), ("6.12", 64, 32), ("6.12", 96, 48), ("6.12", 100, 48),
        ("6.12", 20, 8), ("6.12", 8, 0), ("6.12", 1, 0)] as [(String, UInt64, UInt64)])
    mutating func aFreeObjectHoldsTheNextOne(release: String, size: UInt64, offset: UInt64) throws {
        slabs = Self.allocator(release)
        let stride = (size + 7) / 8 * 8, last = 4096 / stride - 1
        for _ in 0..<3 { _ = try take("a", size) }
        #expect(word(3 * stride + offset) == Self.start.rawValue + 4 * stride)
        #expect(word(last * stride + offset) == 0)
        try free(0)
        try free(2 * stride)
        #expect(word(offset) == Self.start.rawValue + 3 * stride)
        #expect(word(2 * stride + offset) == Self.start.rawValue)
    }

    @Test mutating func eachSlabHasAListOfItsOwn() throws {
        let offsets = try (0..<4).map { _ in try take("a", 2048) }
        for place in [0, 2, 1, 3] { try free(offsets[place]) }
        #expect([0, 1, 2, 3].map { word(offsets[$0] + 1024) } == [0, Self.start.rawValue, 0, Self.start.rawValue + 4096])
        #expect(try (0..<4).map { _ in try take("a", 2048) } == [6144, 2048, 4096, 0])
    }

    @Test mutating func anObjectTakenFromTheMiddleOfTheListIsLinkedAround() throws {
        _ = try take("a", 1024, at: 1024)
        #expect([0, 2048, 3072].map { word($0 + 512) } == [Self.start.rawValue + 2048, Self.start.rawValue + 3072, 0])
        _ = try take("a", 1024, at: 3072)
        #expect([0, 2048].map { word($0 + 512) } == [Self.start.rawValue + 2048, 0])
    }

    @Test mutating func staleBytesStayUnlessTheyAreCleared() throws {
        _ = try take("a", 60)
        memory.write([UInt8](repeating: 0xee, count: 64), at: Self.start)
        try free(0)
        let stale = [UInt8?](repeating: 0xee, count: 24) + (Self.start.rawValue + 64).littleEndianBytes
            + [UInt8?](repeating: 0xee, count: 32)
        #expect(bytes(0, 64) == stale)
        #expect(try take("a", 60, zero: false) == 0)
        #expect(bytes(0, 64) == stale)
        try free(0)
        #expect(try take("a", 60) == 0)
        #expect(bytes(0, 64) == [UInt8?](repeating: 0, count: 60) + [UInt8?](repeating: 0xee, count: 4))
    }

    // MARK: Poison

    @Test mutating func poisonFillsFreeObjectsAndTheFreePointerStandsBehind() throws {
        try slabs.declare("a", SlabCache(objectSize: 20, isPoisoned: true))
        let poison = [UInt8?](repeating: 0x6b, count: 19) + [0xa5], padding = [UInt8?](repeating: 0x5a, count: 4)
        #expect(try take("a", 20) == 0)
        #expect(bytes(0, 24) == [UInt8?](repeating: 0, count: 20) + padding)
        #expect(bytes(32, 32) == poison + padding + (Self.start.rawValue + 64).littleEndianBytes)
        #expect(bytes(4064, 32) == poison + padding + [UInt8?](repeating: 0, count: 8))
        try free(0)
        #expect(bytes(0, 32) == poison + padding + (Self.start.rawValue + 32).littleEndianBytes)
        memory.write([1, 2, 3], at: Self.start)
        #expect(try take("a", 20, zero: false) == 0)
        #expect(bytes(0, 20) == poison)
    }

    /// `slub_debug=P` poisons what is not declared, too; kmalloc objects stay aligned to their size since 5.4.
    @Test(arguments: [("5.3", 72, 104), ("5.4", 128, 104)] as [(String, UInt64, UInt64)])
    mutating func allCachesCanBePoisoned(release: String, stride64: UInt64, stride96: UInt64) throws {
        slabs = Self.allocator(release, isPoisoning: true)
        _ = try take("mine", 8, zero: false)
        #expect(bytes(0, 8) == [UInt8?](repeating: 0x6b, count: 7) + [0xa5])
        #expect(slabs.cache("kmalloc-64")?.stride == stride64 && slabs.cache("kmalloc-96")?.stride == stride96)
        let block = try slabs.kmalloc(64, zero: false, memory: &memory)
        #expect(memory[block.start + 63] == 0xa5)
    }

    @Test mutating func whatIsBehindTheLastPoisonedObjectIsPadding() throws {
        try slabs.declare("a", SlabCache(objectSize: 1000, isPoisoned: true))
        _ = try take("a", 1000)
        #expect(bytes(4 * 1008, 64) == [UInt8?](repeating: 0x5a, count: 64))
    }

    // MARK: Everything at once

    /// The lists in memory are those that objects are given out by, whatever happens.
    @Test(arguments: ["4.19", "6.12"], 1...10)
    mutating func theListsInMemoryAreTrue(release: String, seed: Int) throws {
        slabs = Self.allocator(release)
        let sizes: [UInt64] = [24, 700, 2048, 5000]
        var numbers = SplitMix64(seed: UInt64(seed))
        var live: [UInt64] = [], freed: [UInt64: [UInt64]] = [:], sizeOfSlab: [UInt64: UInt64] = [:]
        for _ in 0..<300 {
            let size = sizes.randomElement(using: &numbers)!
            if let place = live.indices.randomElement(using: &numbers), Bool.random(using: &numbers) {
                let offset = live.remove(at: place)
                try free(offset)
                freed[offset / 4096, default: []].append(offset)
            } else {
                let offset = try take("c\(size)", size, zero: Bool.random(using: &numbers))
                #expect(!live.contains(offset))
                live.append(offset)
                sizeOfSlab[offset / 4096] = size
                if let place = freed[offset / 4096]?.lastIndex(of: offset) {
                    #expect(place == freed[offset / 4096]!.count - 1)
                    freed[offset / 4096]!.remove(at: place)
                }
            }
        }
        for (slab, offsets) in freed {
            let size = try #require(sizeOfSlab[slab]), pointer = release == "4.19" ? 0 : size / 2 / 8 * 8
            for (next, offset) in zip(offsets, offsets.dropFirst()) {
                #expect(word(offset + pointer) == Self.start.rawValue + next)
            }
        }
        #expect(freed.values.contains { $0.count > 1 })
    }
}

extension UInt64 {
    fileprivate var littleEndianBytes: [UInt8?] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}
