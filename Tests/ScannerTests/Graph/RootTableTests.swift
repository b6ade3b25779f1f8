import HeapModel
@testable import Scanner
import SystemPackage
import Testing

struct RootTableTests {
    @Test func rowsTellWhatWasReadOfEachKind() {
        let table = RootTable(Scan.run(Heap { heap in
            heap.root(.data, at: 0x10000, size: 32) { $0.pointer(to: 0x1000, at: 8) }
            heap.root(.stack, at: 0x20000, size: 64, pid: 1)
            heap.root(.stack, at: 0x30000, size: 64, pid: 2) { $0.pointer(to: 0x2000, at: 0) }
            heap.object(at: 0x1000, size: 20) { $0.pointer(to: 0x2008, at: 0) }
            heap.object(at: 0x2000, size: 64, flags: .noScan)
            heap.object(at: 0x3000, size: 64)
        }))
        #expect(table.rows.map(\.what) == [.roots(.data), .roots(.stack), .objects])
        #expect(table.rows.map(\.count) == [1, 2, 1] && table.rows.map(\.bytes) == [32, 128, 20])
        #expect(table.rows.map(\.words) == [4, 16, 2] && table.rows.map(\.references) == [1, 1, 1])
        #expect(table.rows.allSatisfy { $0.missing == 0 && $0.isScanned } && table.passes == 1)
    }

    @Test func stacksThatAreLeftOutHaveNoWords() throws {
        var heap = Heap { $0.root(.stack, at: 0x20000, size: 64, pid: 1) }
        heap.scansStacks = false
        let row = try #require(RootTable(Scan.run(heap)).rows.first)
        #expect(!row.isScanned && row.words == 0 && row.bytes == 64)
    }

    @Test func whatIsNotHeldIsMissing() {
        let table = RootTable(Scan.run(Heap { heap in
            heap.heap.memory = Memory(isCaptured: true)
            heap.root(.data, at: 0x10000, pointingTo: 0x1000)
            heap.object(at: 0x1000, size: 64, isHeld: false)
            heap.memory(at: 0x1000, size: 12)
            heap.heap.roots.append(Root(kind: .percpu, name: "cpu 0", range: AddressRange(start: Address(0x50000), size: 100)))
        }))
        #expect(table.rows.map(\.missing) == [0, 100, 52] && table.rows.map(\.words) == [1, 0, 1])
    }

    /// The graph tells the same as every word looked at, and both what the scan counted.
    @Test func sumsAreTheScansOfAnyHeap() throws {
        var heapsWithGaps = 0
        for seed in 0..<300 as Range<UInt64> {
            var heap = RandomHeap.heap(seed: seed)
            if seed % 3 == 0 { heap.profile.style = .v2026 }
            let recording = try #require(heap.scannedStill()), table = RootTable(recording)
            #expect(table.words == recording.wordCount && table.references == recording.referenceCount, "seed \(seed)")
            let plain = Scan.run(heap)
            #expect(table.rows == RootTable(plain).rows && recording.unreadByteCount == plain.unreadByteCount, "seed \(seed)")
            heapsWithGaps += table.unreadByteCount > 0 ? 1 : 0
        }
        #expect((50..<300).contains(heapsWithGaps))
    }

    @Test(arguments: ["hub-probe", "percpu", "moving-pointer", "moving-pointer-2026", "stale-stack", "vmalloc-excess-ref"])
    func sumsAreTheScansOfLivingKernels(name: String) throws {
        var machine = try Machine(Scenario(builtIn: name))
        for _ in 1...2 {
            try machine.write(.scan)
            let recording = try #require(machine.kmemleak.recording), table = RootTable(recording)
            #expect(table.words == recording.wordCount && table.references == recording.referenceCount)
            machine.advance(by: Microseconds(10_000_000))
        }
    }

    @Test func sumsAreTheScansOfARealHeap() throws {
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let heap = try Capture(tests.appending("Fixtures/small-6.1.kmemcore")).heap
        let recording = try #require(heap.scannedStill()), table = RootTable(recording)
        #expect(table.words == recording.wordCount && table.references == recording.referenceCount)
        #expect(table.rows.last?.what == .objects)
        #expect(recording.unreadByteCount == 90112 && table.rows.map(\.missing).reduce(0, +) == 90112)
    }
}
