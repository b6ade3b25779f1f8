import HeapModel
import Testing

@Suite struct KernelLayoutTests {
    private static func layout(
        _ architecture: KernelProfile.Architecture, _ release: String, la57: Bool = false, cpus: Int = 2
    ) -> KernelLayout {
        var profile = KernelProfile(release: release, architecture: architecture)
        profile.hasFiveLevelPaging = la57
        return KernelLayout(profile: profile, cpuCount: cpus)
    }

    private static let layouts = [
        layout(.x86_64, "6.12"), layout(.x86_64, "6.12", la57: true), layout(.x86_64, "4.9", cpus: 64),
        layout(.arm64, "4.9", cpus: 1), layout(.arm64, "4.9", cpus: 64), layout(.arm64, "6.1"), layout(.arm64, "6.12"),
        layout(.arm64, "6.12", la57: true, cpus: 64),
    ]

    @Test(arguments: zip(layouts, [
        (0xffff_8880_0000_0000, 0, 0xffff_c900_0000_0000, 0xffff_ea00_0000_0000, 0xffff_ffff_a000_0000),
        (0xff11_0000_0000_0000, 0, 0xffa0_0000_0000_0000, 0xffd4_0000_0000_0000, 0xffff_ffff_a000_0000),
        (0xffff_8880_0000_0000, 0, 0xffff_c900_0000_0000, 0xffff_ea00_0000_0000, 0xffff_ffff_a000_0000),
        (0xffff_ffc0_0000_0000, 0x4000_0000, 0xffff_ff80_0800_0000, 0xffff_ffbf_0000_0000, 0xffff_ff80_0000_0000),
        (0xffff_ffc0_0000_0000, 0x4000_0000, 0xffff_ff80_0800_0000, 0xffff_ffbf_0000_0000, 0xffff_ff80_0000_0000),
        (0xffff_0000_0000_0000, 0x4000_0000, 0xffff_8000_0800_0000, 0xffff_fc00_0000_0000, 0xffff_8000_0000_0000),
        (0xffff_0000_0000_0000, 0x4000_0000, 0xffff_8000_8000_0000, 0xffff_fdff_c000_0000, 0xffff_8000_7a80_0000),
        (0xffff_0000_0000_0000, 0x4000_0000, 0xffff_8000_8000_0000, 0xffff_fdff_c000_0000, 0xffff_8000_7a80_0000),
    ] as [(UInt64, UInt64, UInt64, UInt64, UInt64)]))
    func theProfileTellsWhereThingsStand(layout: KernelLayout, starts: (UInt64, UInt64, UInt64, UInt64, UInt64)) {
        #expect(layout.linearMap.start.rawValue == starts.0)
        #expect(layout.memory.start.rawValue == starts.1)
        #expect(layout.vmalloc.start.rawValue == starts.2)
        #expect(layout.vmemmap.rawValue == starts.3)
        #expect(layout.modules.start.rawValue == starts.4)
    }

    @Test(arguments: layouts)
    func nothingStandsOnAnything(layout: KernelLayout) {
        let perCPU = layout.perCPU
        let copies = (0..<perCPU.cpuCount).flatMap { cpu in
            [perCPU.staticBase(cpu: cpu), perCPU.dynamicBase(cpu: cpu)].map { AddressRange(start: $0, size: perCPU.dynamic.size) }
        }
        let structPages = AddressRange(start: layout.vmemmap, size: layout.memory.size / 4096 * 64)
        let parts = copies + [layout.pages, layout.vmalloc, structPages, layout.modules]
        for (index, part) in parts.enumerated() {
            #expect(part.isValid && part.start.rawValue % 4096 == 0)
            #expect(!parts[..<index].contains { $0.overlaps(part) })
        }
        let linear = (0..<perCPU.cpuCount).allSatisfy { layout.linearMap.contains(copies[2 * $0]) }
        #expect(linear && layout.linearMap.contains(layout.pages))
        let image = layout.image
        #expect(layout.image.text < image.data && image.data < image.bss && image.bss < image.end)
        #expect(!copies.contains { $0.overlaps(image.range) } && !layout.modules.overlaps(image.range))
        #expect(image.range.contains(perCPU.sectionStart) || perCPU.sectionStart == Address(0))
    }

    @Test(arguments: layouts)
    func physicalAddressesGoThereAndBack(layout: KernelLayout) throws {
        let last = layout.memory.size - 1
        for offset in [0, 1, 4095, 4096, last] as [UInt64] {
            let physical = try #require(layout.physical(layout.linearMap.start + offset))
            #expect(physical == layout.memory.start + offset)
            #expect(layout.virtual(physical) == layout.linearMap.start + offset)
            #expect(layout.structPage(physical) == layout.vmemmap + offset / 4096 * 64)
        }
        #expect(layout.physical(layout.linearMap.end) == nil && layout.physical(layout.image.text) == nil)
        #expect(layout.virtual(layout.memory.end) == nil && layout.structPage(layout.memory.end) == nil)
    }

    @Test func aPageFrameIsThePhysicalAddressInPages() {
        #expect(KernelLayout.pageFrame(Address(0x4000_0fff)) == 0x4_0000)
    }

    /// What a real 6.1.192 without KASLR said: its first struct page root and its modules.
    @Test func aRealKernelAgrees() {
        let layout = Self.layout(.x86_64, "6.1.192", cpus: 1)
        #expect(layout.structPage(Address(0x1000)) == Address(0xffff_ea00_0000_0040))
        #expect(layout.modules.contains(Address(0xffff_ffff_a000_502d)))
        #expect(layout.image.range.contains(Address(0xffff_ffff_8129_ed2c)))
    }

    /// The article's board, whose addresses the scenario gives one by one.
    @Test func theArticlesBoardAgrees() throws {
        let layout = Self.layout(.arm64, "4.9.118")
        let scenario = try Scenario(builtIn: "hub-probe")
        #expect(scenario.linearMap.start == layout.pages.start)
        let perCPU = scenario.sections.filter { $0.kind == .percpu }.map(\.range.start)
        #expect(perCPU == [0, 1].map { layout.perCPU.staticBase(cpu: $0) })
        #expect(scenario.sections.first { $0.kind == .data }?.range.start == layout.image.data)
        #expect(scenario.sections.first { $0.kind == .bss }?.range.start == layout.image.bss)
        let physical = try #require(layout.physical(scenario.linearMap.start))
        #expect(scenario.sections.first { $0.kind == .structPage }?.range.start == layout.structPage(physical))
    }

    /// Up to eight CPUs of x86-64 share two megabytes, and the chunk in vmalloc space ends two megabytes below its end.
    @Test(arguments: [
        (1, 0x20_0000, 0x607f_8200_0000, 0xffff_8880_7dc0_0000, 0xffff_e8ff_ffc0_0000),
        (2, 0x10_0000, 0x607f_8200_0000, 0xffff_8880_7dd0_0000, 0xffff_e8ff_ffd0_0000),
        (3, 0x8_0000, 0x607f_8200_0000, 0xffff_8880_7dd0_0000, 0xffff_e8ff_ffd0_0000),
        (8, 0x4_0000, 0x607f_8200_0000, 0xffff_8880_7ddc_0000, 0xffff_e8ff_ffdc_0000),
        (9, 0x4_0000, 0x607f_8200_0000, 0xffff_8880_7dc0_0000, 0xffff_e8ff_ffc0_0000),
    ] as [(Int, UInt64, UInt64, UInt64, UInt64)])
    func perCPUPointersLookLikeRealOnes(cpus: Int, unit: UInt64, pointer: UInt64, lastStatic: UInt64, lastDynamic: UInt64) {
        let perCPU = Self.layout(.x86_64, "6.12", cpus: cpus).perCPU
        #expect(perCPU.offsets.count == cpus && perCPU.cpuCount == cpus)
        #expect(perCPU.dynamic == AddressRange(start: Address(pointer), size: unit))
        #expect(perCPU.sectionStart == Address(0))
        #expect(perCPU.staticBase(cpu: cpus - 1) == Address(lastStatic))
        #expect(perCPU.address(of: Address(pointer + 8), cpu: cpus - 1) == Address(lastDynamic + 8))
    }
}
