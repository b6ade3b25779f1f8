extension SlabAllocator {
    /// The sizes of the kmalloc caches.
    package static let kmallocSizes: [UInt64] = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192]
    /// KMALLOC_MAX_SIZE.
    package static let kmallocLimit: UInt64 = 4 << 20

    /// What kmalloc gives for a request: the next cache size; nil above the largest, where whole pages are taken.
    package static func kmallocSize(_ size: UInt64) -> UInt64? { kmallocSizes.first { $0 >= size } }

    static func kmallocCache(_ size: UInt64) -> String { "kmalloc-\(size)" }

    /// A block from the cache of the next size, or above 8 KiB from the page allocator (`kmalloc_large()`).
    ///
    /// A large block has a power of two of pages and is aligned to that.
    ///
    /// - Returns: what kmemleak is told: the size of the cache's objects; of a large block the size asked for.
    package mutating func kmalloc(
        _ size: UInt64, at fixed: Address? = nil, zero: Bool = true, memory: inout Memory
    ) throws(Failure) -> AddressRange {
        guard size > 0, size <= Self.kmallocLimit else { throw .tooLarge }
        if let size = Self.kmallocSize(size) {
            return try allocate(cache: Self.kmallocCache(size), objectSize: size, at: fixed, zero: zero, memory: &memory)
        }
        let blockSize = (size - 1).nextPowerOfTwo
        let block = try pages.allocate(blockSize / Self.pageSize, alignment: blockSize, at: fixed, memory: &memory)
        if zero { memory.write([UInt8](repeating: 0, count: Int(blockSize)), at: block.start) }
        largeBlocks[block.start] = block
        return AddressRange(start: block.start, size: size)
    }
}

extension UInt64 {
    /// The lowest power of two above the number.
    fileprivate var nextPowerOfTwo: UInt64 { 1 << (UInt64.bitWidth - leadingZeroBitCount) }
}
