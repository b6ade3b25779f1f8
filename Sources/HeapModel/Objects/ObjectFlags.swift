/// kmemleak's object flags, with the kernel's values (`kmemleak.md`, section 1).
package struct ObjectFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// OBJECT_ALLOCATED: the block is in use; without it the object is in no tree and is not scanned.
    package static let allocated = ObjectFlags(rawValue: 0x1)
    /// OBJECT_REPORTED: already counted as a leak once.
    package static let reported = ObjectFlags(rawValue: 0x2)
    /// OBJECT_NO_SCAN: may be referenced, contents are not read.
    package static let noScan = ObjectFlags(rawValue: 0x4)
    /// OBJECT_FULL_SCAN: scanned whole although it has scan areas.
    package static let fullScan = ObjectFlags(rawValue: 0x8)
    /// OBJECT_PHYS: `pointer` is a physical address.
    package static let phys = ObjectFlags(rawValue: 0x10)
    /// OBJECT_PERCPU: `pointer` is a per-CPU offset.
    package static let perCPU = ObjectFlags(rawValue: 0x20)
    /// Found unreferenced by a full pass, to be confirmed by the next (`kmemleak.md`, section 10).
    package static let suspect = ObjectFlags(rawValue: 0x40)
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
