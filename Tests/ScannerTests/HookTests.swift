import HeapModel
import Scanner
import Testing

/// Each row of the table of hooks (`kmemleak.md`, section 2), in each form of kmemleak that has it.
struct HookTests {
    typealias Style = KernelProfile.Style

    /// kmemleak in a kernel that has booted, with memory for blocks at 0x10000 and some virtual and physical places.
    private func booted(_ style: Style = .current, options: BootOptions = BootOptions()) -> Kmemleak {
        var kmemleak = Kmemleak(
            booting: KernelProfile(release: style == .old ? "4.9.118" : "test", architecture: .x86_64, style: style), options: options)
        let isAdded = kmemleak.heap.memory.add(AddressRange(start: Address(0x10000), size: 0x10000))
        precondition(isAdded)
        kmemleak.heap.physToVirt = 0x10000
        kmemleak.heap.perCPUOffsets = [0x11000, 0x12000]
        kmemleak.heap.symbols.define(Address(0x500), "caller+0x5/0x10")
        kmemleak.bootQuietly()
        return kmemleak
    }

    private let caller = Caller(.task(pid: 7, comm: "a-task-with-a-long-name"), backtrace: [Address(0x500), Address(0x600)])

    private func block(_ start: UInt64, _ size: UInt64 = 64) -> AddressRange { AddressRange(start: Address(start), size: size) }

    private func objects(_ kmemleak: Kmemleak) -> [TrackedObject] { kmemleak.heap.objects.ids.map { kmemleak.heap.objects[$0] } }

    private func messages(_ kmemleak: Kmemleak) -> [String] { kmemleak.log.map(\.text) }

    /// The stack dump that follows a warning.
    private let stack = ["CPU: 0 PID: 7 Comm: a-task-with-a-l Not tainted test #1", "Call Trace:", " caller+0x5/0x10", " 0x0000000000000600"]

    // MARK: Allocations

    @Test(arguments: Style.allCases)
    func allocMakesAWhiteObjectOfWhoeverAsksForIt(style: Style) throws {
        var kmemleak = booted(style)
        kmemleak.advance(to: Microseconds(1_000_000))
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        let object = try #require(objects(kmemleak).first)
        #expect(object.range == block(0x10000) && object.minCount == 1 && object.count == 0 && object.colour == .white)
        #expect(object.flags == .allocated && object.checksum == style.firstChecksum && object.excessReference == Address(0))
        #expect(object.jiffies == .atBoot(hz: 250) + 250 && object.pid == 7 && object.comm.string == "a-task-with-a-l")
        #expect(kmemleak.heap.traces[object.trace] == caller.backtrace)
    }

    @Test(arguments: [(Caller.Context.hardirq, "hardirq"), (.softirq, "softirq")])
    func inAnInterruptNobodyIsBlamed(context: Caller.Context, comm: String) {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: Caller(context))
        #expect(objects(kmemleak).map(\.pid) == [0] && objects(kmemleak).map(\.comm.string) == [comm])
        #expect(objects(kmemleak)[0].trace == nil)
    }

    @Test func aBacktraceKeepsItsSixteenInnermostFramesAndIsStoredOnce() {
        var kmemleak = booted()
        let frames = (1...20).map { Address(UInt64($0)) }
        for start in [0x10000, 0x10100] as [UInt64] {
            kmemleak.call(.alloc(block(start), minCount: 1), by: Caller(backtrace: frames))
        }
        #expect(kmemleak.heap.traces[objects(kmemleak)[0].trace] == Array(frames.prefix(16)))
        #expect(kmemleak.heap.traces.count == 1 && objects(kmemleak)[0].trace == objects(kmemleak)[1].trace)
    }

    @Test(arguments: [0, .max, .max - 4094] as [UInt64])
    func nullAndErrorPointersAreNothing(pointer: UInt64) {
        var kmemleak = booted()
        let place = Address(pointer)
        for hook in [
            Hook.alloc(AddressRange(start: place, size: 1), minCount: 1), .allocPerCPU(AddressRange(start: place, size: 1)), .free(place),
            .freePerCPU(place), .freePart(AddressRange(start: place, size: 1)), .notLeak(place), .ignore(place), .noScan(place),
            .scanArea(AddressRange(start: place, size: 1)), .transientLeak(place), .updateTrace(place),
        ] { kmemleak.call(hook, by: caller) }
        #expect(objects(kmemleak).isEmpty && kmemleak.log.isEmpty && kmemleak.heap.isEnabled)
    }

    @Test(arguments: [(0x10020, 0x40), (0xfff0, 0x11), (0x10000, 0x40), (0x10010, 1), (0xff00, 0x1000)] as [(UInt64, UInt64)])
    func anOverlapDisablesKmemleakAndDumpsTheExistingObject(start: UInt64, size: UInt64) {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: Caller())
        kmemleak.call(.alloc(block(start, size), minCount: 1), by: caller)
        #expect(messages(kmemleak) == [
            "kmemleak: Cannot insert 0x\(String(start, radix: 16)) into the object search tree (overlaps existing)",
        ] + stack + [
            "kmemleak: Kernel memory leak detector disabled", "kmemleak: Object 0x00010000 (size 64):",
            "kmemleak:   comm \"swapper/0\", pid 0, jiffies 4294892296", "kmemleak:   min_count = 1", "kmemleak:   count = 0",
            "kmemleak:   flags = 0x1", "kmemleak:   checksum = 0", "kmemleak:   backtrace:",
        ])
        #expect(!kmemleak.heap.isEnabled && objects(kmemleak).count == 1)
    }

    @Test(arguments: [Style.current, .v2026])
    func aPerCPUAllocationIsOneObjectOfATreeOfItsOwn(style: Style) {
        var kmemleak = booted(style)
        kmemleak.call(.allocPerCPU(block(0x100)), by: caller)
        #expect(objects(kmemleak).map(\.range) == [block(0x100)] && objects(kmemleak)[0].minCount == 1)
        #expect(objects(kmemleak)[0].flags == [.allocated, .perCPU])
        kmemleak.call(.free(Address(0x100)), by: caller)
        #expect(objects(kmemleak).count == 1, "kmemleak_free() looks in the ordinary tree")
        kmemleak.call(.freePerCPU(Address(0x100)), by: caller)
        #expect(objects(kmemleak).isEmpty)
    }

    @Test(arguments: [Style.old, .v6_1])
    func aPerCPUAllocationUsedToBeAGrayObjectForEachCPU(style: Style) {
        var kmemleak = booted(style)
        kmemleak.call(.allocPerCPU(block(0x100)), by: caller)
        #expect(objects(kmemleak).map(\.range) == [block(0x11100), block(0x12100)])
        #expect(objects(kmemleak).allSatisfy { $0.minCount == 0 && $0.flags == .allocated })
        kmemleak.call(.freePerCPU(Address(0x100)), by: caller)
        #expect(objects(kmemleak).isEmpty)
    }

    @Test(arguments: Style.allCases)
    func vmallocNeedsTwoReferencesAndSetsTheExcessReference(style: Style) {
        var kmemleak = booted(style)
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        kmemleak.call(.vmalloc(block(0x11000, 4096), area: Address(0x10000)), by: caller)
        #expect(objects(kmemleak).map(\.minCount) == [1, 2])
        #expect(objects(kmemleak)[0].excessReference == Address(style == .old ? 0 : 0x11000))
        #expect(kmemleak.log.isEmpty)
    }

    @Test func vmallocWithAnUnknownVmStructIsWarnedOf() {
        var kmemleak = booted()
        kmemleak.call(.vmalloc(block(0x11000, 4096), area: Address(0x10000)), by: caller)
        #expect(messages(kmemleak) == ["kmemleak: Setting excess_ref on unknown object at 0x00010000"] + stack)
        #expect(objects(kmemleak).map(\.minCount) == [2])
    }

    @Test(arguments: [Style.v6_1, .current, .v2026])
    func physicalMemoryHasATreeOfItsOwn(style: Style) {
        var kmemleak = booted(style)
        kmemleak.call(.allocPhys(block(0x2000), minCount: 1), by: caller)
        #expect(objects(kmemleak).map(\.range) == [block(0x2000)] && objects(kmemleak)[0].minCount == 0)
        #expect(objects(kmemleak)[0].flags == [.allocated, .phys])
        kmemleak.call(.ignorePhys(Address(0x2000)), by: caller)
        #expect(objects(kmemleak)[0].colour == .black && objects(kmemleak)[0].flags.contains(.noScan))
        kmemleak.call(.freePartPhys(block(0x2000)), by: caller)
        #expect(objects(kmemleak).isEmpty)
    }

    @Test func physicalMemoryUsedToBeTrackedAtItsVirtualAddressIfLow() {
        var kmemleak = booted(.old)
        kmemleak.heap.lowPageFrames = 0...2
        kmemleak.call(.allocPhys(block(0x2000), minCount: 1), by: caller)
        kmemleak.call(.allocPhys(block(0x8000), minCount: 1), by: caller)
        #expect(objects(kmemleak).map(\.range) == [block(0x12000)] && objects(kmemleak)[0].minCount == 1)
        kmemleak.call(.ignorePhys(Address(0x2000)), by: caller)
        #expect(objects(kmemleak)[0].colour == .black)
        kmemleak.call(.freePartPhys(block(0x2000)), by: caller)
        #expect(objects(kmemleak).isEmpty)
    }

    // MARK: Frees

    @Test func freeTakesTheObjectThatStartsThere() {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        kmemleak.call(.free(Address(0x20000)), by: caller)
        #expect(kmemleak.log.isEmpty && objects(kmemleak).count == 1, "an unknown block is nothing to talk about")
        kmemleak.call(.free(Address(0x10008)), by: caller)
        #expect(messages(kmemleak).first == "kmemleak: Found object by alias at 0x00010008")
        #expect(Array(messages(kmemleak)[1...4]) == stack && messages(kmemleak)[5] == "kmemleak: Object 0x00010000 (size 64):")
        #expect(objects(kmemleak).count == 1)
        kmemleak.call(.free(Address(0x10000)), by: caller)
        #expect(objects(kmemleak).isEmpty)
    }

    @Test(arguments: [
        (0x10000, 64, []), (0x10000, 16, [(0x10010, 48)]), (0x10030, 16, [(0x10000, 48)]), (0x10010, 16, [(0x10000, 16), (0x10020, 32)]),
        (0x10010, 0x1000, [(0x10000, 16)]), (0x20000, 8, [(0x10000, 64)]),
    ] as [(UInt64, UInt64, [(UInt64, UInt64)])])
    func freePartLeavesUpToTwoNewObjects(start: UInt64, size: UInt64, rest: [(UInt64, UInt64)]) {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 3), by: Caller())
        kmemleak.call(.noScan(Address(0x10000)), by: Caller())
        kmemleak.advance(to: Microseconds(1_000_000))
        kmemleak.call(.freePart(block(start, size)), by: caller)
        #expect(objects(kmemleak).map(\.range) == rest.map { block($0.0, $0.1) })
        #expect(objects(kmemleak).allSatisfy { $0.minCount == 3 })
        guard start < 0x20000 else { return }
        #expect(objects(kmemleak).allSatisfy { $0.pid == 7 && $0.flags == .allocated && $0.jiffies == .atBoot(hz: 250) + 250 })
    }

    // MARK: Annotations

    @Test func colours() {
        var kmemleak = booted()
        for start in [0x10000, 0x11000, 0x12000] as [UInt64] { kmemleak.call(.alloc(block(start), minCount: 1), by: caller) }
        kmemleak.call(.notLeak(Address(0x10000)), by: caller)
        kmemleak.call(.ignore(Address(0x11000)), by: caller)
        kmemleak.call(.noScan(Address(0x12000)), by: caller)
        #expect(objects(kmemleak).map(\.minCount) == [0, -1, 1] && objects(kmemleak).map(\.colour) == [.gray, .black, .white])
        #expect(objects(kmemleak).map(\.flags) == [.allocated, [.allocated, .noScan], [.allocated, .noScan]])
    }

    @Test(arguments: [
        (Hook.notLeak(Address(0x30)), "Trying to color unknown object at 0x00000030 as Grey"),
        (.ignore(Address(0x30)), "Trying to color unknown object at 0x00000030 as Black"),
        (.ignorePhys(Address(0x30)), "Trying to color unknown object at 0x00000030 as Black"),
        (.noScan(Address(0x30)), "Not scanning unknown object at 0x00000030"),
        (.scanArea(AddressRange(start: Address(0x30), size: 8)), "Adding scan area to unknown object at 0x00000030"),
    ])
    func whatIsUnknownIsWarnedOf(hook: Hook, message: String) {
        var kmemleak = booted()
        kmemleak.call(hook, by: caller)
        #expect(messages(kmemleak) == ["kmemleak: " + message] + stack)
    }

    @Test func anAliasIsWarnedOfBeforeTheHooksOwnLine() {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: Caller())
        kmemleak.call(.notLeak(Address(0x10001)), by: caller)
        let heads = messages(kmemleak).filter { $0.hasPrefix("kmemleak: ") && !$0.hasPrefix("kmemleak:  ") }
        #expect(heads == [
            "kmemleak: Found object by alias at 0x00010001", "kmemleak: Object 0x00010000 (size 64):",
            "kmemleak: Trying to color unknown object at 0x00010001 as Grey",
        ])
        #expect(messages(kmemleak).count { $0 == "Call Trace:" } == 2)
    }

    @Test func scanAreas() {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: Caller())
        let id = ObjectID(0)
        kmemleak.call(.scanArea(block(0x10008, 8)), by: caller)
        kmemleak.call(.scanArea(block(0x10010, .max)), by: caller)
        kmemleak.call(.scanArea(block(0x10020, 0)), by: caller)
        #expect(kmemleak.heap.objects.areas[id] == [block(0x10010, 48), block(0x10008, 8)] && kmemleak.log.isEmpty)
        kmemleak.call(.scanArea(block(0x10020, 33)), by: caller)
        #expect(messages(kmemleak).first == "kmemleak: Scan area larger than object 0x00010020")
        #expect(messages(kmemleak)[5] == "kmemleak: Object 0x00010000 (size 64):")
        #expect(kmemleak.heap.objects.areas[id]?.count == 2)
    }

    @Test func withoutMemoryForAnAreaTheWholeObjectIsScanned() {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: Caller())
        kmemleak.slabFails = true
        for _ in 0..<2 { kmemleak.call(.scanArea(block(0x10008, 8)), by: caller) }
        #expect(messages(kmemleak) == ["kmemleak: Cannot allocate a scan area, scanning the full object"], "once")
        #expect(objects(kmemleak)[0].flags == [.allocated, .fullScan] && kmemleak.heap.objects.areas.isEmpty)
    }

    @Test(arguments: Style.allCases)
    func aTransientLeakHasToPassOneMoreScan(style: Style) throws {
        var kmemleak = booted(style)
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        kmemleak.heap.memory.write([1], at: Address(0x10000))
        kmemleak.advance(to: Microseconds(10_000_000))
        try kmemleak.write("scan")
        kmemleak.call(.transientLeak(Address(0x10000)), by: caller)
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks.count == (style.hasTransientLeaks ? 0 : 1))
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks.count == 1)
    }

    @Test func updateTraceTakesAnyByteAndSaysNothing() {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: Caller(backtrace: [Address(1)]))
        kmemleak.call(.updateTrace(Address(0x10020)), by: caller)
        kmemleak.call(.updateTrace(Address(0x50000)), by: caller)
        #expect(kmemleak.heap.traces[objects(kmemleak)[0].trace] == caller.backtrace && kmemleak.log.isEmpty)
    }

    // MARK: Off

    @Test func disabledAtBootNothingIsTrackedAndFreesAreIgnored() {
        var options = BootOptions()
        options.commandLine = "off"
        var kmemleak = booted(.v6_1, options: options)
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        kmemleak.call(.free(Address(0x10008)), by: caller)
        #expect(objects(kmemleak).isEmpty)
        #expect(messages(kmemleak) == ["kmemleak: Kernel memory leak detector disabled"])
    }

    /// The cleanup is work that is done a little later.
    @Test func untilTheCleanupFreesAreStillHonoured() {
        var kmemleak = booted()
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        kmemleak.call(.alloc(block(0x11000), minCount: 1), by: caller)
        kmemleak.call(.allocPerCPU(block(0x100)), by: caller)
        kmemleak.call(.alloc(block(0x10000), minCount: 1), by: caller)
        #expect(!kmemleak.heap.isEnabled)
        kmemleak.call(.alloc(block(0x12000), minCount: 1), by: caller)
        #expect(objects(kmemleak).count == 3)
        kmemleak.call(.freePart(block(0x10000)), by: caller)
        kmemleak.call(.notLeak(Address(0x10000)), by: caller)
        #expect(objects(kmemleak).count == 3 && objects(kmemleak)[0].minCount == 1)
        kmemleak.call(.free(Address(0x11000)), by: caller)
        kmemleak.call(.freePerCPU(Address(0x100)), by: caller)
        #expect(objects(kmemleak).map(\.range) == [block(0x10000)])
        kmemleak.advance(by: Microseconds(1))
        #expect(objects(kmemleak).isEmpty)
    }
}
