import HeapModel
import Scanner
import Testing

@testable import Inspector

/// Who points at an object and whom it points at, with where each word stands.
struct ReferencesTests {
    private static let target = Address(0xffff_8880_0000_2000)

    /// A target, and words that point at it from some offsets of another object.
    private func state(_ holder: TrackedObject, offsets: [UInt64], perCPUOffsets: [UInt64]? = nil) -> AppState {
        var heap = Heap(profile: KernelProfile(release: "test", architecture: .x86_64, hz: 250, style: .current), jiffies: Jiffies(10_000))
        heap.perCPUOffsets = perCPUOffsets
        heap.objects.append(TrackedObject(pointer: Self.target, size: 16, minCount: 1, flags: .allocated, jiffies: Jiffies(0)))
        let id = heap.objects.append(holder)
        for copy in heap.contents(of: id) {
            _ = heap.memory.add(copy)
            for offset in offsets { heap.memory.write(word: Self.target.rawValue, at: copy.start + offset) }
        }
        return AppState(
            source: "test", sourceName: "test", machine: Machine(Kmemleak(heap)), size: Size(columns: 120, rows: 40))
    }

    private func lines(_ state: AppState, of row: Int) -> [String] {
        var state = state
        state.select(ObjectID(row))
        return state.text(of: .references).split(separator: "\n").map(String.init)
    }

    @Test func theFirstWordOfAnObjectWithoutANameIsAtZero() {
        let holder = TrackedObject(pointer: Address(0xffff_8880_0000_3000), size: 16, minCount: 0, flags: .allocated, jiffies: Jiffies(0))
        let state = state(holder, offsets: [0, 8])
        #expect(lines(state, of: 0) == [
            "2 words point at 0xffff888000002000", "  0xffff888000003000  exactly  0xffff888000003000",
            "  0xffff888000003000+0x8  exactly  0xffff888000003008", "0xffff888000002000 points at nothing",
        ])
        #expect(lines(state, of: 1) == [
            "No word points at 0xffff888000003000", "0xffff888000003000 points with 2 words",
            "  +0x0    → 0xffff888000002000  0xffff888000002000", "  +0x8    → 0xffff888000002000  0xffff888000002000",
        ])
    }

    @Test func longOffsetsAreToldWhole() {
        let holder = TrackedObject(pointer: Address(0xffff_8880_1000_0000), size: 0x30_0000, minCount: 0, flags: .allocated, jiffies: Jiffies(0))
        #expect(lines(state(holder, offsets: [0x22_8860, 0x22_8868]), of: 1).suffix(2) == [
            "  +0x228860 → 0xffff888000002000  0xffff888000002000", "  +0x228868 → 0xffff888000002000  0xffff888000002000",
        ])
    }

    @Test func wordsOfPerCPUObjectsTellTheirCPU() {
        let holder = TrackedObject(pointer: Address(0x1000), size: 16, minCount: 0, flags: [.allocated, .perCPU], jiffies: Jiffies(0))
        let state = state(holder, offsets: [0], perCPUOffsets: [0xffff_8880_2000_0000, 0xffff_8880_1000_0000])
        #expect(lines(state, of: 1).suffix(2) == [
            "  +0x0 on cpu 0 → 0xffff888000002000  0xffff888000002000", "  +0x0 on cpu 1 → 0xffff888000002000  0xffff888000002000",
        ])
        #expect(lines(state, of: 0)[1] == "  0x00001000 on cpu 1  exactly  0xffff888010001000")
    }
}
