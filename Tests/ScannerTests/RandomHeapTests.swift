import HeapModel
import Scanner
import Testing

/// The scan against the plain one, on heaps that nobody would write down.
struct RandomHeapTests {
    @Test(arguments: 0..<8)
    func scansAgreeWithTheReference(part: UInt64) {
        for seed in part * 500..<(part + 1) * 500 {
            var heap = RandomHeap.heap(seed: seed)
            for scan in 1...(seed % 3 == 0 ? 2 : 1) {
                var reference = ReferenceScan(heap)
                reference.run()
                let recording = Scan.run(heap)
                if let difference = difference(recording, reference) {
                    Issue.record("seed \(seed), scan \(scan): \(difference)")
                    return
                }
                heap = recording.outcome.later(ticks: 7 * heap.profile.hz)
            }
        }
    }

    @Test func theHeapsShowEveryCase() {
        var outcomes: [String: Int] = [:], cases: [String: Int] = [:]
        for seed in 0..<1200 as Range<UInt64> {
            var reference = ReferenceScan(RandomHeap.heap(seed: seed))
            reference.run()
            for event in reference.events {
                for hit in event.hits { outcomes[name(of: hit.outcome), default: 0] += 1 }
                if event.hits.count == 2 { cases["both trees", default: 0] += 1 }
            }
            cases["leak", default: 0] += reference.leaks.count
            cases["modified", default: 0] += reference.newChecksums.count
            cases["empty", default: 0] += reference.objects.isEmpty ? 1 : 0
            cases["unreached", default: 0] += reference.objects.count { $0.isWhite }
        }
        for outcome in ["self", "ignored", "gray", "counted", "passed on"] {
            #expect(outcomes[outcome, default: 0] >= 20, "\(outcome)")
        }
        for name in ["both trees", "leak", "modified", "empty", "unreached"] {
            #expect(cases[name, default: 0] >= 20, "\(name)")
        }
    }

    private func name(of outcome: ReferenceScan.Outcome) -> String {
        switch outcome {
        case .selfReference: "self"
        case .ignored: "ignored"
        case .alreadyGray: "gray"
        case .counted: "counted"
        case .passedOn: "passed on"
        }
    }

    /// What differs first, in words; nil when all is the same.
    private func difference(_ recording: ScanRecording, _ reference: ReferenceScan) -> String? {
        let steps = recording.steps
        let expected = reference.events.map(\.step)
        if steps != expected {
            let tick = zip(steps, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(steps.count, expected.count)
            return "step \(tick) of \(expected.count) is \(steps.dropFirst(tick).first.map { "\($0)" } ?? "missing"), "
                + "not \(expected.dropFirst(tick).first.map { "\($0)" } ?? "missing")"
        }
        let words = expected.count { if case .word = $0 { true } else { false } }
        if recording.wordCount != words { return "\(recording.wordCount) words, not \(words)" }
        if recording.referenceCount != reference.referenceCount {
            return "\(recording.referenceCount) references, not \(reference.referenceCount)"
        }
        if recording.passes[0].order.map(\.index) != reference.queue {
            return "gray list \(recording.passes[0].order.map(\.index)), not \(reference.queue)"
        }
        if recording.leaks.map(\.id.index) != reference.leaks {
            return "leaks \(recording.leaks.map(\.id.index)), not \(reference.leaks)"
        }
        let after = recording.outcome
        if after.lastScan?.rawValue != reference.now { return "last scan \(String(describing: after.lastScan))" }
        for (row, object) in reference.objects.enumerated() {
            let found = after.objects[ObjectID(row)]
            if found.count != object.count { return "object \(row): count \(found.count), not \(object.count)" }
            if found.minCount != object.minCount { return "object \(row): min_count \(found.minCount), not \(object.minCount)" }
            if found.flags.rawValue != object.flags { return "object \(row): flags \(found.flags), not \(object.flags)" }
            if found.checksum != object.checksum { return "object \(row): checksum \(found.checksum), not \(object.checksum)" }
            let colour: Colour = object.isBlack ? .black : object.isWhite ? .white : .gray
            if found.colour != colour { return "object \(row): \(found.colour), not \(colour)" }
        }
        return nil
    }
}

extension ScanRecording {
    /// Every step, as the reference names it.
    var steps: [ReferenceScan.Step] {
        var steps: [ReferenceScan.Step] = []
        for (place, span) in spans.enumerated() {
            let end = place + 1 < spans.count ? spans[place + 1].tick : endTick
            switch span.what {
            case .words(let from):
                for word in 0..<UInt64(end - span.tick) {
                    steps.append(.word((from + word * UInt64(heap.profile.wordSize)).rawValue))
                }
            case .phase(let phase): steps.append(.phase(phase))
            case .block(let block):
                switch blocks[block].source {
                case .root(let number): steps.append(.root(number))
                case .object(let id): steps.append(.object(id.index))
                }
            case .checksum(let id): steps.append(.checksum(id.index))
            case .report(let id): steps.append(.report(id.index))
            case .suspect, .meanwhile: Issue.record("a scan of old takes one pass, in a kernel that stands still")
            case .end: steps.append(.end)
            }
        }
        return steps
    }
}
