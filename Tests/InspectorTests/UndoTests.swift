import HeapModel
import Scanner
import Testing

@testable import Inspector

/// `u` takes back what a command did to the simulated kernel.
struct UndoTests {
    @Test func aClearedLeakIsALeakAgain() throws {
        var state = try opened()
        state.press("S c y")
        #expect(state.leaks.isEmpty)
        state.press("u")
        #expect(state.leaks.count == 3 && state.playback?.isAtEnd == true)
        #expect(state.message?.text == "Undone: clear. The kernel is as it was before.")
    }

    @Test func evenOffIsTakenBack() throws {
        var state = try opened()
        let objects = state.heap.objects.count
        state.press(":")
        state.type("off")
        state.type("yes")
        #expect(!state.kmemleak.heap.isEnabled && state.heap.objects.count == 0)
        state.press("u")
        #expect(state.kmemleak.heap.isEnabled && state.heap.objects.count == objects)
        state.press("S")
        #expect(state.leaks.count == 3)
    }

    @Test func severalCommandsAreTakenBackOneAfterTheOther() throws {
        var state = try opened()
        state.press("t S t S")
        #expect(state.kmemleak.scanCount == 2)
        state.press("u")
        #expect(state.kmemleak.scanCount == 1)
        state.press("u u")
        #expect(state.kmemleak.scanCount == 0 && !state.kmemleak.heap.scansStacks)
        state.press("u")
        #expect(state.kmemleak.heap.scansStacks)
        state.press("u")
        #expect(state.message == AppState.Message(text: "There is nothing to undo.", isError: true))
    }

    @Test func onlySoManyStatesAreKept() throws {
        var state = try opened("cycle")
        for _ in 0..<80 { state.press("t") }
        var count = 0
        while state.objection(to: .undo) == nil, count < 100 {
            state.press("u")
            count += 1
        }
        #expect(count == 32)
    }
}
