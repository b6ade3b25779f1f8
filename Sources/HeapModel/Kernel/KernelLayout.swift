/// Where things stand in a kernel's address space: one row for each architecture and size of its page tables.
///
/// Without KASLR; the real kernel's documents are `Documentation/arch/x86/x86_64/mm.rst` and `…/arm64/memory.rst`.
package struct KernelLayout: Sendable {
    /// All of physical memory, mapped; physical address 0 is at its start.
    package let linearMap: AddressRange
    /// vmalloc() and the stacks of tasks.
    package let vmalloc: AddressRange
    /// The struct pages.
    package let vmemmap: AddressRange
    package let modules: AddressRange
    /// The kernel's own code, data and bss.
    package let image: AddressRange
    /// Memory that per-CPU allocations come from: CPU 0's copy of it. Those of the others follow, a unit apart.
    package let perCPUChunk: AddressRange
    /// CPU 0's copy of the static per-CPU section.
    package let perCPUStatic: Address
    /// The distance between two CPUs' copies, in bytes.
    package let perCPUUnit: UInt64 = 0x40000

    package init(_ profile: KernelProfile) {
        let row: (linear: UInt64, vmalloc: UInt64, vmemmap: UInt64, modules: UInt64, image: UInt64, chunk: UInt64) =
            switch (profile.architecture, profile.style, profile.pagingLevels) {
            case (.x86_64, _, 5):
                (0xff11_0000_0000_0000, 0xffa0_0000_0000_0000, 0xffd4_0000_0000_0000, 0xffff_ffff_a000_0000, 0xffff_ffff_8100_0000, 0xffd1_7fff_ffd0_0000)
            case (.x86_64, _, _):
                (0xffff_8880_0000_0000, 0xffff_c900_0000_0000, 0xffff_ea00_0000_0000, 0xffff_ffff_a000_0000, 0xffff_ffff_8100_0000, 0xffff_e8ff_ffd0_0000)
            case (.arm64, .old, _):  // 39 bits of address
                (0xffff_ffc0_0000_0000, 0xffff_ff80_0900_0000, 0xffff_ffbf_0000_0000, 0xffff_ff80_0000_0000, 0xffff_ff80_0808_0000, 0xffff_ffbd_bf80_0000)
            case (.arm64, _, _):  // 48 bits of address
                (0xffff_0000_0000_0000, 0xffff_8000_8300_0000, 0xffff_fdff_c000_0000, 0xffff_8000_7800_0000, 0xffff_8000_8000_0000, 0xffff_fdff_be80_0000)
            }
        linearMap = AddressRange(start: Address(row.linear), size: 1 << 32)
        vmalloc = AddressRange(start: Address(row.vmalloc), size: 1 << 30)
        vmemmap = AddressRange(start: Address(row.vmemmap), size: linearMap.size / SlabAllocator.pageSize * Self.structPageSize)
        modules = AddressRange(start: Address(row.modules), size: 0x200_0000)
        image = AddressRange(start: Address(row.image), size: 0x200_0000)
        perCPUChunk = AddressRange(start: Address(row.chunk), size: 0x8000)
        perCPUStatic = Address(row.linear + 0x7dc0_0000)
    }

    /// Where the kernel keeps what no scenario asks for, a page below its data.
    package var ownData: AddressRange { AddressRange(start: image.start + 0x19f_f000, size: VmapAreaList.rootSize) }

    /// sizeof(struct page), in bytes.
    package static let structPageSize: UInt64 = 64

    /// The part of the linear map that a scenario gets which asks for none.
    package var standardLinearMap: AddressRange { AddressRange(start: linearMap.start + 0x400_0000, size: 0x400_0000) }

    /// What CPU `cpu` adds to a per-CPU pointer (`per_cpu_offset()`).
    package func perCPUOffset(cpu: Int) -> UInt64 { perCPUStatic.rawValue &+ UInt64(cpu) * perCPUUnit }

    /// The struct page of a physical address.
    package func structPage(of physical: Address) -> Address {
        vmemmap.start + physical.rawValue / SlabAllocator.pageSize * Self.structPageSize
    }
}
