import Foundation
import HeapModel
@testable import Scanner
import SystemPackage
import Testing

/// What is supposed is scanned as if it were so: the walk over a changed graph against a scan of a changed heap.
struct WhatIfTests {
    private func random(_ random: inout SplitMix64, _ heap: Heap) -> Supposition? {
        guard heap.objects.count > 0 else { return nil }
        let id = ObjectID(Int(random.number(0...UInt64(heap.objects.count - 1))))
        guard heap.objects.flags[id.index].contains(.allocated) else { return nil }
        let range = heap.objects.range(of: id)
        switch random.number(0...7) {
        case 0: return .notLeak(id)
        case 1: return .ignored(id)
        case 2: return .noScan(id)
        case 3:
            guard range.size > 1 else { return nil }
            let offset = random.number(0...range.size - 1)
            return .scanArea(id, AddressRange(start: range.start + offset, size: random.number(1...range.size - offset)))
        case 4: return .freed(id)
        case 5:
            guard !heap.memory.segments.isEmpty else { return nil }
            let segment = heap.memory.segments[Int(random.number(0...UInt64(heap.memory.segments.count - 1)))]
            let size = UInt64(heap.profile.wordSize), words = segment.count / size
            guard words > 0 else { return nil }
            return .cut(Address((segment.start / size + 1 + random.number(0...words - 1)) * size))
        case 6: return heap.roots.isEmpty ? nil : .dropped(root: Int(random.number(0...UInt64(heap.roots.count - 1))))
        default: return .stacks(random.once(in: 2))
        }
    }

    /// As somebody would do it to the heap.
    private func apply(_ supposition: Supposition, to heap: inout Heap) {
        switch supposition {
        case .notLeak(let id): heap.objects.minCounts[id.index] = 0
        case .ignored(let id): (heap.objects.minCounts[id.index], heap.objects.flags[id.index]) = (-1, heap.objects.flags[id.index].union(.noScan))
        case .noScan(let id): heap.objects.flags[id.index].insert(.noScan)
        case .scanArea(let id, let area): heap.objects.areas[id] = [area] + (heap.objects.areas[id] ?? [])
        case .freed(let id): (heap.objects.minCounts[id.index], heap.objects.flags[id.index]) = (-1, heap.objects.flags[id.index].subtracting(.allocated))
        case .cut(let address): heap.memory.write(word: 0, size: heap.profile.wordSize, at: address)
        case .dropped(let root): heap.roots[root].range = AddressRange(start: heap.roots[root].range.start, size: 0)
        case .stacks(let on): heap.scansStacks = on
        }
    }

    @Test func aSuppositionIsScannedAsIfItWereSo() throws {
        var numbers = SplitMix64(seed: 77), kinds = Set<String>(), changed = 0
        for seed in 0..<400 as Range<UInt64> {
            let start = RandomHeap.heap(seed: seed)
            let actual = try #require(start.scannedStill())
            var heap = actual.heap, whatIf: WhatIf?
            let modified = start.objects.ids.filter { actual.outcome.objects.checksums[$0.index] != start.objects.checksums[$0.index] }
            for _ in 0..<4 {
                guard let supposition = random(&numbers, heap) else { continue }
                kinds.insert("\(supposition)".prefix { $0 != "(" }.description)
                apply(supposition, to: &heap)
                // Only what was found modified counts as modified.
                for id in heap.objects.ids where !modified.contains(id) {
                    heap.objects.checksums[id.index] = heap.checksum(of: id) ?? heap.objects.checksums[id.index]
                }
                let next = whatIf?.supposing(supposition) ?? WhatIf(actual, supposition)
                whatIf = next
                let scan = Scan.run(heap), recording = next.recording
                try #require(recording.endTick == scan.endTick, "seed \(seed): \(next.suppositions)")
                try #require(recording.passes.map(\.order) == scan.passes.map(\.order), "seed \(seed): \(next.suppositions)")
                try #require(recording.leaks.map(\.id) == scan.leaks.map(\.id), "seed \(seed): \(next.suppositions)")
                try #require(recording.changesAgree(with: scan), "seed \(seed): \(next.suppositions)")
                try #require(recording.blocks.map(\.tick) == scan.blocks.map(\.tick), "seed \(seed): \(next.suppositions)")
                try #require(recording.unreadByteCount == scan.unreadByteCount, "seed \(seed): \(next.suppositions)")
                try #require(recording.outcome.objects.counts == scan.outcome.objects.counts, "seed \(seed): \(next.suppositions)")
                // What changed is what two scans tell apart, and what is not there any more.
                let ends = [actual, scan].map { Moment(recording: $0, tick: $0.lastTick) }
                let different = start.objects.ids.filter {
                    next.suppositions.contains(.freed($0)) || ends[0].shade(of: $0) != ends[1].shade(of: $0)
                }
                #expect(next.changes.map(\.object) == different)
                changed += different.count
            }
            #expect(actual.agrees(with: Scan.run(start)), "the scan of what is so is left alone")
        }
        #expect(kinds.count == 8 && changed > 500)
    }

    private static let fixture = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .appending("Fixtures/small-6.1.kmemcore")

    @Test func aWordOfAMappedFileIsCutInACopyOfItsPage() throws {
        let heap = try Capture(Self.fixture).heap
        let range = heap.objects.range(of: ObjectID(20))
        var memory = heap.memory
        memory.overwrite(word: 0, at: range.start)
        #expect(memory.word(at: range.start) == 0 && memory.byteCount == heap.memory.byteCount)
        #expect(memory.segments.count <= heap.memory.segments.count + 2)
        let rest = AddressRange(start: range.start + 8, size: 20_000)
        #expect(memory.bytes(in: rest) == heap.memory.bytes(in: rest))
        let before = AddressRange(start: range.start + (0 &- 20_000), size: 20_000)
        #expect(memory.bytes(in: before) == heap.memory.bytes(in: before))
        #expect(memory.segments.filter { if case .built = $0.storage { true } else { false } }.allSatisfy { $0.count <= 8192 })
    }

    /// Cutting the word that made a real object gray leaves it white, or another word takes its place.
    @Test func cuttingEveryReferenceLosesAnObject() throws {
        let heap = try Capture(Self.fixture).heap
        let actual = try #require(heap.scannedStill()), end = Moment(recording: actual, tick: actual.lastTick)
        let id = try #require(heap.objects.ids.first { end.count(of: $0) == 1 && heap.references(to: $0, end.index).count == 2 })
        var whatIf: WhatIf?
        for reference in heap.references(to: id, end.index) where reference.holder != .object(id) {
            whatIf = whatIf?.supposing(.cut(reference.address)) ?? WhatIf(actual, .cut(reference.address))
        }
        let result = try #require(whatIf)
        #expect(result.changes.contains { $0.object == id && $0.after == .white })
        #expect(Moment(recording: actual, tick: actual.lastTick).shade(of: id) == .scanned)
    }
}
