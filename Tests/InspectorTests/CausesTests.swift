import HeapModel
import Scanner
import Testing

@testable import Inspector

/// Leaks by cause, what the why pane says of it, the page of the roots, and graphs.
struct CausesTests {
    private func watched() throws -> AppState {
        var state = try opened("cycle", columns: 120, rows: 40)
        for _ in 1...2 {
            state.apply(.scanAtOnce)
            state.apply(.showPresent)
        }
        state.apply(.focus(.leaks))
        return state
    }

    @Test func leaksAreGroupedByCause() throws {
        var state = try watched()
        #expect(state.leakGroups.groups.map(\.objects.count) == [4, 1] && state.leakGroups.groups.allSatisfy { $0.note == nil })
        state.apply(.key("v"))
        let group = try #require(state.leakGroups.groups.first)
        #expect(state.leakGroups.groups.count == 1 && group.objects.count == 5 && group.note == "cycle of 4 + 1 object, 64 B")
        #expect(group.objects.map { state.names[state.heap.objects.pointers[$0.index]] } == ["ring0", "ring1", "ring2", "ring3", "tail"])
        state.apply(.key("v"))
        #expect(state.leakGroups.groups.count == 2)
    }

    @Test func theCursorStaysOnItsLeaksGroup() throws {
        var state = try watched()
        state.apply(.key("G"))
        let id = try #require(state.selection)
        state.apply(.key("v"))
        #expect(state.leakState.row(in: state.leakGroups) == 0 && state.leakGroups.groups[0].objects.contains(id))
    }

    @Test func aCauseThatIsYoungerThanWhatItDragsAlongComesFirst() {
        var heap = Heap(profile: KernelProfile(release: "test", architecture: .x86_64, hz: 250, style: .current), jiffies: Jiffies(10_000))
        for pointer in [0x1000, 0x2000, 0x3000, 0x4000] as [UInt64] {
            heap.objects.append(TrackedObject(pointer: Address(pointer), size: 64, flags: [.allocated, .reported], jiffies: Jiffies(0)))
            _ = heap.memory.add(AddressRange(start: Address(pointer), size: 64))
        }
        heap.lastScan = Jiffies(9000)
        for (holder, target) in [(0x3000, 0x1000), (0x3000, 0x2000), (0x4000, 0x2000)] as [(UInt64, UInt64)] {
            heap.memory.write(word: target, at: Address(holder + (target >> 9)))
        }
        let groups = LeakGroups(heap.objects.ids, in: heap, causes: LeakCauses(of: heap)).groups
        #expect(groups.map { $0.objects.map(\.index) } == [[2, 0], [3], [1]])
        #expect(groups.map(\.note) == ["+ 1 object, 64 B", nil, "with several causes"] && groups[2].key == .shared)
    }

    @Test func whyNamesTheCause() throws {
        var state = try watched()
        let tail = try #require(state.heap.objects.ids.first { state.names[state.heap.objects.pointers[$0.index]] == "tail" })
        state.select(tail)
        #expect(state.text(of: .why).contains("Dragged along by ring0 and its cycle of 4.\n"))
        state.select(try #require(state.leaks.first))
        let text = state.text(of: .why)
        #expect(text.contains("Cause: nothing else that is lost would hold the cycle.\nPart of a cycle of 4.\n1 object, 64 B falls with it alone.\n"))
    }

    /// While a scan is watched, most is white for a time.
    @Test func whyNamesNoCauseBeforeTheEnd() throws {
        var state = try watched()
        let leak = try #require(state.leaks.first)
        state.jump(to: .tick(0))
        state.select(leak)
        #expect(!state.text(of: .why).contains("Cause"))
    }

    @Test func thePageOfTheRootsNeedsAScan() throws {
        var state = try opened("cycle", columns: 80, rows: 24)
        state.run(PromptCommand(parsing: "roots"))
        #expect(state.page == nil && state.message?.isError == true)
        state.apply(.scanAtOnce)
        state.run(PromptCommand(parsing: "roots"))
        state.apply(.tick(microseconds: 0))
        let recording = try #require(state.kmemleak.recording), lines = state.lines(of: .roots).map(\.plain)
        #expect(state.page == .roots && lines.contains { $0.hasPrefix("task stacks") })
        #expect(lines.contains { $0.hasPrefix("total") && $0.contains(" \(recording.wordCount) ") && $0.hasSuffix(" \(recording.referenceCount)") })
        #expect(lines.last?.hasPrefix("Kept of it: ") == true && lines.allSatisfy { $0.count < 80 })
    }

    @Test func whatWasMissingIsToldInEightyColumns() {
        var heap = Heap(profile: KernelProfile(release: "test", architecture: .x86_64, hz: 250, style: .current), jiffies: Jiffies(10_000))
        heap.memory = Memory(isCaptured: true)
        heap.objects.append(TrackedObject(
            pointer: Address(0x1000), size: 999 << 10, minCount: 0, flags: .allocated, jiffies: Jiffies(0)))
        var state = AppState(source: "test", sourceName: "test", machine: Machine(Kmemleak(heap)), size: Size(columns: 80, rows: 24))
        state.apply(.scanAtOnce)
        let lines = state.text(of: .roots).split(separator: "\n")
        #expect(lines.contains("999 KiB of that were not captured: what only they hold is unknown, not lost."))
        #expect(lines.allSatisfy { $0.count < 79 })
    }

    @Test func stacksThatAreLeftOutAreTold() throws {
        var state = try opened("cycle", columns: 80, rows: 24)
        state.apply(.toggleStackScanning)
        state.apply(.scanAtOnce)
        #expect(state.text(of: .roots).contains("task stacks: not scanned "))
    }

    @Test func graphsAreWritten() throws {
        var state = try watched()
        state.select(try #require(state.leaks.first))
        state.effects = []
        state.run(PromptCommand(parsing: "graph ring.dot"))
        state.run(PromptCommand(parsing: "export leaks.dot"))
        guard case .write(let around, "ring.dot") = state.effects.first, case .write(let leaks, "leaks.dot") = state.effects.last else {
            Issue.record("nothing is written")
            return
        }
        #expect(around.hasPrefix("digraph") && around.contains("ring3") && leaks.contains("cycle of 4"))
        state.run(PromptCommand(parsing: "graph"))
        #expect(state.effects.count == 2 && state.message?.isError == true)
    }
}
