/// One tracked allocation: a row of the `ObjectTable` (`struct kmemleak_object`; `kmemleak.md`, section 1).
package struct TrackedObject: Hashable, Sendable {
    /// Start of the block; a physical address for PHYS, a per-CPU offset for PERCPU objects.
    package var pointer: Address
    /// In bytes, as the allocator gave it.
    package var size: UInt64
    /// References needed not to be a leak; 0 a root ("gray"), -1 ignored ("black").
    package var minCount: Int32
    /// References found by the last scan; stops growing once the object is gray.
    package var count: Int32 = 0
    package var flags: ObjectFlags = .allocated
    /// The kernel's CRC-32 of the contents, when they were last looked at.
    package var checksum: UInt32 = 0
    /// Scans in a row that found it unreferenced (2026).
    package var unrefScans: UInt32 = 0
    /// Start of another object that receives the references beyond what this one needs; 0 none.
    package var excessReference = Address(0)
    /// When it was allocated.
    package var jiffies: Jiffies
    package var pid: Int32 = 0
    package var comm = Comm("")
    package var trace: TraceID?

    package init(
        pointer: Address, size: UInt64, minCount: Int32 = 1, flags: ObjectFlags = .allocated, jiffies: Jiffies = Jiffies(0)
    ) {
        self.pointer = pointer
        self.size = size
        self.minCount = minCount
        self.flags = flags
        self.jiffies = jiffies
    }

    package var range: AddressRange { AddressRange(start: pointer, size: size) }
    package var colour: Colour { Colour(count: count, minCount: minCount) }
    package var kind: ObjectKind { ObjectKind(flags) }
}
