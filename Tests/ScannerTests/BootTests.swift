import HeapModel
import Scanner
import Testing

/// How kmemleak comes up (`kmemleak.md`, section 8).
struct BootTests {
    typealias Style = KernelProfile.Style

    private func booting(_ style: Style, _ change: (inout BootOptions) -> Void = { _ in }) -> Kmemleak {
        var options = BootOptions()
        change(&options)
        return Kmemleak(booting: KernelProfile(release: style == .old ? "4.9.118" : "test", architecture: .x86_64, style: style), options: options)
    }

    private func alloc(_ kmemleak: inout Kmemleak, _ count: Int, from first: Int = 0) {
        for number in first..<first + count {
            let range = AddressRange(start: Address(0x10000 + UInt64(number) * 16), size: 16)
            kmemleak.call(.alloc(range, minCount: 1), by: Caller(.task(pid: 3, comm: "early"), backtrace: [Address(UInt64(number) + 1)]))
        }
    }

    private func messages(_ kmemleak: Kmemleak) -> [String] { kmemleak.log.map(\.description) }

    // MARK: The command line

    @Test(arguments: Style.allCases)
    func offOnTheCommandLineDisables(style: Style) {
        var kmemleak = booting(style) { $0.commandLine = "off" }
        alloc(&kmemleak, 3)
        kmemleak.start()
        kmemleak.lateInit()
        kmemleak.runPendingWork()
        #expect(messages(kmemleak) == ["[    0.000000] kmemleak: Kernel memory leak detector disabled"])
        #expect(kmemleak.heap.objects.count == 0 && kmemleak.read().isEmpty && !kmemleak.isAutomatic)
        #expect(throws: style == .old ? ControlError.busy : .notPermitted) { try kmemleak.write("scan") }
    }

    @Test(arguments: Style.allCases)
    func defaultOffIsUndoneByOn(style: Style) {
        for commandLine in [nil, "on"] {
            var kmemleak = booting(style) { ($0.isDefaultOff, $0.commandLine) = (true, commandLine) }
            kmemleak.start()
            kmemleak.lateInit()
            #expect(kmemleak.heap.isEnabled == (commandLine == "on"))
            #expect(messages(kmemleak).contains { $0.contains("disabled") } == (commandLine == nil))
            #expect(messages(kmemleak).contains { $0.contains("initialized") } == (commandLine == "on"))
        }
    }

    @Test(arguments: ["", "junk", "offf", "ON"])
    func anythingElseIsMalformedAndIgnored(text: String) {
        let kmemleak = booting(.current) { $0.commandLine = text }
        #expect(messages(kmemleak) == ["[    0.000000] Malformed early option 'kmemleak'"] && kmemleak.heap.isEnabled)
    }

    @Test(arguments: [true, false])
    func theThreadStartsAtBootIfConfigured(autoScan: Bool) {
        for style in Style.allCases {
            var kmemleak = booting(style) { $0.autoScan = autoScan }
            kmemleak.start()
            kmemleak.lateInit()
            let starts = autoScan || style == .old
            #expect(kmemleak.isAutomatic == starts)
            #expect(messages(kmemleak) == [
                "[    0.000000] kmemleak: Kernel memory leak detector initialized" + (style == .old ? "" : " (mem pool available: 16000)"),
            ] + (starts ? ["[    0.000000] kmemleak: Automatic memory scanning thread started"] : []))
            #expect(kmemleak.nextAutomaticScan == (starts ? Microseconds(60_000_000) : nil))
        }
    }

    /// Section 6: 60 s, then 600 s; only the first time, and only when it starts at boot.
    @Test func theFirstScanWaitsAMinute() throws {
        var kmemleak = booting(.current)
        kmemleak.start()
        kmemleak.lateInit()
        kmemleak.advance(to: Microseconds(59_999_999))
        #expect(kmemleak.scanCount == 0)
        kmemleak.advance(to: Microseconds(60_000_000))
        #expect(kmemleak.scanCount == 1 && kmemleak.nextAutomaticScan == Microseconds(660_000_000))
        try kmemleak.write("scan=off")
        try kmemleak.write("scan=on")
        #expect(kmemleak.scanCount == 2, "the second start does not wait")

        var late = booting(.current) { $0.autoScan = false }
        late.start()
        late.lateInit()
        try late.write("scan=on")
        #expect(late.scanCount == 1)
    }

    // MARK: The early log

    @Test func theEarlyLogIsReplayedWithItsTracesAndTheTimeOfTheReplay() {
        var kmemleak = booting(.old)
        alloc(&kmemleak, 2)
        kmemleak.call(.notLeak(Address(0x10010)), by: Caller())
        #expect(kmemleak.heap.objects.count == 0)
        kmemleak.advance(to: Microseconds(400_000))
        kmemleak.start()
        let objects = kmemleak.heap.objects
        #expect(objects.minCounts == [1, 0] && objects.pids == [0, 0] && objects.comms.map(\.string) == ["swapper/0", "swapper/0"])
        #expect(objects.jiffies == [.atBoot(hz: 250) + 100, .atBoot(hz: 250) + 100])
        #expect(objects.traces.map { kmemleak.heap.traces[$0] } == [[Address(1)], [Address(2)]])
    }

    /// The article's boot: 1438 asked for, 400 kept.
    @Test func oneMoreThanTheEarlyLogHoldsDisables() {
        var kmemleak = booting(.old)
        alloc(&kmemleak, 400)
        #expect(kmemleak.log.isEmpty)
        alloc(&kmemleak, 1038, from: 400)
        kmemleak.advance(to: Microseconds(12_434))
        kmemleak.start()
        kmemleak.lateInit()
        #expect(messages(kmemleak) == [
            "[    0.000000] kmemleak: Kernel memory leak detector disabled",
            "[    0.012434] kmemleak: Early log buffer exceeded (1438), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE",
        ])
        #expect(kmemleak.heap.objects.count == 0)
    }

    @Test func afterOffTheCallsAreStillCounted() {
        var kmemleak = booting(.old) { ($0.commandLine, $0.earlyLogSize) = ("off", 10) }
        alloc(&kmemleak, 11)
        kmemleak.start()
        #expect(messages(kmemleak).last?.hasSuffix("Early log buffer exceeded (11), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE") == true)
    }

    // MARK: The memory pool

    @Test(arguments: [Style.v6_1, .current, .v2026])
    func recordsComeFromThePoolUntilTheSlabAllocatorIsUp(style: Style) {
        var kmemleak = booting(style) { $0.memoryPoolSize = 100 }
        alloc(&kmemleak, 30)
        kmemleak.call(.free(Address(0x10000)), by: Caller())
        alloc(&kmemleak, 1)
        kmemleak.start()
        alloc(&kmemleak, 50, from: 30)
        kmemleak.lateInit()
        #expect(messages(kmemleak).first == "[    0.000000] kmemleak: Kernel memory leak detector initialized (mem pool available: 70)")
        #expect(kmemleak.heap.objects.count == 80)
    }

    @Test func anEmptyPoolDisablesAtBootAndAtRunTime() {
        let lines = [
            "kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE",
            "kmemleak: Cannot allocate a kmemleak_object structure", "kmemleak: Kernel memory leak detector disabled",
        ]
        var early = booting(.v6_1) { $0.memoryPoolSize = 100 }
        alloc(&early, 101)
        #expect(early.log.map(\.text) == lines && !early.heap.isEnabled)
        early.start()
        early.lateInit()
        early.runPendingWork()
        #expect(early.heap.objects.count == 0 && early.log.count == 3)

        var late = booting(.v6_1) { ($0.memoryPoolSize, $0.autoScan) = (2, false) }
        late.start()
        late.lateInit()
        alloc(&late, 5)
        late.slabFails = true
        alloc(&late, 2, from: 5)
        #expect(late.heap.isEnabled && late.heap.objects.count == 7)
        late.call(.free(Address(0x10000 + 6 * 16)), by: Caller())
        alloc(&late, 1, from: 7)
        #expect(late.heap.isEnabled, "a record that came back is used again")
        alloc(&late, 1, from: 8)
        #expect(late.log.dropFirst().map(\.text) == lines)
    }

    // MARK: Sections

    @Test(arguments: Style.allCases)
    func sectionsAreRootsOrGrayObjects(style: Style) {
        var kmemleak = booting(style)
        kmemleak.heap.roots = [
            Root(kind: .data, name: ".data", range: AddressRange(start: Address(0x1000), size: 64)),
            Root(kind: .percpu, name: "cpu 0", range: AddressRange(start: Address(0x2000), size: 64)),
        ]
        kmemleak.start()
        #expect(kmemleak.heap.roots.map(\.name) == (style == .old ? [".data", "cpu 0"] : ["cpu 0"]))
        #expect(kmemleak.heap.objects.minCounts == (style == .old ? [] : [0]))
        if style != .old {
            #expect(kmemleak.heap.objects.comms[0].string == "swapper" && kmemleak.heap.objects.pids == [0])
        }
    }
}
