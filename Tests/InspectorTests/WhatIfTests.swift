import HeapModel
import Scanner
import Testing

@testable import Inspector

/// `i` supposes something else of the scan on the screen, and `u` takes it back.
struct WhatIfScreenTests {
    /// After a scan, with the first leak selected.
    private func scanned(_ name: String = "hub-probe") throws -> AppState {
        var state = try opened(name)
        state.press("S L")
        return state
    }

    private func suppose(_ text: String, _ state: inout AppState) {
        state.press("i")
        state.type(text)
    }

    @Test func aLeakDeclaredNoneIsGrayAndTakenBackIsWhite() throws {
        var state = try scanned()
        let leak = try #require(state.selection), leaks = state.leaks, machine = state.kmemleak.heap.objects.minCounts
        suppose("not-leak", &state)
        let whatIf = try #require(state.whatIf)
        #expect(whatIf.suppositions == [.notLeak(leak)] && state.page == .whatIf)
        #expect(whatIf.changes.contains { $0.object == leak && $0.before == .white })
        #expect(state.shade(of: leak) != .white && !state.leaks.contains(leak))
        #expect(state.kmemleak.heap.objects.minCounts == machine, "the source is not touched")
        state.press("u")
        #expect(state.whatIf == nil && state.page == nil && state.leaks == leaks && state.shade(of: leak) == .white)
    }

    @Test func suppositionsAddUp() throws {
        var state = try scanned()
        suppose("stack=off", &state)
        suppose("not-leak", &state)
        suppose("drop .data", &state)
        #expect(state.whatIf?.suppositions.count == 3)
        #expect(state.lines(of: .whatIf).prefix(3).map(\.plain).allSatisfy { $0.hasPrefix("if ") })
        state.press("u")
        #expect(state.whatIf?.suppositions.count == 2)
        state.press("p")
        #expect(state.whatIf == nil && state.playback == nil)
    }

    /// A scan taken back and another one have the same number.
    @Test func theTableOfRootsIsThatOfTheScanAfterAnUndo() throws {
        var state = try scanned()
        func stacks() -> String? { state.lines(of: .roots).map(\.plain).first { $0.hasPrefix("task stacks") } }
        func command(_ text: String) {
            state.press(":")
            state.type(text)
        }
        command("roots")
        #expect(stacks()?.contains("not scanned") == false)
        state.press("esc u t S")
        command("roots")
        #expect(stacks()?.contains("not scanned") == true && state.kmemleak.scanCount == 1)
    }

    /// It has no colour any more, and there is nothing to go to.
    @Test func whatIsFreedIsGone() throws {
        var state = try scanned()
        let ignored = state.moment?.totals[.ignored]
        suppose("free hub0", &state)
        let lines = state.lines(of: .whatIf), freed = try #require(lines.first { $0.plain.hasSuffix(" hub0") })
        #expect(lines[1].plain == "1 object is freed, 3 objects turn white:")
        #expect(freed.plain.hasPrefix("scanned  now freed ") && freed.jump == nil)
        #expect(state.moment?.totals[.ignored] == ignored && state.whatIf?.changes.first { $0.after == nil }?.before == .scanned)
    }

    /// The word that holds an object, cut in the bytes of its holder.
    @Test func aWordIsCutUnderTheCursor() throws {
        var state = try scanned("cycle")
        let moment = try #require(state.moment)
        let link = state.heap.objects.ids.lazy.compactMap { id -> (ObjectID, Address)? in
            guard case .reached(let chains) = moment.explanation(of: id), let last = chains.first?.links.last else { return nil }
            let references = state.heap.references(to: id, state.index)
            return references.count == 1 && state.heap.objects.minCounts[id.index] == 1 ? (id, last.reference.address) : nil
        }.first
        let (id, address) = try #require(link)
        state.press("g")
        state.type("\(address)")
        state.press("5")
        suppose("cut", &state)
        #expect(state.whatIf?.suppositions == [.cut(address)])
        #expect(state.whatIf?.changes.contains { $0.object == id && $0.after == .white } == true)
        #expect(state.journal.script.contains("if cut \(address)"))
    }

    @Test func theCommandLineOpensTheSupposition() throws {
        var state = try scanned()
        suppose("not-leak", &state)
        let script = state.journal.script, changes = state.whatIf?.changes
        var other = try opened()
        #expect(other.open(script: script, address: nil, tick: nil) == nil)
        #expect(other.whatIf?.changes == changes && changes?.isEmpty == false)
    }

    @Test(arguments: [
        ("", ""), ("burn", "if: expected one of cut, free, not-leak"), ("cut 3", "if: cut: a scan reads words at multiples of 8"),
        ("cut 8", "if: cut: there is no memory at"), ("free 8", "if: no object contains"), ("drop 8", "if: drop: no root is at"),
        ("scan-area 8", "if: scan-area: expected where it starts"), ("scan-area +0 9999", "if: scan-area: the object at"),
        ("stack=off now", "if: stack=off takes nothing more"),
    ])
    func whatIsNoSuppositionIsTold(text: String, problem: String) throws {
        var state = try scanned()
        suppose(text, &state)
        #expect(state.whatIf == nil)
        if !problem.isEmpty { #expect(state.message?.isError == true && state.message?.text.hasPrefix(problem) == true) }
    }
}
