import HeapModel
import Scanner
import Testing

@testable import Inspector

/// The screen over a kernel that does not stand still.
struct LivingKernelTests {
    /// A kernel that allocates and frees ten times a second, and loses a block every two seconds.
    private func living(clock: String = "1x") throws -> AppState {
        let text = """
            name: living
            kernel: {release: 6.12.1, arch: x86_64, scan_speed: 2000}
            clock: \(clock)
            memory: [{kind: data, name: .data, start: 0xffffffff82a00000, size: 2048}]
            tasks: [{pid: 1, comm: init, stack: 0xffffc90000010000, stack_size: 512}]
            steps:
              - kmemleak: init
              - time: 1
              - kmemleak: late_init
              - alloc: {name: table, size: 256}
              - store: {pointer: table, at: .data+0x80}
              - repeat: {times: 8, steps: [{alloc: {name: "request${i}", size: 96}}, {store: {pointer: "request${i}", at: "table+8*${i}"}}]}
            workload:
              - every: 0.1
                steps: [{free: "request${n%8}"}, {alloc: {name: "request${n%8}", size: 96}}, {store: {pointer: "request${n%8}", at: "table+8*${n%8}"}}]
              - every: 2
                steps: [{alloc: {name: "lost${n}", size: 512}}]
            """
        let machine = try Machine(Scenario(yaml: Array(text.utf8), file: "living.yaml"))
        return AppState(sourceName: "living", machine: machine, size: Size(columns: 120, rows: 40))
    }

    private func pass(_ seconds: Double, _ state: inout AppState) {
        for _ in 0..<Int(seconds * 10) { state.apply(.tick(microseconds: 100_000)) }
    }

    @Test func theClockRunsAsFastAsItIsTold() throws {
        var state = try living()
        #expect(state.isClockRunning && state.millisecondsToNextTick != nil)
        pass(3, &state)
        #expect(state.kmemleak.uptime == Microseconds(4_000_000))
        state.press("x")
        #expect(state.message?.text == "The clock runs at 10x.")
        pass(2, &state)
        #expect(state.kmemleak.uptime == Microseconds(24_000_000))
        state.press("x x")
        #expect(state.clockSpeed == 0 && !state.isClockRunning)
        pass(10, &state)
        #expect(state.millisecondsToNextTick == nil, "once the message is gone nothing moves")
        #expect(state.kmemleak.uptime == Microseconds(24_000_000))
        state.press("X")
        #expect(state.clockSpeed == 0)
        #expect(Screen(state).frame().text.contains("up 24.00 s ‖"))
    }

    @Test func aPausedClockStaysWhereItIs() throws {
        let state = try living(clock: "paused")
        #expect(!state.isClockRunning && state.millisecondsToNextTick == nil)
    }

    @Test func theSelectionStaysOnItsObjectWhileOthersComeAndGo() throws {
        var state = try living()
        state.press("g")
        let table = try #require(state.machine.names["table"])
        state.type(table.description)
        for _ in 0..<20 {
            pass(0.5, &state)
            #expect(state.selection.map { state.heap.objects.pointers[$0.index] } == table)
            #expect(state.list.rows.count == state.heap.objects.count)
        }
    }

    @Test func whileAScanIsLookedAtTheKernelWaits() throws {
        var state = try living()
        pass(2, &state)
        let uptime = state.kmemleak.uptime
        state.press("s space . .")
        pass(2, &state)
        #expect(!state.isClockRunning)
        let scanned = state.kmemleak.uptime
        #expect(scanned > uptime, "the scan itself took the kernel's time")
        state.press("S")
        pass(2, &state)
        #expect(state.kmemleak.uptime == scanned)
        state.press("p")
        pass(2, &state)
        #expect(state.kmemleak.uptime == Microseconds(scanned.rawValue + 2_000_000) && state.playback == nil)
        state.press("p")
        #expect(state.message?.text == "This is the present: no scan is being looked at.")
    }

    @Test func whatTheKernelDoesMeanwhileIsAStepThatCanBeUndone() throws {
        var state = try living()
        pass(2, &state)
        state.press("s space")
        let before = state.heap.objects.pointers
        while let step = state.moment?.step, state.playback?.isAtEnd == false {
            if case .meanwhile = step { break }
            state.press(">")
        }
        #expect(Screen(state).frame().text.contains("Meanwhile the kernel:"))
        #expect(Screen(state).frame().text.contains("is freed; "))
        let after = state.heap.objects.pointers
        #expect(after != before)
        state.press("W")
        #expect(state.heap.objects.pointers == before && state.list.rows.count == before.count)
        state.press("w")
        #expect(state.heap.objects.pointers == after)
        state.press("{")
        #expect(state.heap.objects.pointers == before)
    }

    @Test func theAutomaticThreadIsToldOfAndItsScanCanBeSteppedInto() throws {
        var state = try living()
        state.press("x")
        pass(7, &state)
        #expect(state.kmemleak.scanCount == 1 && state.playback == nil)
        #expect(state.message?.text.hasPrefix("The automatic thread scanned: ") == true)
        #expect(!state.leaks.isEmpty)
        state.press(",")
        #expect(state.playback != nil && state.playback?.isAtEnd == false)
    }

    @Test func theAutomaticThreadCanBeStoppedAndStarted() throws {
        var state = try living(clock: "paused")
        #expect(Screen(state).frame().text.contains("auto in 60 s"))
        state.press("a")
        #expect(Screen(state).frame().text.contains("auto off"))
        #expect(state.visibleLog.last?.text == "kmemleak: Automatic memory scanning thread ended")
        state.press("a")
        #expect(state.kmemleak.isAutomatic && state.kmemleak.scanCount == 1)
    }

    @Test func theConfigurationIsAPage() throws {
        var state = try opened()
        state.press(":")
        state.type("config")
        let text = Screen(state).frame().text
        #expect(text.contains("CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE=400") && text.contains("CONFIG_HZ=250"))
        state.press("esc")
        #expect(!Screen(state).frame().text.contains("CONFIG_HZ"))
    }

    @Test func aCaptureHasNeitherClockNorConfiguration() throws {
        var state = AppState(sourceName: "capture", machine: Machine(Kmemleak(Heap(profile: KernelProfile(release: "6.1", architecture: .x86_64)))))
        #expect(!Screen(state).frame().text.contains("‖"))
        state.press("x")
        #expect(state.message?.text == "The clock of a capture stands still.")
        state.press(":")
        state.type("config")
        #expect(state.page == nil && state.message?.text == "A capture does not tell how its kernel was configured.")
    }

    @Test func aKernelThatFailsSaysSoAndStops() throws {
        var state = AppState(
            sourceName: "broken",
            machine: try Machine(Scenario(yaml: Array("""
                name: broken
                kernel: {release: 6.12.1, arch: x86_64}
                clock: 1x
                steps: [{time: 1}]
                workload: [{every: 1, steps: [{free: nobody}]}]
                """.utf8), file: "broken.yaml")))
        pass(3, &state)
        #expect(state.message?.text == "The kernel stopped on an error: broken.yaml:5:31: no live object is called \"nobody\"")
        #expect(!state.isClockRunning)
        state.press("x")
        #expect(state.message?.isError == true)
    }

    /// The strip of 2026 fits 80 columns.
    @Test(arguments: [80, 116, 160])
    func thePhasesOfTheConfirmingScanAreAllThere(columns: Int) throws {
        var state = AppState(
            sourceName: "two passes",
            machine: try Machine(Scenario(yaml: Array("""
                name: passes
                kernel: {release: 7.1, arch: x86_64, style: "2026"}
                steps: [{time: 10}]
                """.utf8), file: "f.yaml")), size: Size(columns: columns, rows: 30))
        state.press("S")
        let strip = Screen(state).frame().text.split(separator: "\n")[1]
        for word in ["prepare", "roots", "modified", "suspects", "confirm", "report"] { #expect(strip.contains(word), "\(word)") }
    }
}
