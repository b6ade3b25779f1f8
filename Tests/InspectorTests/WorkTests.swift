import HeapModel
import Inspector
import Scanner
import Testing

/// What is shown, and what can be done, while something takes its time.
struct WorkTests {
    @Test func theFootTellsHowFarItIs() {
        var state = state()
        state.work = Work("S at once", seconds: 1.26, fraction: 0.56)
        #expect(foot(of: state) == " S at once [|||||||||||         ] 56 %  1.2 s  Esc stops it")
        // Of work that does not tell, only the time is known.
        state.work = Work("Opening x.kmemcore", seconds: 0.3)
        #expect(foot(of: state) == " Opening x.kmemcore: 0.3 s  Esc stops it")
        state.work = nil
        #expect(foot(of: state).contains("? help"))
    }

    @Test func thereIsAScreenBeforeThereIsAnythingToSee() {
        let frame = Work("Opening x\u{1b}[2J", seconds: 2).frame(Size(columns: 60, rows: 5))
        let lines = frame.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[2].contains("Opening x") && lines[2].contains("2.0 s  Esc stops it") && !lines[2].contains("\u{1b}"))
    }

    @Test func onlyMovingIsFollowedMeanwhile() {
        var state = state()
        for key in [Key.named(.down), .character("z"), .named(.tab), .character("?"), .character("q")] {
            #expect(state.onlyMoves(.key(key)), "\(key.label)")
        }
        for key in [Key.character("s"), .character("S"), .character("f"), .character(":"), .character("o"), .character("u")] {
            #expect(!state.onlyMoves(.key(key)), "\(key.label)")
        }
        #expect(state.onlyMoves(.resize(Size(columns: 90, rows: 30))) && state.onlyMoves(.wheel(rows: 1, row: 4, column: 4)))
        // What is typed at a prompt is none of the screen's keys.
        state.apply(.key(.character(":")))
        #expect(!state.onlyMoves(.key(.character("q"))))
    }

    @Test func smallHeapsAreNotWorthAnotherThread() {
        let state = state()
        #expect(!state.mayTakeLong(.key(.character("s"))))
        #expect(state.workName(.key(.character("S"))) == "S at once")
    }

    /// Another thread's answer comes later, and is worth it only where something has to be found out.
    @Test func inLargeHeapsAllButCursorsIsAnotherThreads() {
        let heap = GeneratedHeap(GeneratorOptions(objects: 50_000, seed: 1)).heap
        var state = AppState(sourceName: "none", machine: Machine(Kmemleak(heap)))
        state.apply(.resize(Size(columns: 120, rows: 40)))
        func takesLong(_ key: Key) -> Bool { state.mayTakeLong(.key(key)) }
        #expect(!takesLong(.named(.down)) && !takesLong(.named(.end)) && takesLong(.character("S")) && takesLong(.character("o")))
        state.apply(.focus(.scan))
        #expect(takesLong(.named(.down)), "a step of the scan")
        // Another object's references are read from memory.
        state.apply(.focus(.references))
        state.apply(.focus(.objects))
        #expect(takesLong(.named(.down)))
        state.apply(.focus(.backtrace))
        #expect(!takesLong(.named(.down)), "it has taken their place")
        state.apply(.focus(.leaks))
        #expect(takesLong(.named(.down)), "of which there may be any number")
        // What is typed is not a movement.
        state.apply(.ask(.search))
        #expect(takesLong(.named(.end)))
    }

    /// A scenario may have any amount of work to do in that time.
    @Test func movingTheClockMayTakeLongInASmallHeap() throws {
        var state = try opened()
        state.press(":")
        for (text, takesLong) in [("advance 600", true), ("help", false)] {
            var state = state
            for character in text { state.apply(.key(.character(character))) }
            #expect(state.mayTakeLong(.key(.named(.enter))) == takesLong && !state.mayTakeLong(.key(.character("0"))))
        }
    }

    @Test func theClockIsStopped() throws {
        let stopped = WorkProgress()
        stopped.stop()
        func later(_ scenario: String, _ told: WorkProgress?) throws -> Machine {
            var machine = try opened(scenario).machine
            WorkProgress.$current.withValue(told) { machine.advance(by: Microseconds(2_000_000)) }
            return machine
        }
        let objects = try opened("busy").heap.objects.count, due = try opened().kmemleak.nextAutomaticScan
        #expect(try later("busy", stopped).heap.objects.count == objects, "no round of work")
        #expect(try later("busy", nil).heap.objects.count > objects)
        #expect(try later("hub-probe", stopped).kmemleak.nextAutomaticScan == due, "no automatic scan")
        #expect(try later("hub-probe", nil).kmemleak.nextAutomaticScan != due)
    }

    private func state() -> AppState {
        AppState(sourceName: "none", machine: Machine(Kmemleak(Heap(profile: KernelProfile(release: "6.1", architecture: .x86_64)))))
    }

    private func foot(of state: AppState) -> String {
        let lines = Screen(state, glyphs: Glyphs(isUnicode: true)).frame().text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.last { !$0.isEmpty }.map(String.init) ?? ""
    }
}
