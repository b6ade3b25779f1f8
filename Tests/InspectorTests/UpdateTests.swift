import HeapModel
import Scanner
import Testing

@testable import Inspector

struct UpdateTests {
    @Test(arguments: [(".", ","), (">", "<"), ("}", "{"), ("w", "W")])
    func whatAStepForwardsDoesAStepBackwardsUndoes(forwards: String, backwards: String) throws {
        var state = try opened("cycle")
        state.press("s space")
        var ticks = [try #require(state.playback).tick]
        for _ in 0..<60 {
            state.press(forwards)
            ticks.append(try #require(state.playback).tick)
        }
        #expect(ticks.last != ticks.first)
        while ticks.count > 1 {
            // At the end a step forwards stays where it is.
            if ticks.popLast() == ticks.last { continue }
            state.press(backwards)
            let tick = try #require(state.playback).tick
            #expect(tick == ticks.last)
        }
    }

    @Test func theScanTakesAboutTwentySecondsAtItsNormalSpeed() throws {
        var state = try opened()
        state.press("s")
        var seconds = 0.0
        while state.playback?.isPlaying == true, seconds < 60 {
            state.apply(.tick(microseconds: 33_000))
            seconds += 0.033
        }
        #expect((19.0...21.0).contains(seconds))
        #expect(state.playback?.isAtEnd == true)
        #expect(state.message?.text == "Scan finished: 3 new suspected leaks. L selects the next one, Enter shows its bytes.")
    }

    @Test func playingStopsAtAPauseAndGoesOn() throws {
        var state = try opened()
        state.press("s")
        state.apply(.tick(microseconds: 500_000))
        state.press("space")
        let tick = state.playback?.tick
        state.apply(.tick(microseconds: 500_000))
        #expect(state.playback?.tick == tick)
        state.press("space")
        state.apply(.tick(microseconds: 500_000))
        #expect(try #require(state.playback).tick > tick ?? 0)
    }

    @Test func fasterIsTwiceAsFast() throws {
        var state = try opened()
        state.press("s +")
        #expect(state.playback?.speedLabel == "2x")
        state.press("- - -")
        #expect(state.playback?.speedLabel == "1/4x")
    }

    @Test func theLogKeepsTheOutcomeToItselfUntilTheScanIsOver() throws {
        var state = try opened()
        let before = state.visibleLog.count
        state.press("s")
        #expect(state.visibleLog.count == before)
        state.press("} } } } } }")
        #expect(state.visibleLog.last?.text == "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)")
    }

    @Test func aStepWithoutAScanSaysWhyItCannotBe() throws {
        var state = try opened()
        state.press(".")
        #expect(state.message == AppState.Message(text: "There is no scan to step through yet: press s.", isError: true))
    }

    @Test func anUnknownKeySaysSo() throws {
        var state = try opened()
        state.press("Z")
        #expect(state.message?.text == "Z does nothing here. ? shows the keys.")
    }

    @Test func goToSelectsTheObjectAroundAnAddress() throws {
        var state = try opened()
        state.press("g")
        state.type("0xffffffc008efcc40")
        #expect(state.selection.map { state.heap.objects.pointers[$0.index] } == Address(0xffff_ffc0_08ef_cc00))
        #expect(state.message?.text == "0xffffffc008efcc40 is 64 bytes into the object at 0xffffffc008efcc00.")
    }

    @Test(arguments: [
        ("0xffffff8008a10010", "0xffffff8008a10010 is 16 bytes into .data, which is scanned but not tracked."),
        ("zzz", "zzz: expected an address, such as 0xffff888000ad0c00"),
        ("0x10", "0x00000010 is not captured: no object contains it; the nearest are 0xffffff8000010000 (size 4096)."),
    ])
    func goToWhereNoObjectIsSaysWhatIs(text: String, message: String) throws {
        var state = try opened()
        state.press("g")
        state.type(text)
        #expect(state.message == AppState.Message(text: message, isError: true))
    }

    @Test func dumpOffersTheSelectedObjectAndWritesToTheLog() throws {
        var state = try opened()
        state.press("S d")
        #expect(state.prompt == Prompt(.dump, text: "0xffffffc008efcc00"))
        state.press("enter")
        #expect(state.visibleLog.contains { $0.text == "kmemleak: Object 0xffffffc008efcc00 (size 512):" })
        #expect(state.visibleLog.contains { $0.text == "kmemleak:   flags = 0x3" })
        #expect(state.lowerPane == .log)
    }

    @Test func theWordThatReachedAnObjectCanBeJumpedTo() throws {
        var state = try opened()
        state.press("S g")
        state.type("0xffffffc008efca00")
        state.press("r")
        #expect(Screen(state).frame().text.contains("in the stack of kworker/0:1 (pid 17)+0x1f40"))
        state.press("S L r")
        #expect(state.message == AppState.Message(text: "This object is never reached: it has 0 of 1 references.", isError: true))
    }

    @Test func scanningAtOnceEndsTheScanThatIsBeingWatched() throws {
        var state = try opened()
        state.press("s space . . S")
        #expect(state.playback?.isAtEnd == true && state.kmemleak.scanCount == 1)
        #expect(state.message?.text.hasPrefix("Scan finished: 3 new suspected leaks.") == true)
        state.press("S")
        #expect(state.kmemleak.scanCount == 2)
        #expect(state.message?.text == "Scan finished: no new leak, 3 known. L selects the next one.")
    }

    @Test func anUnfinishedScanIsPlayedOn() throws {
        var state = try opened()
        state.press("s space . .")
        let tick = try #require(state.playback).tick
        state.press("s")
        #expect(state.kmemleak.scanCount == 1 && state.playback?.isPlaying == true)
        #expect(state.playback?.tick == tick)
    }

    @Test func aDumpIsSeenAtAnyMomentOfTheScan() throws {
        for keys in ["s space .", "S {"] {
            var state = try opened()
            state.press(keys)
            state.press("3 d enter")
            #expect(state.visibleLog.contains { $0.text.hasPrefix("kmemleak: Object 0xffffffc0") })
            #expect(state.focus == .log && state.layout.areas[.log] != nil, "the pane with the keys is on the screen")
        }
    }

    @Test func aScanOfTheAutomaticThreadIsShown() throws {
        var state = try opened()
        state.press(":")
        state.type("scan=5")
        #expect(state.leaks.count == 3 && state.playback?.isAtEnd == true)
        state.press("t :")
        state.type("advance 5")
        #expect(state.kmemleak.scanCount == 2 && state.leaks.count == 4)
    }

    @Test func stacksOffRevealsTheFourthBlock() throws {
        var state = try opened()
        state.press("S t S")
        #expect(state.leaks.count == 4)
    }

    @Test func clearMakesTheLeaksGray() throws {
        var state = try opened()
        state.press("S c")
        #expect(state.message?.text == "Cleared: 3 leaks are gray from now on, and so is all they point to.")
        #expect(state.leaks.isEmpty)
        state.press("S")
        #expect(state.leaks.isEmpty)
    }

    @Test func offIsAskedTwice() throws {
        var state = try opened()
        state.press(":")
        state.type("off")
        #expect(state.kmemleak.heap.isEnabled)
        state.type("no")
        #expect(state.kmemleak.heap.isEnabled)
        state.press(":")
        state.type("off")
        state.type("yes")
        #expect(!state.kmemleak.heap.isEnabled)
        #expect(state.rows.isEmpty && state.selection == nil)
        _ = Screen(state).frame()
        state.press("s")
        #expect(state.message?.text == "scan: write error: Device or resource busy; kmemleak is off for ever, only clear is taken")
    }

    @Test func theKernelsErrorIsShownForABadCommand() throws {
        var state = try opened()
        state.press(":")
        state.type("scan=abc")
        #expect(state.message?.text == "scan=abc: write error: Invalid argument")
    }

    @Test func advanceMovesTheClock() throws {
        var state = try opened()
        state.press(":")
        state.type("advance 10.5")
        #expect(state.kmemleak.uptime == Microseconds(75_580_000))
    }

    @Test func theSelectionStaysInSight() throws {
        var state = try opened()
        for key in ["end", "home", "pgdn", "down", "pgup", "G", "k", "o", "o", "L"] {
            state.press(key)
            let row = try #require(state.selection.flatMap(state.row))
            let top = state.scroll[.objects] ?? 0
            #expect((top..<top + state.visibleRows(of: .objects)).contains(row) || key == "L")
        }
    }

    @Test func noKeyStandsTwiceInTheTable() {
        let keys = Keymap.bindings.flatMap(\.keys)
        #expect(Set(keys).count == keys.count)
    }

    /// Seeded: keys, clicks, wheel, resizes and time in any order.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func noSequenceOfEventsBreaksTheState(seed: UInt64) throws {
        var state = try opened("lost-list-node")
        var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func next(_ bound: Int) -> Int {
            random ^= random << 13; random ^= random >> 7; random ^= random << 17
            return Int(random % UInt64(bound))
        }
        let keys = Keymap.bindings.flatMap(\.keys).filter { $0 != "q" } + [.named(.enter), .named(.backspace), "a", "0", "x"]
        for _ in 0..<1500 {
            switch next(10) {
            case 0: state.apply(.resize(Size(columns: next(220), rows: next(70))))
            case 1: state.apply(.click(row: next(60), column: next(200)))
            case 2: state.apply(.wheel(rows: next(7) - 3, row: next(60), column: next(200)))
            case 3: state.apply(.tick(microseconds: next(2_000_000)))
            default: state.apply(.key(keys[next(keys.count)]))
            }
            #expect(state.selection.map { $0.index < state.heap.objects.count } ?? true)
            if next(10) == 0 { #expect(Screen(state).frame().size == state.size) }
        }
    }
}
