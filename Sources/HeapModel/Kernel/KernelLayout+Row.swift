extension KernelLayout {
    /// What the layouts differ in.
    struct Row {
        var linearMap: UInt64
        /// Bytes of memory, and its first physical address.
        var memorySize: UInt64
        var physicalBase: UInt64
        /// Bytes at the start of the linear map that the image and other early things take.
        var firstPage: UInt64
        /// Bytes at its end that were taken at boot before the per-CPU memory was.
        var reservedAbove: UInt64
        var vmalloc: UInt64
        /// VMALLOC_END, on x86-64 rounded down to a large page as the per-CPU allocator does.
        var vmallocEnd: UInt64
        var vmemmap: UInt64
        var modules: UInt64
        var modulesSize: UInt64
        var text: UInt64
        var data: UInt64
        var bss: UInt64
        var imageEnd: UInt64
        /// `__per_cpu_start`: what per-CPU pointers count from.
        var perCPUStart: UInt64
        var perCPUUnit: PerCPULayout.Unit

        static func of(_ profile: KernelProfile) -> Row {
            switch (profile.architecture, profile.style) {
            case (.x86_64, _): profile.hasFiveLevelPaging ? x86FiveLevels : x86FourLevels
            case (.arm64, .old): arm64Bits39
            case (.arm64, .v6_1): arm64Bits48Until6_4
            case (.arm64, _): arm64Bits48
            }
        }

        static let x86FourLevels = Row(
            linearMap: 0xffff_8880_0000_0000, memorySize: 2 << 30, physicalBase: 0, firstPage: 0x400_0000,
            reservedAbove: 0x220_0000, vmalloc: 0xffff_c900_0000_0000, vmallocEnd: 0xffff_e8ff_ffe0_0000,
            vmemmap: 0xffff_ea00_0000_0000, modules: 0xffff_ffff_a000_0000, modulesSize: 0x5f00_0000,
            text: 0xffff_ffff_8100_0000, data: 0xffff_ffff_82a0_0000, bss: 0xffff_ffff_82c8_0000,
            imageEnd: 0xffff_ffff_8300_0000, perCPUStart: 0, perCPUUnit: .sharedLargePage)

        static let x86FiveLevels: Row = {
            var row = x86FourLevels
            row.linearMap = 0xff11_0000_0000_0000
            row.vmalloc = 0xffa0_0000_0000_0000
            row.vmallocEnd = 0xffd1_ffff_ffe0_0000
            row.vmemmap = 0xffd4_0000_0000_0000
            return row
        }()

        /// 4.x with 39 bits of address; the board of the scenario `hub-probe`.
        static let arm64Bits39 = Row(
            linearMap: 0xffff_ffc0_0000_0000, memorySize: 512 << 20, physicalBase: 0x4000_0000, firstPage: 0x8e0_0000,
            reservedAbove: 0x6_0000, vmalloc: 0xffff_ff80_0800_0000, vmallocEnd: 0xffff_ffbe_bfff_0000,
            vmemmap: 0xffff_ffbf_0000_0000, modules: 0xffff_ff80_0000_0000, modulesSize: 128 << 20,
            text: 0xffff_ff80_0808_0000, data: 0xffff_ff80_08a1_0000, bss: 0xffff_ff80_08b4_0000,
            imageEnd: 0xffff_ff80_08bc_0000, perCPUStart: 0xffff_ff80_089d_0000, perCPUUnit: .bytes(0x1_0000))

        /// 48 bits, after 6.5 moved the modules below the image and 6.9 the struct pages to the top.
        static let arm64Bits48 = Row(
            linearMap: 0xffff_0000_0000_0000, memorySize: 2 << 30, physicalBase: 0x4000_0000, firstPage: 0x400_0000,
            reservedAbove: 0x40_0000, vmalloc: 0xffff_8000_8000_0000, vmallocEnd: 0xffff_fdff_bf80_0000,
            vmemmap: 0xffff_fdff_c000_0000, modules: 0xffff_8000_7a80_0000, modulesSize: 0x580_0000,
            text: 0xffff_8000_8000_0000, data: 0xffff_8000_8240_0000, bss: 0xffff_8000_8260_0000,
            imageEnd: 0xffff_8000_8280_0000, perCPUStart: 0xffff_8000_8238_0000, perCPUUnit: .bytes(0x1_5000))

        static let arm64Bits48Until6_4: Row = {
            var row = arm64Bits48
            row.vmalloc = 0xffff_8000_0800_0000
            row.vmallocEnd = 0xffff_fbff_f000_0000
            row.vmemmap = 0xffff_fc00_0000_0000
            row.modules = 0xffff_8000_0000_0000
            row.modulesSize = 128 << 20
            row.text = 0xffff_8000_0800_0000
            row.data = 0xffff_8000_0a40_0000
            row.bss = 0xffff_8000_0a60_0000
            row.imageEnd = 0xffff_8000_0a80_0000
            row.perCPUStart = 0xffff_8000_0a38_0000
            return row
        }()
    }
}
