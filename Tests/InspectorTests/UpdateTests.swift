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
        #expect(state.message?.text == "Scan finished: 3 new suspected leaks. L selects the next one, 2 groups them, 8 tells why.")
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
        #expect(state.message?.text == "Z does nothing. ? shows the keys.")
    }

    @Test func goToSelectsTheObjectAroundAnAddress() throws {
        var state = try opened()
        state.press("g")
        state.type("0xffffffc008efcc40")
        #expect(state.selection.map { state.heap.objects.pointers[$0.index] } == Address(0xffff_ffc0_08ef_cc00))
        #expect(state.message?.text == "0xffffffc008efcc40 is 64 bytes into the object at 0xffffffc008efcc00.")
    }

    @Test func goToMemoryThatNoObjectHoldsShowsIt() throws {
        var state = try opened()
        state.press("g")
        state.type("0xffffff8008a10010")
        #expect(state.message == AppState.Message(
            text: "0xffffff8008a10010 is 16 bytes into .data, which is scanned but not tracked.", isError: false))
        #expect(state.viewedMemory?.name == ".data" && state.hex.cursor == 16)
        state.apply(.resize(Size(columns: 160, rows: 50)))
        #expect(Screen(state).frame().text.contains(".data, 64-bit"))
        state.press("backspace")
        #expect(state.viewedMemory == nil)
    }

    @Test(arguments: [
        ("0x10", "0x00000010 is not captured: no object contains it; the nearest are 0xffffff8000010000 (size 4096)."),
        ("hub99", "hub99"),
    ])
    func goToWhereNothingIsSaysSo(text: String, message: String) throws {
        var state = try opened()
        state.press("g")
        state.type(text)
        #expect(state.message?.isError == true && state.message?.text.contains(message) == true)
    }

    @Test(arguments: ["hub0+0x40", "ffffffc008efce40", "0xffffffc008efce40", "18446743798981578304"])
    func goToTakesNamesAndNumbers(text: String) throws {
        var state = try opened()
        state.press("g")
        state.type(text)
        #expect(state.selection.map { state.heap.objects.pointers[$0.index] } == Address(0xffff_ffc0_08ef_ce00))
        #expect(state.hex.cursor == 0x40)
    }

    @Test func dumpOffersTheSelectedObjectAndWritesToTheLog() throws {
        var state = try opened()
        state.press("S d")
        #expect(state.prompt == Prompt(.dump, text: "0xffffffc008efcc00"))
        state.press("enter")
        #expect(state.visibleLog.contains { $0.text == "kmemleak: Object 0xffffffc008efcc00 (size 512):" })
        #expect(state.visibleLog.contains { $0.text == "kmemleak:   flags = 0x3" })
        #expect(state.layout.area(of: .log) != nil)
    }

    @Test func theWordThatReachedAnObjectCanBeJumpedTo() throws {
        var state = try opened()
        state.press("S g")
        state.type("0xffffffc008efca00")
        state.press("r")
        #expect(Screen(state).frame().text.contains("in the stack of kworker/0:1 (pid 17)+0x1f40"))
        state = try opened()
        state.press("S L r")
        #expect(state.moment?.step.isReport == true, "a leak's last change is its report")
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

    @Test func theOutcomeIsToldHoweverTheEndIsComeTo() throws {
        for keys in ["s 4 end", "S {", "s space } } } } } }"] {
            var state = try opened()
            state.press(keys)
            state.press("4 end")
            #expect(state.visibleLog.last?.text.contains("3 new suspected") == true && state.playback?.isPlaying == false)
        }
    }

    @Test func whenAFilterThatHidAllEndsSomethingIsSelected() throws {
        var state = try opened()
        state.press("f")
        state.type("size>1G")
        state.press("S p")
        #expect(state.list.rows.isEmpty)
        state.press("1 esc")
        #expect(state.selection != nil)
    }

    @Test func aDumpIsSeenAtAnyMomentOfTheScan() throws {
        for keys in ["s space .", "S {"] {
            var state = try opened()
            state.press(keys)
            state.press("5 d enter")
            #expect(state.visibleLog.contains { $0.text.hasPrefix("kmemleak: Object 0xffffffc0") })
            #expect(state.focus == .log && state.layout.area(of: .log) != nil, "the pane with the keys is on the screen")
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
        #expect(state.leaks.count == 3, "it asks first")
        state.press("y")
        #expect(state.message?.text == "Cleared: 3 leaks are gray from now on, and so is all they point to. u takes it back.")
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
        #expect(state.list.rows.isEmpty && state.selection == nil)
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
            let row = try #require(state.selection.flatMap(state.list.row))
            let top = state.scroll[.objects] ?? 0
            #expect((top..<top + state.visibleRows(of: .objects) - 1).contains(row) || key == "L")
        }
    }

    @Test func aCombiningMarkLeavesThePromptsCursorWhereItIs() throws {
        var state = try opened()
        for key in [":", "e", "\u{301}", "x"] as [Key] { state.apply(.key(key)) }
        #expect(state.prompt?.text == "e\u{301}x" && state.prompt?.cursor == 2)
    }

    @Test func thePaneWithTheKeysStaysInSightWhenTheScreenShrinks() throws {
        var state = try opened(columns: 200, rows: 60)
        state.press("5 s")
        #expect(state.focus == .hex && state.layout.area(of: .scan) != nil)
        state.apply(.resize(Size(columns: 80, rows: 24)))
        #expect(state.focus == .hex && state.layout.area(of: .hex) != nil)
    }

    @Test func escFromAZoomedPaneKeepsTheSelectionInSight() throws {
        var state = try opened()
        state.press("z end up up esc")
        #expect(state.brokenInvariant() == nil && !state.isZoomed)
    }

    @Test func backDoesNotStopTwiceAtTheSameObject() throws {
        var state = try opened()
        let objects = state.heap.objects
        for _ in 0..<2 {
            state.press("home g")
            state.type(objects.pointers[5].description)
        }
        #expect(state.history == [objects.pointers[0]])
    }

    @Test func theCursorInTheBytesOfMemoryIsNotKeptForAnObjects() throws {
        var state = try opened()
        for key in ["backspace", "1 down"] {
            state.press("g")
            state.type(".data+0x800")
            #expect(state.hex.cursor == 0x800 && state.viewedMemory != nil)
            state.press(key)
            #expect(state.hex.cursor == 0 && state.viewedMemory == nil, "\(key)")
        }
    }

    /// The kernel allocates while it is scanned, so that the list is another one.
    @Test func afterAScanTheSelectionIsInSight() throws {
        var state = try opened("busy")
        state.press("end F S")
        #expect(state.brokenInvariant() == nil)
    }
}

extension Moment.Step {
    fileprivate var isReport: Bool { if case .report = self { true } else { false } }
}
