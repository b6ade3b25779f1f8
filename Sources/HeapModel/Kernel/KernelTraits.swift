/// The points in which the forms of kmemleak differ, one each (`kmemleak.md`, section 0).
extension KernelProfile.Style {
    /// PHYS objects stand in a tree of their own, with min_count 0; before, they were ordinary ones at their virtual address.
    package var hasPhysObjects: Bool { self != .old }
    /// A per-CPU allocation is one PERCPU object with min_count 1; before, an ordinary one with min_count 0 for each CPU.
    package var hasPerCPUObjects: Bool { self == .current || self == .v2026 }
    /// A vm_struct passes surplus references on to its block.
    package var hasExcessReferences: Bool { self != .old }
    /// `.data` and `.bss` are gray objects; before, roots that each scan reads first.
    package var tracksSections: Bool { self != .old }
    package var hasTransientLeaks: Bool { self == .current || self == .v2026 }
    package var firstChecksum: UInt32 { self == .v2026 ? .max : 0 }
    /// Reports tell an object's age.
    package var tellsAge: Bool { self == .old }
    /// `backtrace (crc …):`, and frames without their addresses.
    package var tellsChecksum: Bool { self == .current || self == .v2026 }
    /// `dump=` takes any byte of an object; before, its first one only.
    package var dumpsByAnyByte: Bool { self == .current || self == .v2026 }
    /// `dump=` asks all trees; before, that of ordinary objects only.
    package var dumpsFromAllTrees: Bool { self == .v2026 }
    /// An object for whose scan area there is no memory is scanned whole; before, as if nobody had asked for the area.
    package var hasFullScan: Bool { self != .old }
    /// Freeing a part takes the records for what is left first, and does nothing without them; before, afterwards.
    package var splitsWithCare: Bool { self == .current || self == .v2026 }
    /// What is allocated before kmemleak starts goes to a log that is replayed; later, to a pool of records.
    package var hasEarlyLog: Bool { self == .old }
    /// White objects have to be found unreferenced by a second pass.
    package var confirmsLeaks: Bool { self == .v2026 }
}
