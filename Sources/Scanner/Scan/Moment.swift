import HeapModel

/// The state of a scan right after one of its steps: colours, counts, the gray list.
///
/// Computed on demand from the recording's arrays; making one costs nothing.
package struct Moment: Sendable {
    package let recording: ScanRecording
    /// Within `0..<recording.endTick`.
    package let tick: Tick

    /// An index of the recording's passes.
    let pass: Int
    /// An index of the recording's epochs.
    package let epoch: Int

    package init(recording: ScanRecording, tick: Tick) {
        self.recording = recording
        self.tick = min(max(0, tick), max(0, recording.endTick - 1))
        pass = recording.passIndex(at: self.tick)
        epoch = recording.epochIndex(at: self.tick)
    }

    /// Memory, objects and roots as they are now; counts, checksums and REPORTED as before the scan.
    package var heap: Heap { _read { yield recording.epochs[epoch].heap } }
    package var index: ObjectIndex { _read { yield recording.epochs[epoch].index } }

    package func shade(of id: ObjectID) -> Shade {
        recording.passes[pass].shade(of: id, minCount: heap.objects.minCounts[id.index], at: tick)
    }

    /// References counted so far.
    package func count(of id: ObjectID) -> Int32 {
        recording.changes(of: id, inPass: pass).last { $0.tick <= tick }?.count ?? 0
    }

    /// The objects that wait to be scanned, the next one first.
    package var grayList: some RandomAccessCollection<ObjectID> { recording.passes[pass].order[scannedCount..<reachedCount] }

    /// How many objects joined the gray list so far.
    var reachedCount: Int { recording.passes[pass].reachedAt.partitioningIndex { Tick($0) > tick } }

    /// How many were taken off it again.
    var scannedCount: Int { recording.passes[pass].scannedAt.partitioningIndex { Tick($0) > tick } }

    /// How many objects show each shade.
    package var totals: [Shade: Int] {
        let objects = heap.objects
        guard recording.epochs.count == 1 else {
            return objects.ids.reduce(into: Dictionary(uniqueKeysWithValues: Shade.allCases.map { ($0, 0) })) { totals, id in
                if objects.flags[id.index].contains(.allocated) { totals[shade(of: id), default: 0] += 1 }
            }
        }
        let ignored = recording.ignoredCount
        return [
            .white: objects.count - ignored - reachedCount, .gray: reachedCount - scannedCount,
            .scanned: scannedCount, .ignored: ignored - recording.freedCount,
        ]
    }

    package var phase: Phase {
        let next = recording.phases.partitioningIndex { $0.tick > tick }
        return next == 0 ? .prepare : recording.phases[next - 1].phase
    }

    /// Whether the object counts as a leak at this moment: reported, now or by an earlier scan, and not reached.
    package func isLeak(_ id: ObjectID) -> Bool {
        guard shade(of: id) == .white else { return false }
        let flags = heap.objects.flags[id.index]
        if flags.contains(.reported) { return flags.contains(.allocated) }
        let place = recording.leaks.partitioningIndex { $0.id >= id }
        return place < recording.leaks.count && recording.leaks[place].id == id && recording.leaks[place].tick <= tick
    }

    /// What the step that led here was.
    package var step: Step {
        let span = recording.spans.span(at: tick)
        return switch span.what {
        case .phase(let phase): .phase(phase)
        case .block(let block): .block(recording.blocks[block])
        case .words(let from): .word(at: from + UInt64((tick - span.tick) * recording.heap.profile.wordSize))
        case .checksum(let id): .checksum(id)
        case .suspect(let id): .suspect(id)
        case .report(let id): .report(id)
        case .meanwhile(let epoch): .meanwhile(recording.epochs[epoch].deeds)
        case .end: .end
        }
    }

    package enum Step: Sendable {
        case phase(Phase)
        case block(ScanRecording.Block)
        case word(at: Address)
        case checksum(ObjectID)
        case suspect(ObjectID)
        case report(ObjectID)
        /// What the rest of the kernel did.
        case meanwhile([String])
        case end
    }

    /// The block being scanned; nil between blocks.
    package var block: ScanRecording.Block? {
        switch step {
        case .block(let block): return block
        case .word:
            let next = recording.blocks.partitioningIndex { $0.tick > tick }
            return recording.blocks[next - 1]
        case .meanwhile:
            // In the middle of a block, unless a phase has just begun.
            let next = recording.blocks.partitioningIndex { $0.tick > tick }
            let phase = recording.phases.last { $0.tick <= tick }?.tick ?? 0
            return next > 0 && recording.blocks[next - 1].tick > phase ? recording.blocks[next - 1] : nil
        case .phase, .checksum, .suspect, .report, .end: return nil
        }
    }

    /// The changes of counts that this step made: none, one, or two when a word hits an ordinary and a PERCPU object.
    package var changes: [ScanRecording.CountChange] { recording.changes(at: tick) }
}
