/// Where a kernel's parts stand in the address space when it boots without KASLR, on a machine with little memory.
///
/// After the kernel's `Documentation/arch/x86/x86_64/mm.rst` and `Documentation/arch/arm64/memory.rst`; pages of 4 KiB.
/// Where the image's sections begin and how much memory there is differs from machine to machine: those are examples.
package struct KernelLayout: Hashable, Sendable {
    package static let pageSize: UInt64 = 4096
    /// `sizeof(struct page)`.
    package static let structPageSize: UInt64 = 64
    /// How many CPUs the per-CPU memory can be laid out for.
    package static let cpuCounts = 1...64

    /// All physical memory.
    package let memory: AddressRange
    /// The linear map of it.
    package let linearMap: AddressRange
    /// The linear map above the image and below the per-CPU memory: for the page allocator.
    package let pages: AddressRange
    /// Where vmalloc may put areas; on arm64 the image is in it.
    package let vmalloc: AddressRange
    /// The struct page of the first physical page.
    package let vmemmap: Address
    /// Where modules are loaded.
    package let modules: AddressRange
    package let image: Image
    package let perCPU: PerCPULayout

    /// The sections of the kernel's image.
    package struct Image: Hashable, Sendable {
        package let text: Address
        package let data: Address
        package let bss: Address
        /// One past the last byte.
        package let end: Address

        package var range: AddressRange { AddressRange(start: text, size: end - text) }
    }

    /// - Precondition: `cpuCount` is in `cpuCounts`.
    package init(profile: KernelProfile, cpuCount: Int) {
        precondition(Self.cpuCounts.contains(cpuCount), "no layout for \(cpuCount) CPUs")
        let row = Row.of(profile)
        memory = AddressRange(start: Address(row.physicalBase), size: row.memorySize)
        linearMap = AddressRange(start: Address(row.linearMap), size: row.memorySize)
        vmemmap = Address(row.vmemmap)
        modules = AddressRange(start: Address(row.modules), size: row.modulesSize)
        image = Image(
            text: Address(row.text), data: Address(row.data), bss: Address(row.bss), end: Address(row.imageEnd))
        perCPU = PerCPULayout(
            cpuCount: cpuCount, unit: row.perCPUUnit, below: linearMap.end + (0 &- row.reservedAbove),
            chunkBelow: Address(row.vmallocEnd), sectionStart: Address(row.perCPUStart))
        pages = AddressRange(
            start: linearMap.start + row.firstPage, size: perCPU.staticBase(cpu: 0) - linearMap.start - row.firstPage)
        vmalloc = AddressRange(start: Address(row.vmalloc), size: perCPU.dynamicBase(cpu: 0) - Address(row.vmalloc))
    }

    // MARK: Physical addresses

    /// `__pa()`; nil outside the linear map.
    package func physical(_ address: Address) -> Address? {
        linearMap.contains(address) ? memory.start + (address - linearMap.start) : nil
    }

    /// `__va()`; nil where there is no memory.
    package func virtual(_ physical: Address) -> Address? {
        memory.contains(physical) ? linearMap.start + (physical - memory.start) : nil
    }

    /// Of a physical address.
    package static func pageFrame(_ physical: Address) -> UInt64 { physical.rawValue / pageSize }

    /// The struct page of a physical address; nil where there is no memory.
    package func structPage(_ physical: Address) -> Address? {
        guard memory.contains(physical) else { return nil }
        return vmemmap + (physical - memory.start) / Self.pageSize * Self.structPageSize
    }
}
