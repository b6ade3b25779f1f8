import HeapModel
import Testing

@testable import Scanner

/// Scans of kernels that do not stand still.
struct ScanLifeTests {
    /// Walks a recording forwards, reading each word from the memory of its moment, and keeps its own books.
    private struct Replay {
        var counts: [Int: Int32] = [:]
        var queue: [Int] = []
        var scanned = 0

        mutating func step(_ moment: Moment) {
            let heap = moment.heap, objects = heap.objects
            let isGray = { [counts] (id: Int) in
                Colour(count: counts[id] ?? 0, minCount: objects.minCounts[id]) == .gray
            }
            switch moment.step {
            case .phase(.prepare), .phase(.confirmPrepare):
                self = Replay()
                queue = objects.ids.map(\.index).filter { objects.minCounts[$0] == 0 }
            case .block(let block):
                if case .object(let id) = block.source {
                    #expect(queue[scanned] == id.index)
                    scanned += 1
                }
            case .word(let address):
                let word = heap.memory.word(at: address)!
                let own: Int? = if case .object(let id)? = moment.block?.source { id.index } else { nil }
                let hit = objects.ids.first { id in
                    objects.flags[id.index].contains(.allocated) && objects.range(of: id).contains(Address(word))
                }
                guard let hit = hit?.index, hit != own, objects.minCounts[hit] != -1, !isGray(hit) else { return }
                counts[hit, default: 0] += 1
                if counts[hit]! >= objects.minCounts[hit] { queue.append(hit) }
            case .checksum(let id):
                guard let change = moment.changes.first else { return }
                #expect(change.target == id && change.count == objects.minCounts[id.index])
                counts[id.index] = change.count
                queue.append(id.index)
            case .phase, .suspect, .report, .meanwhile, .end: break
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func everyMomentIsExactWhateverTheKernelDoesMeanwhile(part: UInt64) throws {
        var epochs = 0
        for seed in part * 60..<(part + 1) * 60 {
            var traffic = Traffic(seed: seed)
            for _ in 0..<2 {
                let recording = try traffic.scan()
                epochs += recording.epochs.count
                var replay = Replay()
                for tick in 0..<recording.endTick {
                    let moment = Moment(recording: recording, tick: tick)
                    replay.step(moment)
                    let found = moment.heap.objects.ids.map { moment.count(of: $0) }
                    let expected = moment.heap.objects.ids.map { replay.counts[$0.index] ?? 0 }
                    guard found == expected, moment.grayList.map(\.index) == Array(replay.queue[replay.scanned...]) else {
                        Issue.record("seed \(seed), tick \(tick) (\(moment.step)): counts \(found), not \(expected)")
                        return
                    }
                    let total = moment.totals.values.reduce(0, +)
                    #expect(total == moment.heap.objects.flags.count { $0.contains(.allocated) })
                }
                #expect(Array(recording.outcome.objects.counts) == recording.outcome.objects.ids.map { replay.counts[$0.index] ?? 0 })
                checkTheTrees(of: traffic.kmemleak, seed)
                traffic.kmemleak.advance(by: Microseconds(6_000_000))
            }
        }
        #expect(epochs > 200, "the kernel did something")
    }

    private func checkTheTrees(of kmemleak: Kmemleak, _ seed: UInt64) {
        let objects = kmemleak.heap.objects, rebuilt = ObjectIndex(objects)
        #expect(kmemleak.index.virtual.spans == rebuilt.virtual.spans && kmemleak.index.virtual.ids == rebuilt.virtual.ids, "seed \(seed)")
        #expect(objects.flags.allSatisfy { $0.contains(.allocated) }, "what was freed meanwhile has left the list")
    }

    @Test func steppingBackOverADeedUndoesIt() throws {
        var traffic = Traffic(seed: 3)
        let recording = try traffic.scan()
        let deed = try #require(recording.epochs.dropFirst().first)
        let (before, after) = (Moment(recording: recording, tick: deed.tick - 1), Moment(recording: recording, tick: deed.tick))
        guard case .meanwhile(let deeds) = after.step else { throw Failure.noDeed }
        #expect(deeds == deed.deeds)
        #expect(before.heap.memory.segments.map { $0.withBytes { Array($0) } } == recording.heap.memory.segments.map { $0.withBytes { Array($0) } })
        #expect(before.heap.objects.pointers == recording.heap.objects.pointers)
        #expect(recording.tick(.word, .backwards, from: deed.tick) == deed.tick - 1)
        #expect(recording.tick(.reference, .forwards, from: deed.tick - 1) == deed.tick, "a deed is worth a stop")
    }

    enum Failure: Error { case noDeed }

    /// An object freed while it waits on the gray list, or between two chunks, is not read (on).
    @Test func whatIsFreedMeanwhileIsSkipped() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x10000, 0x3000)
            heap.object(at: 0x10000, size: 8192)
            heap.object(at: 0x3000, size: 8) { $0.pointer(to: 0x4000, at: 0) }
            heap.object(at: 0x4000, size: 8)
        }
        var kmemleak = Kmemleak(heap)
        #expect(throws: Never.self) {
            try kmemleak.write(.scan) { kmemleak, point in
                var answer = ScanLife.Answer()
                guard case .object(let id)? = point.block, id.index == 0 else { return answer }
                if point.wordsOfBlock == 0 { answer.wordsUntilNext = 10 } else {
                    kmemleak.call(.free(Address(0x10000)), by: Caller())
                    kmemleak.call(.free(Address(0x3000)), by: Caller())
                    answer.deeds = ["both are freed"]
                    answer.isOver = true
                }
                return answer
            }
        }
        // The chunk is read to its end (its lock is held), the second one is not; nor is the other object.
        #expect(kmemleak.recording?.wordCount == 2 + 512)
        #expect(kmemleak.heap.objects.pointers == [Address(0x4000)] && kmemleak.heap.reportedLeaks.count == 1)
    }

    @Test func beingDisabledMeanwhileEndsTheScan() throws {
        var kmemleak = Kmemleak(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x3000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x3000, size: 8)
        })
        try kmemleak.write(.scan) { kmemleak, point in
            var answer = ScanLife.Answer()
            if point.phase == .grayList {
                kmemleak.call(.alloc(AddressRange(start: Address(0x2000), size: 8), minCount: 1), by: Caller())
                answer.deeds = ["an overlap"]
                answer.isOver = true
            }
            return answer
        }
        #expect(kmemleak.recording?.wasInterrupted == true && kmemleak.recording?.leaks.isEmpty == true)
        #expect(kmemleak.heap.objects.count == 0, "the cleanup waited for the scan")
    }

    /// A task that exits before its stack is read; one that is forked is read too.
    @Test func tasksMayComeAndGo() throws {
        let machine = try Machine(Scenario(yaml: Array("""
            name: tasks
            kernel: {release: 6.12, arch: x86_64}
            memory: [{kind: percpu, name: cpu 0, start: 0xffff88800fc00000, size: 64}]
            tasks:
              - {pid: 1, comm: a, stack: 0xffffc90000010000, stack_size: 64}
              - {pid: 2, comm: b, stack: 0xffffc90000020000, stack_size: 64}
              - {pid: 3, comm: c, stack: 0xffffc90000030000, stack_size: 64}
            steps:
              - time: 10
              - during: {block: "stack:1", word: 3, steps: [{exit: 2}, {fork: {pid: 9, comm: d}}]}
              - control: scan
            """.utf8), file: "tasks.yaml"))
        let recording = try #require(machine.kmemleak.recording)
        let read = recording.blocks.compactMap { block in
            if case .root(let number) = block.source { recording.roots[number].name } else { nil }
        }
        #expect(read == ["cpu 0", "a", "c", "d"])
    }
}
