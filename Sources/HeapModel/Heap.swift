/// Everything one scan reads: objects, memory, roots and the kernel's own settings.
package struct Heap: Sendable {
    package var profile: KernelProfile
    package var objects = ObjectTable()
    package var memory = Memory()
    /// In the order in which a scan reads them.
    package var roots: [Root] = []
    package var symbols = Symbols()
    package var traces = TraceDepot()
    /// The present.
    package var jiffies: Jiffies
    /// When the last scan began; nil before the first.
    package var lastScan: Jiffies?
    /// Whether task stacks are scanned (`stack=on`).
    package var scansStacks = true
    /// Scans in a row that must find an object unreferenced before it is reported (2026).
    package var minUnrefScans: UInt32 = 1
    /// Whether kmemleak is on. A capture is scanned either way: the point is to look.
    package var isEnabled = true
    /// Adds to a physical address to give the virtual one; nil when PHYS contents cannot be read.
    package var physToVirt: UInt64?
    /// First and last page frame of low memory; a PHYS object outside is painted black. nil: none is.
    package var lowPageFrames: ClosedRange<UInt64>?
    package var pageShift: UInt64 = 12
    /// What each CPU adds to a per-CPU offset; nil when PERCPU contents cannot be read.
    package var perCPUOffsets: [UInt64]?

    package init(profile: KernelProfile, jiffies: Jiffies? = nil) {
        self.profile = profile
        self.jiffies = jiffies ?? .atBoot(hz: profile.hz)
    }

    /// The places where an object's bytes stand: one, or one for each CPU; none when they cannot be found.
    package func contents(of id: ObjectID) -> [AddressRange] { contents(of: id, at: objects.range(of: id)) }

    /// The same where the object's own range is at hand: a capture's has to be read from its file.
    package func contents(of id: ObjectID, at range: AddressRange) -> [AddressRange] {
        switch ObjectKind(objects.flags[id.index]) {
        case .virtual: [range]
        case .phys: physToVirt.map { [AddressRange(start: range.start + $0, size: range.size)] } ?? []
        case .percpu: (perCPUOffsets ?? []).map { AddressRange(start: range.start + $0, size: range.size) }
        }
    }
}
