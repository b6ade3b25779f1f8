import CEngine
import Foundation
import HeapModel
@testable import Scanner
import SystemPackage
import Testing

/// The engine against the scan of living kernels; `RandomHeapTests` compares both with the plain one.
struct EngineTests {
    @Test(arguments: [engine_scalar, engine_avx2, engine_avx512, engine_neon].filter { engine_supports($0) }.map(\.rawValue))
    func everyVariantMakesTheSameGraph(variant: UInt32) throws {
        for seed in 0..<300 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed), index = RankIndex(heap.objects)
            var options = Sweep.Options()
            let graph = try #require(Sweep.graph(of: heap, index: index, options: options))
            options.variant = engine_variant(rawValue: variant)
            #expect(try #require(Sweep.graph(of: heap, index: index, options: options)).edges(of: heap) == graph.edges(of: heap), "seed \(seed)")
        }
    }

    @Test(arguments: [engine_scalar, engine_avx2, engine_avx512, engine_neon].filter { engine_supports($0) }.map(\.rawValue))
    func everyVariantAndNumberOfThreadsScansAlike(variant: UInt32) throws {
        let heaps = (0..<200 as Range<UInt64>).map { RandomHeap.heap(seed: $0) }
            + (1...4 as ClosedRange<UInt64>).map { GeneratedHeap(GeneratorOptions(objects: 3000, seed: $0)).heap }
        for (number, heap) in heaps.enumerated() {
            let scan = Scan.run(heap)
            for threads in 1...3 {
                var options = Sweep.Options.forSmallHeaps(threads: threads)
                options.variant = engine_variant(rawValue: variant)
                #expect(try #require(heap.scannedStill(options: options)).agrees(with: scan), "heap \(number), \(threads) threads")
            }
        }
    }

    /// Every tick and everything that can be asked of it.
    @Test(arguments: [false, true])
    func theRecordingTellsWhatTheScanWouldTell(confirms: Bool) throws {
        var seeds = SplitMix64(seed: 9)
        for seed in 0..<(confirms ? 80 : 60) as Range<UInt64> {
            var heap = RandomHeap.heap(seed: seed)
            if confirms {
                heap.profile.style = .v2026
                heap.minUnrefScans = seeds.pick(1, 1, 2)
                for id in heap.objects.ids where seeds.once(in: 5) { heap.objects.flags[id.index].insert(.suspect) }
            }
            for _ in 1...2 {
                let scan = Scan.run(heap), recording = try #require(heap.scannedStill(options: .forSmallHeaps(threads: 2)))
                if let difference = difference(recording, scan) {
                    Issue.record("seed \(seed): \(difference)")
                    return
                }
                heap = scan.outcome.later(ticks: 7 * heap.profile.hz)
            }
        }
    }

    private func difference(_ recording: ScanRecording, _ scan: ScanRecording) -> String? {
        guard recording.endTick == scan.endTick else { return "\(recording.endTick) ticks, not \(scan.endTick)" }
        guard recording.phases.map(\.tick) == scan.phases.map(\.tick), recording.phases.map(\.phase) == scan.phases.map(\.phase)
        else { return "phases" }
        guard recording.leaks.map(\.id) == scan.leaks.map(\.id), recording.leaks.map(\.tick) == scan.leaks.map(\.tick)
        else { return "leaks" }
        guard recording.wordCount == scan.wordCount, recording.referenceCount == scan.referenceCount else { return "totals" }
        guard recording.spans.map(\.telling) == scan.spans.map(\.telling) else {
            let place = zip(recording.spans, scan.spans).first { $0.telling != $1.telling }
            return "spans: \(place?.0.telling ?? "end"), not \(place?.1.telling ?? "end")"
        }
        guard recording.spans.reversed().map(\.telling) == scan.spans.map(\.telling).reversed() else { return "spans backwards" }
        guard recording.colourChanges == scan.colourChanges else { return "colour changes" }
        let (after, expected) = (recording.outcome.objects, scan.outcome.objects)
        for id in expected.ids where after[id] != expected[id] { return "object \(id.index) afterwards" }
        guard recording.outcome.lastScan == scan.outcome.lastScan else { return "last scan" }
        for pass in scan.passes.indices where recording.passes[pass].order != scan.passes[pass].order { return "order" }
        for tick in 0..<scan.endTick {
            let (moment, then) = (Moment(recording: recording, tick: tick), Moment(recording: scan, tick: tick))
            guard moment.telling == then.telling else { return "tick \(tick): \(moment.telling), not \(then.telling)" }
            for stride in Stride.allCases {
                for direction in [Direction.forwards, .backwards] {
                    let (stop, right) = (recording.tick(stride, direction, from: tick), scan.tick(stride, direction, from: tick))
                    guard stop == right else { return "tick \(tick), \(stride) \(direction): \(stop), not \(right)" }
                }
            }
        }
        return nil
    }

    /// More references than there are words in memory.
    @Test(arguments: [1, 2])
    func areasThatOverlapAreAllRead(threads: Int) throws {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x10_0000)
            heap.object(at: 0x10_0000, size: 4096, areas: (0..<200).map { _ in (start: 0x10_0000, size: 4096) }) { block in
                for place in 0..<512 as Range<UInt64> { block.pointer(to: 0x20_0000, at: place * 8) }
            }
            heap.object(at: 0x20_0000, size: 64)
        }
        let recording = try #require(heap.scannedStill(options: .forSmallHeaps(threads: threads))), scan = Scan.run(heap)
        #expect(recording.referenceCount == 1 + 200 * 512 && recording.agrees(with: scan))
    }

    /// Behind an object that begins a run of words in the middle of its segment: what is held is told from there.
    @Test(arguments: [1, 2])
    func anObjectThatReachesBeyondMemoryIsReadAsFarAsItIsHeld(threads: Int) throws {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x10_0000, 0x10_0060, 0x10_0080)
            heap.memory(at: 0x10_0000, size: 0x100)
            heap.object(at: 0x10_0000, size: 0x40, isHeld: false)
            heap.object(at: 0x10_0060, size: 0x20, isHeld: false)
            heap.object(at: 0x10_0080, size: 0xc0, isHeld: false)
        }
        let recording = try #require(heap.scannedStill(options: .forSmallHeaps(threads: threads))), scan = Scan.run(heap)
        #expect(recording.wordCount == 3 + (0x40 + 0x20 + 0x80) / 8 && recording.agrees(with: scan))
    }

    @Test func aSweepThatIsToldToStopTellsNothing() {
        let heap = RandomHeap.heap(seed: 1)
        for threads in 1...2 { #expect(heap.scannedStill(options: .forSmallHeaps(threads: threads), shouldStop: { true }) == nil) }
    }

    private static let tests = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    @Test(arguments: [1, 2])
    func aRealHeapIsScannedAsByTheScan(threads: Int) throws {
        let heap = try Capture(Self.tests.appending("Fixtures/small-6.1.kmemcore")).heap
        let scan = Scan.run(heap)
        let recording = try #require(heap.scannedStill(options: .forSmallHeaps(threads: threads)))
        #expect(recording.agrees(with: scan))
    }
}

extension Sweep.Options {
    /// With all threads, although small heaps are not worth them.
    static func forSmallHeaps(threads: Int) -> Sweep.Options {
        var options = Sweep.Options(threads: threads)
        options.worthASecondThread = 0
        return options
    }
}

extension ScanRecording {
    func changesAgree(with scan: ScanRecording) -> Bool {
        passes.map(\.reachedAt) == scan.passes.map(\.reachedAt) && partialChanges.map(\.tick) == scan.partialChanges.map(\.tick)
            && partialChanges.map(\.target) == scan.partialChanges.map(\.target)
            && partialChanges.map(\.count) == scan.partialChanges.map(\.count)
    }

    /// On what a large heap can be asked for.
    func agrees(with scan: ScanRecording) -> Bool {
        endTick == scan.endTick && wordCount == scan.wordCount && referenceCount == scan.referenceCount
            && leaks.map(\.id) == scan.leaks.map(\.id) && passes.map(\.order) == scan.passes.map(\.order)
            && blocks.map(\.tick) == scan.blocks.map(\.tick) && blocks.map(\.source) == scan.blocks.map(\.source)
            && changesAgree(with: scan) && outcome.objects.counts == scan.outcome.objects.counts
            && outcome.objects.flags == scan.outcome.objects.flags
            && outcome.objects.checksums == scan.outcome.objects.checksums
    }
}

extension ReferenceGraph {
    fileprivate func edges(of heap: Heap) -> [[Edge]] {
        heap.objects.ids.map { references(from: $0) } + heap.roots.indices.map { references(fromRoot: $0) }
    }
}

extension ScanRecording.Span {
    fileprivate var telling: String { "\(tick)..<\(end) \(what)" }
}

extension Moment {
    fileprivate var telling: String {
        let ids = heap.objects.ids
        return "\(step) \(phase) \(String(describing: block?.source)) \(grayList.map(\.index)) "
            + "\(changes.map { "\($0.target.index): \($0.count)" }) "
            + "\(ids.map { "\(shade(of: $0)) \(count(of: $0)) \(isLeak($0))" }) "
            + "\(totals.sorted { "\($0.key)" < "\($1.key)" }) \(String(describing: verdict))"
    }
}
