import HeapModel
import Scanner
import Testing

extension ReferenceScan {
    /// What differs first, in words; nil when all is the same.
    func difference(from recording: ScanRecording) -> String? {
        let steps = recording.steps
        let expected = events.map(\.step)
        if steps != expected {
            let tick = zip(steps, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(steps.count, expected.count)
            return "step \(tick) of \(expected.count) is \(steps.dropFirst(tick).first.map { "\($0)" } ?? "missing"), "
                + "not \(expected.dropFirst(tick).first.map { "\($0)" } ?? "missing")"
        }
        let words = expected.count { if case .word = $0 { true } else { false } }
        if recording.wordCount != words { return "\(recording.wordCount) words, not \(words)" }
        if recording.referenceCount != referenceCount {
            return "\(recording.referenceCount) references, not \(referenceCount)"
        }
        if recording.passes[0].order.map(\.index) != queue {
            return "gray list \(recording.passes[0].order.map(\.index)), not \(queue)"
        }
        if recording.leaks.map(\.id.index) != leaks {
            return "leaks \(recording.leaks.map(\.id.index)), not \(leaks)"
        }
        let after = recording.outcome
        if after.lastScan?.rawValue != now { return "last scan \(String(describing: after.lastScan))" }
        for (row, object) in objects.enumerated() {
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
        for span in spans {
            switch span.what {
            case .words(let from):
                for word in 0..<UInt64(span.count) {
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
