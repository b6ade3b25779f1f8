import HeapModel

/// The state of a scan right after one of its steps: colours, counts, the gray list.
///
/// Computed on demand from the recording's arrays; making one costs nothing.
package struct Moment: Sendable {
    package let recording: ScanRecording
    /// Within `0..<recording.endTick`.
    package let tick: Tick

    package init(recording: ScanRecording, tick: Tick) {
        self.recording = recording
        self.tick = min(max(0, tick), max(0, recording.endTick - 1))
    }

    package func shade(of id: ObjectID) -> Shade {
        if recording.minCounts[id.index] == -1 { return .ignored }
        if Tick(recording.reachedAt[id.index]) > tick { return .white }
        return Tick(recording.scannedAt[id.index]) > tick ? .gray : .scanned
    }

    /// References counted so far.
    package func count(of id: ObjectID) -> Int32 {
        var next = recording.lastChange[id.index]
        while next != ScanRecording.never {
            let change = recording.changes[Int(next)]
            if change.tick <= tick { return change.count }
            next = change.previous
        }
        return 0
    }

    /// The objects that wait to be scanned, the next one first.
    package var grayList: ArraySlice<ObjectID> { recording.order[scannedCount..<reachedCount] }

    /// How many objects joined the gray list so far.
    private var reachedCount: Int {
        recording.order.partitioningIndex { Tick(recording.reachedAt[$0.index]) > tick }
    }

    /// How many were taken off it again.
    private var scannedCount: Int {
        recording.order.partitioningIndex { Tick(recording.scannedAt[$0.index]) > tick }
    }

    /// How many objects show each shade.
    package var totals: [Shade: Int] {
        let ignored = recording.ignoredCount
        return [
            .white: recording.minCounts.count - ignored - reachedCount, .gray: reachedCount - scannedCount,
            .scanned: scannedCount, .ignored: ignored,
        ]
    }

    package var phase: Phase {
        let next = recording.phases.partitioningIndex { $0.tick > tick }
        return next == 0 ? .prepare : recording.phases[next - 1].phase
    }

    /// Whether the object counts as a leak at this moment: reported, now or by an earlier scan, and not reached.
    package func isLeak(_ id: ObjectID) -> Bool {
        guard shade(of: id) == .white else { return false }
        let flags = recording.heap.objects.flags[id.index]
        if flags.contains(.reported) { return flags.contains(.allocated) }
        let place = recording.leaks.partitioningIndex { $0.id >= id }
        return place < recording.leaks.count && recording.leaks[place].id == id && recording.leaks[place].tick <= tick
    }

    /// What the step that led here was.
    package var step: Step {
        let span = recording.spans[recording.spanIndex(at: tick)]
        return switch span.what {
        case .phase(let phase): .phase(phase)
        case .block(let block): .block(recording.blocks[block])
        case .words(let from): .word(at: from + UInt64((tick - span.tick) * recording.heap.profile.wordSize))
        case .checksum(let id): .checksum(id)
        case .report(let id): .report(id)
        case .end: .end
        }
    }

    package enum Step: Sendable {
        case phase(Phase)
        case block(ScanRecording.Block)
        case word(at: Address)
        case checksum(ObjectID)
        case report(ObjectID)
        case end
    }

    /// The block being scanned; nil between blocks.
    package var block: ScanRecording.Block? {
        switch step {
        case .block(let block): return block
        case .word:
            let next = recording.blocks.partitioningIndex { $0.tick > tick }
            return recording.blocks[next - 1]
        case .phase, .checksum, .report, .end: return nil
        }
    }

    /// The changes of counts that this step made: none, one, or two when a word hits an ordinary and a PERCPU object.
    package var changes: ArraySlice<ScanRecording.CountChange> {
        let first = recording.changes.partitioningIndex { $0.tick >= tick }
        var end = first
        while end < recording.changes.count, recording.changes[end].tick == tick { end += 1 }
        return recording.changes[first..<end]
    }
}
