/// Where the copies of per-CPU memory stand (`mm/percpu.c`).
///
/// A per-CPU pointer is no address: what it means on a CPU is at the pointer plus `offsets[cpu]`. All chunks have a unit
/// for each CPU at the same distances: the first, with the static section, in the linear map; the next in vmalloc space.
package struct PerCPULayout: Hashable, Sendable {
    /// The per-CPU section as the image has it, `__per_cpu_start`: where static per-CPU pointers begin.
    package let sectionStart: Address
    /// `__per_cpu_offset`, by CPU.
    package let offsets: [UInt64]
    /// The per-CPU pointers of the first chunk that is in vmalloc space.
    package let dynamic: AddressRange

    /// How large a CPU's part of a chunk is.
    enum Unit: Hashable, Sendable {
        case bytes(UInt64)
        /// x86-64: up to eight CPUs share a large page of 2 MiB.
        case sharedLargePage

        func size(cpuCount: Int) -> UInt64 {
            switch self {
            case .bytes(let size): size
            case .sharedLargePage: Self.largePage / [1, 2, 4, 8].first { $0 >= min(cpuCount, 8) }!
            }
        }

        var alignment: UInt64 { self == .sharedLargePage ? Self.largePage : KernelLayout.pageSize }

        private static let largePage: UInt64 = 2 << 20
    }

    /// - Parameters:
    ///   - below: where the first chunk ends in the linear map, at the latest.
    ///   - chunkBelow: where the next one ends in vmalloc space: such chunks are put there from the top down.
    init(cpuCount: Int, unit: Unit, below end: Address, chunkBelow vmallocEnd: Address, sectionStart: Address) {
        let size = unit.size(cpuCount: cpuCount), alignment = unit.alignment
        func chunk(endingBy end: Address) -> Address {
            Address((end.rawValue - size * UInt64(cpuCount)) / alignment * alignment)
        }
        let base = chunk(endingBy: end)
        self.sectionStart = sectionStart
        offsets = (0..<UInt64(cpuCount)).map { (base - sectionStart) &+ $0 * size }
        dynamic = AddressRange(start: sectionStart + (chunk(endingBy: vmallocEnd) - base), size: size)
    }

    package var cpuCount: Int { offsets.count }

    /// The address of the CPU's copy of what a per-CPU pointer points to (`per_cpu_ptr()`).
    package func address(of pointer: Address, cpu: Int) -> Address { pointer + offsets[cpu] }

    /// Where the CPU's static section begins, in the linear map.
    package func staticBase(cpu: Int) -> Address { address(of: sectionStart, cpu: cpu) }

    /// Where the CPU's unit of the dynamic chunk begins, in vmalloc space.
    package func dynamicBase(cpu: Int) -> Address { address(of: dynamic.start, cpu: cpu) }
}
