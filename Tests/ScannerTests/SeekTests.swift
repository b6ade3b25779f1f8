import HeapModel
import Scanner
import Testing

/// A recording looked at from any side tells the same.
struct SeekTests {
    /// Forwards through every tick, with colours, counts and the gray list kept by hand from the reference's events.
    @Test func everyMomentIsWhatAReplayFromTheStartArrivesAt() {
        for seed in 0..<150 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed)
            var reference = ReferenceScan(heap)
            reference.run()
            let recording = Scan.run(heap)
            var counts = [Int32](repeating: 0, count: heap.objects.count)
            var queue: [Int] = [], scanned = 0, joined: Set<Int> = [], done: Set<Int> = []
            #expect(recording.endTick == reference.events.count, "seed \(seed)")
            for (tick, event) in reference.events.enumerated() {
                for (object, count) in event.counted { counts[object] = count }
                queue += event.joined
                joined.formUnion(event.joined)
                if case .object(let object) = event.step {
                    scanned += 1
                    done.insert(object)
                }
                let moment = Moment(recording: recording, tick: tick)
                #expect(moment.grayList.map(\.index) == Array(queue[scanned...]), "seed \(seed), tick \(tick)")
                var totals: [Shade: Int] = [.white: 0, .gray: 0, .scanned: 0, .ignored: 0]
                for id in heap.objects.ids {
                    let shade: Shade = recording.heap.objects.minCounts[id.index] == -1 ? .ignored
                        : !joined.contains(id.index) ? .white : done.contains(id.index) ? .scanned : .gray
                    totals[shade, default: 0] += 1
                    if moment.shade(of: id) != shade || moment.count(of: id) != counts[id.index] {
                        Issue.record("seed \(seed), tick \(tick), object \(id.index)")
                        return
                    }
                }
                #expect(moment.totals == totals, "seed \(seed), tick \(tick)")
            }
        }
    }

    @Test(arguments: Stride.allCases)
    func theWayForwardsIsTheWayBackwards(stride: Stride) {
        for seed in 0..<150 as Range<UInt64> {
            let recording = Scan.run(RandomHeap.heap(seed: seed))
            var forwards = [0], backwards = [recording.lastTick]
            while forwards.last != recording.lastTick { forwards.append(recording.tick(stride, .forwards, from: forwards[forwards.count - 1])) }
            while backwards.last != 0 { backwards.append(recording.tick(stride, .backwards, from: backwards[backwards.count - 1])) }
            #expect(forwards == backwards.reversed(), "seed \(seed)")
            #expect(forwards == forwards.sorted())
        }
    }

    /// From every position, not only from stop to stop.
    @Test func fromAnywhereTheNextStopIsTheNearest() {
        for seed in 0..<40 as Range<UInt64> {
            let recording = Scan.run(RandomHeap.heap(seed: seed))
            for stride in Stride.allCases {
                var stops = [0]
                while stops.last != recording.lastTick { stops.append(recording.tick(stride, .forwards, from: stops[stops.count - 1])) }
                for tick in 0..<recording.endTick {
                    let next = recording.tick(stride, .forwards, from: tick), before = recording.tick(stride, .backwards, from: tick)
                    #expect(next == stops.first { $0 > tick } ?? recording.lastTick)
                    #expect(before == stops.last { $0 < tick } ?? 0)
                }
            }
        }
    }

    @Test func referenceStopsAreTheWordsThatHitAnotherObject() {
        for seed in 0..<150 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed)
            var reference = ReferenceScan(heap)
            reference.run()
            let expected = reference.events.indices.filter { reference.events[$0].hits.contains { $0.outcome != .selfReference } }
            let recording = Scan.run(heap)
            var stops: [Tick] = [], tick = recording.tick(.reference, .forwards, from: 0)
            while tick != recording.lastTick {
                stops.append(tick)
                tick = recording.tick(.reference, .forwards, from: tick)
            }
            #expect(stops == expected, "seed \(seed)")
        }
    }

    @Test func verdictsAreTheReferences() {
        for seed in 0..<150 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed)
            var reference = ReferenceScan(heap)
            reference.run()
            let recording = Scan.run(heap)
            for (tick, event) in reference.events.enumerated() {
                let hits = Moment(recording: recording, tick: tick).verdict?.hits ?? []
                #expect(hits.map(\.target.index) == event.hits.map(\.target), "seed \(seed), tick \(tick)")
                #expect(hits.map { name($0.outcome) } == event.hits.map { name($0.outcome) }, "seed \(seed), tick \(tick)")
            }
        }
    }

    private func name(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .selfReference: "self"
        case .ignored: "ignored"
        case .alreadyGray: "gray"
        case .counted(let count, _): "counted \(count)"
        case .passedOn(let other, let count, _): "passed on to \(other.index): \(count)"
        }
    }

    private func name(_ outcome: ReferenceScan.Outcome) -> String {
        switch outcome {
        case .selfReference: "self"
        case .ignored: "ignored"
        case .alreadyGray: "gray"
        case .counted(let count): "counted \(count)"
        case .passedOn(let other, let count): "passed on to \(other): \(count)"
        }
    }
}
