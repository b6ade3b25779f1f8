import HeapModel
import Scanner
import Testing

/// `kmemleak.md`, section 6: what commands do.
struct KmemleakTests {
    /// One leak at 0x2000, one object that is referenced at 0x3000, one that only the leak points at.
    private func leaky(_ style: KernelProfile.Style = .current) -> Kmemleak {
        Kmemleak(Heap(style) { heap in
            heap.root(at: 0x1000, pointingTo: 0x3000)
            heap.object(at: 0x2000, size: 64)
            heap.object(at: 0x3000, size: 64)
        })
    }

    private func messages(_ kmemleak: Kmemleak) -> [String] { kmemleak.log.map(\.text) }

    @Test func aScanThatFindsLeaksSaysHowMany() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan\n")
        #expect(messages(kmemleak) == ["kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)"])
        try kmemleak.write("scan")
        #expect(kmemleak.log.count == 1, "each object is reported once")
        #expect(kmemleak.heap.reportedLeaks.count == 1)
    }

    @Test func readingNeverScans() {
        #expect(leaky().read().isEmpty)
    }

    @Test(arguments: [(KernelProfile.Style.old, ControlError.busy), (.v6_1, .notPermitted), (.current, .notPermitted)])
    func whileDisabledOnlyClearIsTaken(style: KernelProfile.Style, error: ControlError) throws {
        var kmemleak = leaky(style)
        try kmemleak.write("off")
        for text in ["scan", "off", "bogus", "scan=abc", "dump=0x2000", "stack=on", ""] {
            #expect(throws: error) { try kmemleak.write(text) }
        }
        try kmemleak.write("clear")
    }

    @Test func clearMakesReportedLeaksGrayAndKeepsTheirFlag() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan")
        try kmemleak.write("clear")
        #expect(kmemleak.read().isEmpty)
        let leak = kmemleak.heap.objects[ObjectID(0)]
        #expect(leak.minCount == 0 && leak.colour == .gray && leak.flags.contains(.reported))
        #expect(!kmemleak.hasFoundLeaks)
        try kmemleak.write("scan")
        #expect(kmemleak.recording?.passes[0].order.map(\.index) == [0, 1], "from now on it is scanned")
    }

    @Test func clearLeavesAloneWhatIsReferencedAgain() throws {
        var kmemleak = Kmemleak(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8, flags: .reported)
        })
        try kmemleak.write("scan")
        try kmemleak.write("clear")
        #expect(kmemleak.heap.objects.minCounts == [1])
    }

    @Test func offFreesTheMetadataWhenNoLeakWasFound() throws {
        var kmemleak = leaky()
        try kmemleak.write("off")
        #expect(messages(kmemleak) == ["kmemleak: Kernel memory leak detector disabled"])
        #expect(kmemleak.heap.objects.count == 0)
    }

    @Test func offKeepsTheMetadataWhenLeaksWereFoundUntilClear() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan")
        let report = kmemleak.read()
        try kmemleak.write("off")
        #expect(messages(kmemleak).suffix(2) == [
            "kmemleak: Kernel memory leak detector disabled",
            "kmemleak: Kmemleak disabled without freeing internal data. "
                + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".",
        ])
        #expect(kmemleak.read() == report && !report.isEmpty)
        try kmemleak.write("clear")
        #expect(kmemleak.read().isEmpty && kmemleak.heap.objects.count == 0)
    }

    @Test func afterClearOffFreesTheMetadata() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan")
        try kmemleak.write("clear")
        try kmemleak.write("off")
        #expect(kmemleak.heap.objects.count == 0)
    }

    @Test func theThreadStartsScansAndEnds() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan=off")
        #expect(kmemleak.log.isEmpty, "nothing to do is a silent success")
        try kmemleak.write("scan=on")
        #expect(messages(kmemleak) == [
            "kmemleak: Automatic memory scanning thread started",
            "kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
        ])
        try kmemleak.write("scan=on")
        #expect(kmemleak.log.count == 2)
        try kmemleak.write("off")
        #expect(messages(kmemleak)[2...3] == [
            "kmemleak: Kernel memory leak detector disabled", "kmemleak: Automatic memory scanning thread ended",
        ])
    }

    @Test func thePeriodIsKeptAndAScanFollowsAtOnce() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan=5")
        let first = try #require(kmemleak.recording).now
        kmemleak.advance(by: Microseconds(4_999_999))
        #expect(kmemleak.recording?.now == first)
        kmemleak.advance(by: Microseconds(1))
        #expect(kmemleak.recording?.now == first + 5 * 250)
        kmemleak.advance(by: Microseconds(12_000_000))
        #expect(kmemleak.recording?.now == first + 15 * 250)
        try kmemleak.write("scan=7")
        #expect(messages(kmemleak).suffix(2) == [
            "kmemleak: Automatic memory scanning thread ended", "kmemleak: Automatic memory scanning thread started",
        ])
        try kmemleak.write("scan=0")
        #expect(kmemleak.nextAutomaticScan == nil && !kmemleak.isAutomatic)
    }

    @Test(arguments: [(2_147_483, true), (2_147_484, false), (UInt32.max, false)])
    func aVeryLongPeriodMeansOneScanAndNeverAgain(seconds: UInt32, comesAgain: Bool) throws {
        var kmemleak = leaky()
        try kmemleak.write(.period(seconds))
        #expect(kmemleak.recording != nil)
        #expect((kmemleak.nextAutomaticScan != nil) == comesAgain)
    }

    @Test func afterAnEndlessPeriodsScanTheClockBringsNoOther() throws {
        var kmemleak = leaky()
        try kmemleak.write(.period(2_147_484))
        let first = try #require(kmemleak.recording).now
        kmemleak.advance(by: Microseconds(3_000_000_000_000))
        #expect(kmemleak.recording?.now == first && kmemleak.isAutomatic)
    }

    @Test func scanOffEndsTheThreadAndNothingFollows() throws {
        var kmemleak = leaky()
        try kmemleak.write("scan=on")
        let first = try #require(kmemleak.recording).now
        try kmemleak.write("scan=off")
        #expect(messages(kmemleak).last == "kmemleak: Automatic memory scanning thread ended")
        kmemleak.advance(by: Microseconds(1_200_000_000))
        #expect(kmemleak.recording?.now == first)
        try kmemleak.write("scan=off")
        #expect(kmemleak.log.count == 3, "nothing to do is a silent success")
    }

    @Test(arguments: ["clear", "clearance", "clear\u{301}"])
    func whileDisabledWhatBeginsWithClearIsTaken(text: String) throws {
        var kmemleak = leaky()
        try kmemleak.write("scan")
        try kmemleak.write("off")
        try kmemleak.write(text)
        #expect(kmemleak.heap.objects.count == 0 && kmemleak.read().isEmpty)
    }

    @Test func whatOnlyAClearedLeakPointsAtIsNoLongerRead() throws {
        var kmemleak = Kmemleak(Heap { heap in
            heap.object(at: 0x2000, size: 8, flags: .reported) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        })
        try kmemleak.write("scan")
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks.count == 2)
        try kmemleak.write("clear")
        try kmemleak.write("scan")
        #expect(kmemleak.read().isEmpty && kmemleak.heap.objects.minCounts == [0, 0])
    }

    @Test func stackOffLeavesStacksOut() throws {
        var kmemleak = Kmemleak(Heap { heap in
            heap.root(.stack, at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
        })
        try kmemleak.write("stack=off")
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks.count == 1)
        try kmemleak.write("stack=on")
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks.isEmpty, "reported, but referenced again")
    }

    @Test(arguments: KernelProfile.Style.allCases)
    func dumpPrintsTheObjectToTheLog(style: KernelProfile.Style) throws {
        var kmemleak = leaky(style)
        try kmemleak.write("dump=0x2000")
        #expect(messages(kmemleak).prefix(2) == [
            "kmemleak: Object 0x00002000 (size 64):", "kmemleak:   comm \"swapper/0\", pid 1, jiffies \(4_294_892_296 + 990 * 250)",
        ])
    }

    @Test(arguments: KernelProfile.Style.allCases)
    func dumpOfWhatIsNotTrackedIsInvalid(style: KernelProfile.Style) {
        var kmemleak = leaky(style)
        #expect(throws: ControlError.invalidArgument) { try kmemleak.write("dump=0xdeadbeef") }
        #expect(messages(kmemleak) == ["kmemleak: Unknown object at 0xdeadbeef"])
    }

    @Test(arguments: [KernelProfile.Style.old, .v6_1])
    func dumpOfAnInteriorAddressWarnsAndFailsUpTo61(style: KernelProfile.Style) {
        var kmemleak = leaky(style)
        #expect(throws: ControlError.invalidArgument) { try kmemleak.write("dump=0x2008") }
        #expect(messages(kmemleak).first == "kmemleak: Found object by alias at 0x00002008")
        #expect(messages(kmemleak)[1...2] == ["CPU: 0 PID: 1 Comm: sh Not tainted test #1", "Call Trace:"])
        #expect(messages(kmemleak)[3] == "kmemleak: Object 0x00002000 (size 64):")
        #expect(messages(kmemleak).last == "kmemleak: Unknown object at 0x00002008")
    }

    /// `kmemleak.md`, section 0: of the trees, all only in 2026; before, that of ordinary objects.
    @Test(arguments: KernelProfile.Style.allCases)
    func dumpAsksAllTreesOnlyIn2026(style: KernelProfile.Style) throws {
        var kmemleak = Kmemleak(Heap(style) { heap in
            heap.object(at: 0x2000, size: 64)
            heap.object(at: 0x2000, size: 16, flags: .phys, isHeld: false)
            heap.object(at: 0x5000, size: 16, flags: .perCPU, isHeld: false)
        })
        try kmemleak.write("dump=0x2000")
        let heads = ["kmemleak: Object 0x00002000 (size 64):"] + (style == .v2026 ? ["kmemleak: Object (phys) 0x00002000 (size 16):"] : [])
        #expect(messages(kmemleak).filter { $0.contains("Object") } == heads)
        if style == .v2026 {
            try kmemleak.write("dump=0x5008")
        } else {
            #expect(throws: ControlError.invalidArgument) { try kmemleak.write("dump=0x5000") }
        }
    }

    @Test func dumpOfAnInteriorAddressWorksInCurrentKernels() throws {
        var kmemleak = leaky()
        try kmemleak.write("dump=8200")
        #expect(messages(kmemleak).first == "kmemleak: Object 0x00002000 (size 64):")
    }
}
