/// A call of one of kmemleak's hooks, as the rest of the kernel makes it (`kmemleak.md`, section 2).
///
/// Addresses are virtual; of the phys hooks physical, of the per-CPU hooks per-CPU offsets.
package enum Hook: Hashable, Sendable {
    /// `kmemleak_alloc()`; min_count as in `TrackedObject`.
    case alloc(AddressRange, minCount: Int32)
    /// `kmemleak_alloc_percpu()`.
    case allocPerCPU(AddressRange)
    /// `kmemleak_vmalloc()`: the block, and the address of its vm_struct.
    case vmalloc(AddressRange, area: Address)
    /// `kmemleak_alloc_phys()`; only old kernels take a min_count.
    case allocPhys(AddressRange, minCount: Int32)
    /// `kmemleak_free()`.
    case free(Address)
    /// `kmemleak_free_part()`.
    case freePart(AddressRange)
    /// `kmemleak_free_percpu()`.
    case freePerCPU(Address)
    /// `kmemleak_free_part_phys()`.
    case freePartPhys(AddressRange)
    /// `kmemleak_not_leak()`.
    case notLeak(Address)
    /// `kmemleak_ignore()`.
    case ignore(Address)
    /// `kmemleak_ignore_phys()`.
    case ignorePhys(Address)
    /// `kmemleak_no_scan()`.
    case noScan(Address)
    /// `kmemleak_scan_area()`; a size of `UInt64.max` means to the end of the object.
    case scanArea(AddressRange)
    /// `kmemleak_transient_leak()`.
    case transientLeak(Address)
    /// `kmemleak_update_trace()`.
    case updateTrace(Address)
}

/// Who calls a hook: kmemleak blames them for the allocation.
package struct Caller: Hashable, Sendable {
    /// What the CPU is doing (`in_hardirq()`, `in_serving_softirq()`).
    package enum Context: Hashable, Sendable {
        case task(pid: Int32, comm: String)
        case hardirq, softirq
    }

    package var context: Context
    /// Return addresses, innermost first.
    package var backtrace: [Address]

    package init(_ context: Context = .task(pid: 0, comm: "swapper/0"), backtrace: [Address] = []) {
        self.context = context
        self.backtrace = backtrace
    }

    /// 0 in an interrupt.
    package var pid: Int32 {
        if case .task(let pid, _) = context { pid } else { 0 }
    }

    package var comm: Comm {
        switch context {
        case .task(_, let comm): Comm(comm)
        case .hardirq: Comm("hardirq")
        case .softirq: Comm("softirq")
        }
    }
}
