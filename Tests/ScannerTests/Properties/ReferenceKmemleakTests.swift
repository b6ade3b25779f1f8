import HeapModel
import Testing

/// The reference by hand-made examples: what a real 6.1 printed, what the tables of `kmemleak.md` say.
struct ReferenceKmemleakTests {
    typealias Style = ReferenceKmemleak.Style

    /// Memory at 0x1000 (64 bytes, a percpu root), 0x2000 to 0x5000 (256 bytes each), .data at 0x6000; one CPU.
    private var machine: ReferenceKmemleak.Machine {
        var machine = ReferenceKmemleak.Machine()
        machine.regions = [(0x1000, 64), (0x2000, 256), (0x3000, 256), (0x4000, 256), (0x5000, 256), (0x6000, 16)]
            .map { ($0.0, [UInt8](repeating: 0, count: $0.1)) }
        machine.roots = [
            Root(kind: .data, name: ".data", range: AddressRange(start: Address(0x6000), size: 16)),
            Root(kind: .percpu, name: "cpu 0", range: AddressRange(start: Address(0x1000), size: 64)),
        ]
        machine.physToVirt = 0x1000
        machine.perCPUOffsets = [0x4000, 0x4080]
        machine.symbols = [0xffff_ffff_8147_04bb: "hub_probe+0xb7/0x9bc"]
        return machine
    }

    /// 1000 s after boot.
    private func running(_ style: Style, _ calls: Hook...) -> ReferenceKmemleak {
        var kmemleak = ReferenceKmemleak(running: style, release: "6.1.192", uptime: 1_000_000_000, on: machine)
        for hook in calls { kmemleak.call(hook, by: caller) }
        return kmemleak
    }

    private var caller: Caller {
        Caller(.task(pid: 1, comm: "swapper/0"), backtrace: [Address(0xffff_ffff_8147_04bb)])
    }

    private func alloc(_ start: UInt64, _ size: UInt64, _ minCount: Int32 = 1) -> Hook {
        .alloc(range(start, size), minCount: minCount)
    }

    private func range(_ start: UInt64, _ size: UInt64) -> AddressRange { AddressRange(start: Address(start), size: size) }

    private func booted(
        _ style: Style = .v6_1, release: String = "6.1.192", _ options: BootOptions = BootOptions()
    ) -> ReferenceKmemleak {
        ReferenceKmemleak(booting: style, release: release, options: options, on: machine)
    }

    private func options(_ set: (inout BootOptions) -> Void) -> BootOptions {
        var options = BootOptions()
        set(&options)
        return options
    }

    /// The log without the lines of stack dumps; `…` stands for one.
    private func messages(_ kmemleak: ReferenceKmemleak) -> [String] {
        kmemleak.log.map { if case .text(let text) = $0.line { text } else { "…" } }
    }

    private func new(_ count: Int) -> String {
        "kmemleak: \(count) new suspected memory leaks (see /sys/kernel/debug/kmemleak)"
    }

    private let disabled = "kmemleak: Kernel memory leak detector disabled"
    private let started = "kmemleak: Automatic memory scanning thread started"
    private let ended = "kmemleak: Automatic memory scanning thread ended"

    // MARK: What a 6.1 did

    @Test func bootsAsTheCaptureDid() {
        var kmemleak = booted(options: options { $0.memoryPoolSize = 16000 })
        for number in 0..<148 as Range<UInt64> {
            kmemleak.call(alloc(0x2000 + number, 1), by: Caller(.task(pid: 0, comm: "swapper")))
        }
        kmemleak.start()
        #expect(kmemleak.write(command: "dump=0x6000") == 0)
        kmemleak.advance(by: 8_947_081)
        kmemleak.lateInit()
        #expect(messages(kmemleak) == [
            "kmemleak: Object 0x00006000 (size 16):", "kmemleak:   comm \"swapper\", pid 0, jiffies 4294892296",
            "kmemleak:   min_count = 0", "kmemleak:   count = 0", "kmemleak:   flags = 0x1", "kmemleak:   checksum = 0",
            "kmemleak:   backtrace:",
            "kmemleak: Kernel memory leak detector initialized (mem pool available: 15852)", started,
        ])
        #expect(kmemleak.nextAutomaticScan == 68_947_081)
    }

    private func booted(options: BootOptions) -> ReferenceKmemleak { booted(.v6_1, options) }

    @Test func aPoolOf100DisablesAtTheObjectAfter() {
        var kmemleak = booted(options: options { $0.memoryPoolSize = 100 })
        for number in 0..<102 as Range<UInt64> { kmemleak.call(alloc(0x2000 + number, 1), by: caller) }
        #expect(messages(kmemleak) == [
            "kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE",
            "kmemleak: Cannot allocate a kmemleak_object structure", disabled,
        ])
        kmemleak.start()
        kmemleak.lateInit()
        #expect(kmemleak.read().isEmpty && kmemleak.log.count == 3)
        for text in ["scan", "scan=5", "stack=on", "dump=0x2000", "off", "bogus"] {
            #expect(kmemleak.write(command: text) == 1)
        }
        #expect(kmemleak.records.isEmpty, "the cleanup ran behind the first command")
        #expect(kmemleak.write(command: "clear") == 0 && kmemleak.log.count == 3)
    }

    @Test func offOnTheCommandLine() {
        var kmemleak = booted(options: options { $0.commandLine = "off" })
        kmemleak.call(alloc(0x2000, 8), by: caller)
        kmemleak.start()
        kmemleak.lateInit()
        kmemleak.advance(by: 700_000_000)
        #expect(messages(kmemleak) == [disabled] && kmemleak.log[0].time == 0)
        #expect(kmemleak.records.isEmpty && kmemleak.nextAutomaticScan == nil)
    }

    @Test(arguments: [
        ("scan=abc", 22), ("scan=-1", 22), ("scan=99999999999", 34), ("scan=4294967295", 0), ("scan=0x3c", 0),
        ("scan= 5", 22), ("scan=", 22), ("stack=maybe", 22), ("SCAN", 22), (" scan", 22), ("scanfoo", 0), ("stack", 22),
        ("stack=on\nbogus", 0), ("scan=5s", 22), ("scan=0", 0), ("bogus", 22), ("dump=zz", 22), ("", 22), ("dump=0", 22),
        ("dump=", 22), ("dump=8192", 0), ("dump=2000", 22), ("dump=020000", 0), ("scan=08", 22), ("scan=+5", 0),
        ("scan=++5", 22), ("scan=0x", 22), ("scan=one", 0), ("offline", 0), ("scan=99999999999999999999x", 34),
        ("scan=4294967296x", 22),
    ])
    func errnos(text: String, error: Int32) {
        var kmemleak = running(.v6_1, alloc(0x2000, 8))
        #expect(kmemleak.write(command: text) == error)
        kmemleak = running(.v6_1, alloc(0x2000, 8))
        #expect(kmemleak.write(command: text + "\n") == error)
    }

    @Test func onlySixtyThreeBytesAreLookedAt() {
        var kmemleak = running(.v6_1)
        #expect(kmemleak.write(command: "scan=" + String(repeating: "0", count: 57) + "7x") == 0)
        #expect(kmemleak.periodInSeconds == 7)
    }

    @Test func dumpOfAReportedObject() {
        var kmemleak = running(.v6_1, alloc(0x2000, 24))
        kmemleak.advance(by: 5_000_000)
        #expect(kmemleak.write(command: "scan") == 0)
        #expect(kmemleak.write(command: "dump=0x2000") == 0)
        #expect(messages(kmemleak) == [
            new(1), "kmemleak: Object 0x00002000 (size 24):", "kmemleak:   comm \"swapper/0\", pid 1, jiffies 4295142296",
            "kmemleak:   min_count = 1", "kmemleak:   count = 0", "kmemleak:   flags = 0x3", "kmemleak:   checksum = 0",
            "kmemleak:   backtrace:", " hub_probe+0xb7/0x9bc",
        ])
    }

    @Test func dumpOfAnInteriorAddress() {
        var kmemleak = running(.v6_1, alloc(0x2000, 24))
        #expect(kmemleak.write(command: "dump=0x2008") == 22)
        #expect(messages(kmemleak).prefix(3) == [
            "kmemleak: Found object by alias at 0x00002008", "…", "kmemleak: Object 0x00002000 (size 24):",
        ])
        #expect(messages(kmemleak).last == "kmemleak: Unknown object at 0x00002008")
        kmemleak = running(.current, alloc(0x2000, 24), .allocPhys(range(0x2008, 8), minCount: 0))
        #expect(kmemleak.write(command: "dump=0x2008") == 0)
        #expect(messages(kmemleak).count == 8)
        kmemleak = running(.v2026, alloc(0x2000, 24), .allocPhys(range(0x2008, 8), minCount: 0))
        #expect(kmemleak.write(command: "dump=0x2008") == 0)
        #expect(messages(kmemleak)[8] == "kmemleak: Object (phys) 0x00002008 (size 8):")
    }

    @Test func offWithLeaksKeepsThemUntilClear() {
        var kmemleak = running(.v6_1, alloc(0x2000, 24))
        kmemleak.advance(by: 5_000_000)
        #expect(kmemleak.write(command: "scan=600") == 0)
        #expect(kmemleak.write(command: "off") == 0)
        #expect(messages(kmemleak) == [
            started, new(1), disabled, ended,
            "kmemleak: Kmemleak disabled without freeing internal data. "
                + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".",
        ])
        #expect(kmemleak.read().hasPrefix("unreferenced object 0x00002000 (size 24):\n"))
        kmemleak.call(.free(Address(0x2000)), by: caller)
        #expect(kmemleak.records.count == 1, "frees are no longer heard")
        #expect(kmemleak.write(command: "scan") == 1)
        #expect(kmemleak.write(command: "clear") == 0)
        #expect(kmemleak.records.isEmpty)
    }

    @Test func clearMakesGray() {
        var kmemleak = running(.v6_1, alloc(0x2000, 24))
        kmemleak.advance(by: 5_000_000)
        #expect(kmemleak.write(command: "scan") == 0)
        #expect(kmemleak.write(command: "clear") == 0)
        #expect(kmemleak.read().isEmpty && kmemleak.records[0].minCount == 0 && kmemleak.records[0].flags == 0x3)
    }

    @Test func theThreadScansAtOnceAndThenEveryPeriod() {
        var kmemleak = running(.v6_1)
        #expect(kmemleak.write(command: "scan=5") == 0 && kmemleak.scanCount == 1)
        kmemleak.advance(by: 12_170_000)
        #expect(kmemleak.scanCount == 3 && kmemleak.nextAutomaticScan == 1_015_000_000)
        #expect(kmemleak.write(command: "scan=off") == 0)
        #expect(kmemleak.write(command: "scan=off") == 0)
        #expect(kmemleak.write(command: "scan=on") == 0)
        #expect(kmemleak.write(command: "scan=0") == 0)
        #expect(messages(kmemleak) == [started, ended, started, ended])
    }

    // MARK: Hooks

    @Test(arguments: Style.allCases)
    func aSecondObjectAtAPlaceEndsKmemleak(style: Style) {
        var kmemleak = running(style, alloc(0x2000, 24), alloc(0x2010, 24))
        #expect(messages(kmemleak).prefix(4) == [
            "kmemleak: Cannot insert 0x2010 into the object search tree (overlaps existing)", "…", disabled,
            "kmemleak: Object 0x00002000 (size 24):",
        ])
        kmemleak.call(.free(Address(0x2000)), by: caller)
        #expect(kmemleak.records.isEmpty, "frees are honoured until the cleanup")
        kmemleak.call(alloc(0x3000, 8), by: caller)
        #expect(kmemleak.records.isEmpty)
        kmemleak.runPendingWork()
        #expect(!kmemleak.isFreeEnabled)
    }

    @Test(arguments: [
        (Hook.notLeak(Address(0x2000)), "Trying to color unknown object at 0x00002000 as Grey"),
        (.ignore(Address(0x2000)), "Trying to color unknown object at 0x00002000 as Black"),
        (.ignorePhys(Address(0x2000)), "Trying to color unknown object at 0x00002000 as Black"),
        (.noScan(Address(0x2000)), "Not scanning unknown object at 0x00002000"),
        (.scanArea(AddressRange(start: Address(0x2000), size: 8)), "Adding scan area to unknown object at 0x00002000"),
        (.transientLeak(Address(0x2000)), "Not resetting the checksum of an unknown object at 0x00002000"),
    ])
    func warningsAboutTheUnknown(hook: Hook, message: String) {
        #expect(messages(running(.current, hook)) == ["kmemleak: " + message, "…"])
    }

    @Test(arguments: [
        Hook.free(Address(0x2000)), .freePart(AddressRange(start: Address(0x2000), size: 8)), .updateTrace(Address(0x2000)),
        .notLeak(Address(0)), .ignore(Address(0xffff_ffff_ffff_fff4)), .freePerCPU(Address(0x80)),
        .alloc(AddressRange(start: Address(0xffff_ffff_ffff_f001), size: 8), minCount: 1),
        .scanArea(AddressRange(start: Address(0x2000), size: 0)),
    ])
    func silentWhereThereIsNothing(hook: Hook) {
        let kmemleak = running(.current, hook)
        #expect(kmemleak.log.isEmpty && kmemleak.records.isEmpty)
    }

    @Test func anInteriorFreeWarnsAndKeeps() {
        let kmemleak = running(.v6_1, alloc(0x2000, 24), .free(Address(0x2008)))
        #expect(messages(kmemleak).first == "kmemleak: Found object by alias at 0x00002008" && kmemleak.records.count == 1)
    }

    @Test func aHookAtAnInteriorAddressWarnsTwice() {
        let kmemleak = running(.v6_1, alloc(0x2000, 24), .noScan(Address(0x2008)))
        #expect(messages(kmemleak).suffix(2) == ["kmemleak: Not scanning unknown object at 0x00002008", "…"])
        #expect(messages(kmemleak).count == 12 && kmemleak.records[0].flags == 0x1)
    }

    @Test(arguments: Style.allCases)
    func freePartLeavesUpToTwo(style: Style) {
        var kmemleak = running(style, alloc(0x2000, 64, 2), alloc(0x3000, 8))
        kmemleak.call(.notLeak(Address(0x2000)), by: caller)
        kmemleak.advance(by: 1_000_000)
        kmemleak.call(.freePart(range(0x2010, 16)), by: Caller(.softirq))
        #expect(kmemleak.records.map(\.pointer) == [0x3000, 0x2000, 0x2020])
        #expect(kmemleak.records.map(\.size) == [8, 16, 32] && kmemleak.records[2].minCount == 0)
        #expect(kmemleak.records[1].comm == "softirq" && kmemleak.records[1].jiffies == kmemleak.records[0].jiffies + 250)
        kmemleak.call(.freePart(range(0x2020, 16)), by: caller)
        kmemleak.call(.freePart(range(0x2000, 16)), by: caller)
        #expect(kmemleak.records.map(\.pointer) == [0x3000, 0x2030])
        kmemleak.call(.freePart(range(0x2038, 800)), by: caller)
        #expect(kmemleak.records.map(\.size) == [8, 8])
    }

    @Test func scanAreas() {
        let kmemleak = running(
            .current, alloc(0x2000, 64), .scanArea(range(0x2008, 16)), .scanArea(range(0x2020, .max)),
            .scanArea(range(0x2038, 9)))
        #expect(kmemleak.records[0].areas.map(\.start) == [0x2020, 0x2008] && kmemleak.records[0].areas[0].size == 32)
        #expect(messages(kmemleak).prefix(3) == [
            "kmemleak: Scan area larger than object 0x00002038", "…", "kmemleak: Object 0x00002000 (size 64):",
        ])
    }

    @Test(arguments: Style.allCases)
    func withoutMemoryAScanAreaMeansTheWholeObject(style: Style) {
        var kmemleak = running(style, alloc(0x2000, 64))
        kmemleak.slabFails = true
        for _ in 1...2 { kmemleak.call(.scanArea(range(0x2008, 16)), by: caller) }
        let scans = "kmemleak: Cannot allocate a scan area"
        #expect(messages(kmemleak) == (style == .old ? [scans, scans] : [scans + ", scanning the full object"]))
        #expect(kmemleak.records[0].areas.isEmpty && kmemleak.records[0].has(0x8) == (style != .old))
    }

    @Test func vmallocPassesSurplusReferencesOn() {
        var kmemleak = running(.v6_1, alloc(0x3000, 32), .vmalloc(range(0x2000, 64), area: Address(0x3000)))
        kmemleak.machine.write(word: 0x2000, at: 0x3008)
        for place in [0x1000, 0x1008] as [UInt64] { kmemleak.machine.write(word: 0x3000, at: place) }
        kmemleak.advance(by: 5_000_000)
        kmemleak.scan()
        #expect(kmemleak.records.map(\.count) == [1, 2] && kmemleak.leaks.isEmpty)
        kmemleak.machine.write(word: 0, at: 0x1008)
        kmemleak.scan()
        #expect(kmemleak.records.map(\.count) == [1, 1] && kmemleak.leaks == [1])
        #expect(kmemleak.write(command: "dump=0x2000") == 0)
        #expect(messages(kmemleak).contains("kmemleak:   min_count = 2") && messages(kmemleak).contains("kmemleak:   count = 1"))
        #expect(messages(running(.v6_1, .vmalloc(range(0x2000, 8), area: Address(0x3000))))
            == ["kmemleak: Setting excess_ref on unknown object at 0x00003000", "…"])
    }

    @Test func physObjectsByStyle() {
        var old = running(.old, .allocPhys(range(0x1000, 8), minCount: 1), .freePartPhys(range(0x1004, 4)))
        #expect(old.records.map(\.pointer) == [0x2000] && old.records[0].size == 4 && old.records[0].minCount == 1)
        old.call(.ignorePhys(Address(0x1000)), by: caller)
        #expect(old.records[0].minCount == -1)
        var new = running(.v6_1, .allocPhys(range(0x1000, 8), minCount: 1), .allocPhys(range(0x90_0000, 8), minCount: 1))
        #expect(new.records.map(\.flags) == [0x11, 0x11] && new.records[0].minCount == 0)
        new.machine.low = (1, 15)
        new.scan()
        #expect(new.records.map(\.minCount) == [0, -1] && new.records.map(\.flags) == [0x11, 0x15])
    }

    @Test func percpuObjectsByStyle() {
        var old = running(.v6_1, .allocPerCPU(range(0x20, 16)))
        #expect(old.records.map(\.pointer) == [0x4020, 0x40a0] && old.records.allSatisfy { $0.minCount == 0 })
        old.call(.freePerCPU(Address(0x20)), by: caller)
        #expect(old.records.isEmpty)
        let new = running(.current, .allocPerCPU(range(0x20, 16)))
        #expect(new.records.map(\.pointer) == [0x20] && new.records[0].flags == 0x21 && new.records[0].minCount == 1)
    }

    @Test func contextsAndTraces() {
        var kmemleak = running(.current)
        kmemleak.call(alloc(0x2000, 8), by: Caller(.hardirq, backtrace: (0..<20).map { Address($0) }))
        kmemleak.call(alloc(0x3000, 8), by: Caller(.task(pid: 7, comm: "a-name-far-too-long")))
        #expect(kmemleak.records.map(\.comm) == ["hardirq", "a-name-far-too-"] && kmemleak.records.map(\.pid) == [0, 7])
        #expect(kmemleak.records[0].trace.count == 16 && kmemleak.records[1].trace.isEmpty)
        kmemleak.call(.updateTrace(Address(0x2004)), by: caller)
        #expect(kmemleak.records[0].trace == [0xffff_ffff_8147_04bb])
    }

    @Test func transientLeak() {
        var kmemleak = running(.current, alloc(0x2000, 8))
        kmemleak.machine.write(word: 7, at: 0x2000)
        kmemleak.scan()
        kmemleak.call(.transientLeak(Address(0x2000)), by: caller)
        kmemleak.advance(by: 9_000_000)
        kmemleak.scan()
        #expect(kmemleak.leaks.isEmpty, "its checksum was new once more")
        kmemleak.scan()
        #expect(kmemleak.leaks == [0])
    }

    // MARK: Scans

    @Test func anAllZeroObjectIsReportedByTheFirstScanAfterFiveSeconds() {
        var kmemleak = running(.v6_1, alloc(0x2000, 8), alloc(0x3000, 8))
        kmemleak.machine.write(word: 1, at: 0x3000)
        kmemleak.advance(by: 4_999_999)
        kmemleak.scan()
        #expect(kmemleak.leaks.isEmpty && kmemleak.records[1].count == 1 && kmemleak.records[1].checksum != 0)
        kmemleak.advance(by: 1)
        kmemleak.scan()
        #expect(kmemleak.leaks == [0, 1])
    }

    @Test func theKernelsChecksum() {
        var kmemleak = running(.v6_1, alloc(0x2000, 9))
        kmemleak.machine.write(word: 0x3837_3635_3433_3231, at: 0x2000)
        kmemleak.machine.write(word: 0x39, at: 0x2008)
        // crc32_le(0, "123456789", 9), without the inversions that make it cbf43926.
        #expect(kmemleak.checksum(of: kmemleak.records[0]) == 0x2dfd_2d88)
    }

    @Test func theScanOf2026Confirms() {
        var kmemleak = running(.v2026, alloc(0x2000, 8), alloc(0x3000, 8))
        kmemleak.machine.write(word: 0x3000, at: 0x1000)
        kmemleak.advance(by: 6_000_000)
        kmemleak.scan()
        #expect(kmemleak.leaks.isEmpty && kmemleak.records.map(\.checksum) == [0, 0xffff_ffff])
        kmemleak.scan()
        #expect(kmemleak.leaks == [0] && kmemleak.records.map(\.flags) == [0x43, 0x1] && kmemleak.records[0].unrefScans == 1)
        kmemleak.machine.write(word: 0x2000, at: 0x1008)
        kmemleak.scan()
        #expect(kmemleak.records[0].flags == 0x3 && kmemleak.records[0].count == 1 && kmemleak.read().isEmpty)
    }

    @Test func consecutiveScansCount() {
        var kmemleak = ReferenceKmemleak(
            booting: .v2026, release: "7.1", options: options { $0.minUnrefScans = 2 }, on: machine)
        kmemleak.start()
        kmemleak.call(alloc(0x2000, 8), by: caller)
        kmemleak.advance(by: 6_000_000)
        kmemleak.scan()
        kmemleak.scan()
        #expect(kmemleak.leaks.isEmpty && kmemleak.records[1].unrefScans == 1)
        kmemleak.machine.write(word: 0x2000, at: 0x1000)
        kmemleak.scan()
        kmemleak.machine.write(word: 0, at: 0x1000)
        kmemleak.scan()
        #expect(kmemleak.leaks.isEmpty && kmemleak.records[1].unrefScans == 1, "it was referenced in between")
        kmemleak.scan()
        #expect(kmemleak.leaks == [1])
    }

    @Test func verbosePrintsToTheLog() {
        var kmemleak = booted(.v2026, release: "7.1", options { $0.isVerbose = true })
        kmemleak.start()
        let unnamed = Caller(backtrace: [Address(0xffff_ffff_8000_0000)])
        for (start, caller) in [(0x2000, caller), (0x2010, Caller()), (0x2020, unnamed), (0x2030, caller)] {
            kmemleak.call(alloc(UInt64(start), 8), by: caller)
        }
        kmemleak.advance(by: 6_000_000)
        kmemleak.scan()
        kmemleak.scan()
        let whole = ["  hex dump (first 8 bytes):", "    00 00 00 00 00 00 00 00                          ........"]
        let comm = "  comm \"swapper/0\", pid 1, jiffies 4294892296", idle = "  comm \"swapper/0\", pid 0, jiffies 4294892296"
        let lines = ["unreferenced object 0x00002010 (size 8):", idle] + whole + ["  backtrace (crc 0):"]
            + ["unreferenced object 0x00002000 (size 8):", comm, "  backtrace (crc 0):", "    hub_probe+0xb7/0x9bc",
               "  ... and 1 more object(s) with the same backtrace"]
            + ["unreferenced object 0x00002020 (size 8):", idle] + whole + ["  backtrace (crc 0):", "    0xffffffff80000000"]
        #expect(messages(kmemleak) == lines.map { "kmemleak: " + $0 } + [new(4)])
    }

    @Test func reportsByStyle() {
        let comm = "  comm \"swapper/0\", pid 1, jiffies 4295142296"
        let frame = "    hub_probe+0xb7/0x9bc", oldFrame = "    [<ffffffff814704bb>] hub_probe+0xb7/0x9bc"
        let heads: [Style: [String]] = [
            .old: [comm + " (age 5.004s)", "  backtrace:", oldFrame],
            .v6_1: [comm, "  backtrace:", oldFrame],
            .current: [comm, "  backtrace (crc 0):", frame],
        ]
        for (style, lines) in heads {
            var kmemleak = running(style, alloc(0x2000, 8))
            kmemleak.advance(by: 5_004_000)
            kmemleak.scan()
            #expect(kmemleak.read() == """
                unreferenced object 0x00002000 (size 8):
                \(lines[0])
                  hex dump (first 8 bytes):
                    00 00 00 00 00 00 00 00                          ........
                \(lines[1])
                \(lines[2])

                """)
        }
    }

    // MARK: The early log

    @Test func theArticlesEarlyLog() {
        var kmemleak = booted(.old, release: "4.9.100")
        for number in 0..<1438 as Range<UInt64> { kmemleak.call(alloc(0x2000 + number, 1), by: caller) }
        #expect(messages(kmemleak) == [disabled])
        kmemleak.start()
        kmemleak.lateInit()
        #expect(messages(kmemleak) == [
            disabled, "kmemleak: Early log buffer exceeded (1438), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE",
        ])
        #expect(kmemleak.records.isEmpty)
    }

    @Test(arguments: [("4.9", "off", 3), ("4.9", "on", 3), ("5.3", "on", 2)])
    func howFarTheEarlyLogCounts(release: String, commandLine: String, count: Int) {
        var kmemleak = booted(.old, release: release, options { $0.commandLine = commandLine; $0.earlyLogSize = 1 })
        for _ in 1...3 { kmemleak.call(.notLeak(Address(0x2000)), by: caller) }
        kmemleak.start()
        #expect(messages(kmemleak).last
            == "kmemleak: Early log buffer exceeded (\(count)), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE")
    }

    @Test func theEarlyLogIsReplayed() {
        var kmemleak = booted(.old, release: "4.9", options { $0.earlyLogSize = 4 })
        for hook in [alloc(0x2000, 64), alloc(0x3000, 8), .freePart(range(0x2000, 8)), .noScan(Address(0x3000))] {
            kmemleak.call(hook, by: caller)
        }
        kmemleak.advance(by: 2_000_000)
        #expect(kmemleak.records.isEmpty)
        kmemleak.start()
        #expect(kmemleak.records.map(\.pointer) == [0x3000, 0x2008] && kmemleak.records[0].flags == 0x5)
        #expect(kmemleak.records.allSatisfy { $0.pid == 0 && $0.trace.count == 1 && $0.jiffies == 4_294_892_796 })
        kmemleak.lateInit()
        #expect(messages(kmemleak) == ["kmemleak: Kernel memory leak detector initialized", started])
    }

    @Test(arguments: [Style.old, .v2026])
    func defaultOff(style: Style) {
        let malformed = "Malformed early option 'kmemleak'"
        for (commandLine, log) in [(nil, [disabled]), ("on", []), ("maybe", [malformed, disabled])] as [(String?, [String])] {
            var kmemleak = booted(style, release: "4.9", options { $0.isDefaultOff = true; $0.commandLine = commandLine })
            kmemleak.start()
            #expect(messages(kmemleak) == log)
        }
    }

    @Test func recordsGoBackToThePool() {
        var kmemleak = booted(options: options { $0.memoryPoolSize = 1 })
        for _ in 1...3 {
            kmemleak.call(alloc(0x2000, 8), by: caller)
            kmemleak.call(.free(Address(0x2000)), by: caller)
        }
        kmemleak.start()
        kmemleak.slabFails = true
        kmemleak.call(alloc(0x2000, 8), by: caller)
        #expect(kmemleak.log.isEmpty)
        kmemleak.call(alloc(0x3000, 8), by: caller)
        #expect(messages(kmemleak).count == 3)
    }
}
