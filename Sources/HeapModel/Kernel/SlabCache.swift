/// A slab cache: the objects it gives out, and how they lie in its slabs (`calculate_sizes()` of `mm/slub.c`).
package struct SlabCache: Hashable, Sendable {
    /// Bytes that the caller may use and kmemleak is told.
    package let objectSize: UInt64
    /// Of each object's address, in bytes; at least a word.
    package let alignment: UInt64
    /// SLAB_POISON: free objects are filled with a pattern.
    package let isPoisoned: Bool
    /// SLAB_NOLEAKTRACE: kmemleak never hears of the objects.
    package let isUntracked: Bool

    package init(objectSize: UInt64, alignment: UInt64 = 8, isPoisoned: Bool = false, isUntracked: Bool = false) {
        self.objectSize = objectSize
        self.alignment = max(alignment, Self.wordSize)
        self.isPoisoned = isPoisoned
        self.isUntracked = isUntracked
    }

    private static let wordSize: UInt64 = 8

    /// Whether there can be such a cache: objects of 1 byte to 16 MiB, aligned to a page at most.
    var isPossible: Bool { 1...1 << 24 ~= objectSize && alignment <= KernelLayout.pageSize }

    /// From one object to the next.
    package var stride: UInt64 { Self.round(inUse + (isPoisoned ? Self.wordSize : 0), up: alignment) }

    /// Bytes of a slab: whole pages.
    package var slabSize: UInt64 { Self.round(stride, up: KernelLayout.pageSize) }

    var slotCount: UInt64 { slabSize / stride }

    /// Whether an object can begin this many bytes into a slab.
    func isSlot(_ offset: UInt64) -> Bool { offset % stride == 0 && offset / stride < slotCount }

    private var inUse: UInt64 { Self.round(objectSize, up: Self.wordSize) }

    private static func round(_ size: UInt64, up unit: UInt64) -> UInt64 { (size + unit - 1) / unit * unit }

    /// Where a free object holds the address of the next one: behind a poisoned object, otherwise inside it.
    ///
    /// - Parameter isInMiddle: since 5.7, away from the edges; before, the first word.
    func freePointerOffset(isInMiddle: Bool) -> UInt64 {
        if isPoisoned { return inUse }
        return isInMiddle ? objectSize / 2 / Self.wordSize * Self.wordSize : 0
    }

    /// POISON_FREE … POISON_END: what a poisoned object holds until somebody writes to it.
    var poison: [UInt8] { [UInt8](repeating: 0x6b, count: Int(objectSize) - 1) + [0xa5] }

    /// POISON_INUSE: what is between and behind the objects of a poisoned slab.
    static let padding: UInt8 = 0x5a
}
