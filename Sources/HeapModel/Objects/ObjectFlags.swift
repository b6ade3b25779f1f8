/// kmemleak's object flags, with the kernel's values (`kmemleak.md`, section 1).
@frozen @usableFromInline package struct ObjectFlags: OptionSet, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// OBJECT_ALLOCATED: the block is in use; without it the object is in no tree and is not scanned.
    @inlinable package static var allocated: ObjectFlags { ObjectFlags(rawValue: 0x1) }
    /// OBJECT_REPORTED: already counted as a leak once.
    @inlinable package static var reported: ObjectFlags { ObjectFlags(rawValue: 0x2) }
    /// OBJECT_NO_SCAN: may be referenced, contents are not read.
    @inlinable package static var noScan: ObjectFlags { ObjectFlags(rawValue: 0x4) }
    /// OBJECT_FULL_SCAN: scanned whole although it has scan areas.
    @inlinable package static var fullScan: ObjectFlags { ObjectFlags(rawValue: 0x8) }
    /// OBJECT_PHYS: `pointer` is a physical address.
    @inlinable package static var phys: ObjectFlags { ObjectFlags(rawValue: 0x10) }
    /// OBJECT_PERCPU: `pointer` is a per-CPU offset.
    @inlinable package static var perCPU: ObjectFlags { ObjectFlags(rawValue: 0x20) }
    /// Found unreferenced by a full pass, to be confirmed by the next (`kmemleak.md`, section 10).
    @inlinable package static var suspect: ObjectFlags { ObjectFlags(rawValue: 0x40) }
}

/// Which of kmemleak's trees an object stands in.
package enum ObjectKind: String, CaseIterable, Sendable {
    case virtual, phys, percpu

    package init(_ flags: ObjectFlags) {
        self = flags.contains(.phys) ? .phys : flags.contains(.perCPU) ? .percpu : .virtual
    }

    /// What a report puts between "object" and the address.
    package var reportSuffix: String {
        switch self {
        case .virtual: ""
        case .phys: " (phys)"
        case .percpu: " (percpu)"
        }
    }
}
