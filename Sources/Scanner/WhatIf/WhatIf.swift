import HeapModel

/// A scan as it would have been, had something been otherwise in the heap that it began with.
///
/// Memory is not swept again: where words are supposed to be others or are not read, the references of their blocks are told
/// anew; all else is the walk over the graph.
///
/// kmemleak takes what it has never found white for modified, and so tells of a loss only a scan later. Here only those count
/// as modified that the actual scan found so: what is lost shows at once.
package struct WhatIf: Sendable {
    /// The scan of the heap as it is.
    package let actual: ScanRecording
    /// In the order in which they were made.
    package let suppositions: [Supposition]
    package let recording: ScanRecording
    /// The objects that are another shade at the scan's end, in creation order.
    package let changes: [Change]

    package struct Change: Hashable, Sendable {
        package let object: ObjectID
        package let before: Shade
        /// nil when it is supposed to be freed.
        package let after: Shade?
    }

    /// - Parameter recording: of a scan that nothing happened during is taken as it is; of another one, the heap at its end is
    ///   scanned again as it stands.
    package init(_ recording: ScanRecording, _ supposition: Supposition) {
        if let last = recording.epochs.last, recording.graph == nil, let still = last.heap.scannedStill(index: last.index) {
            self.init(actual: still, suppositions: [supposition])
        } else {
            self.init(actual: recording, suppositions: [supposition])
        }
    }

    /// One more.
    package func supposing(_ supposition: Supposition) -> WhatIf {
        WhatIf(actual: actual, suppositions: suppositions + [supposition])
    }

    private init(actual: ScanRecording, suppositions: [Supposition]) {
        var heap = actual.heap, index = actual.epochs[0].index
        var changed: [ScanRecording.Block.Source] = []
        for supposition in suppositions {
            changed += heap.blocksChanged(by: supposition, index)
            heap.suppose(supposition, &index)
        }
        let contents = changed.map { ReferenceGraph.Contents(of: $0, in: heap, index) }
        let graph = actual.graph?.replacing(contents) ?? Sweep.graph(of: heap, index: RankIndex(heap.objects))
        guard let graph else { preconditionFailure("a sweep that nobody stops comes to its end") }
        self.actual = actual
        self.suppositions = suppositions
        var recording = Walk.run(heap, over: graph, index: index, modified: actual.modified)
        let freed = Set(suppositions.compactMap { if case .freed(let id) = $0 { id } else { nil } })
        recording.freedCount = freed.count
        self.recording = recording
        changes = Self.changes(from: actual, to: recording, freed)
    }

    private static func changes(from actual: ScanRecording, to recording: ScanRecording, _ freed: Set<ObjectID>) -> [Change] {
        let (before, after) = (Moment(recording: actual, tick: actual.lastTick), Moment(recording: recording, tick: recording.lastTick))
        return actual.heap.objects.ids.compactMap { id in
            let isFreed = freed.contains(id)
            let change = Change(object: id, before: before.shade(of: id), after: isFreed ? nil : after.shade(of: id))
            return change.before == change.after ? nil : change
        }
    }
}

extension ScanRecording {
    /// The objects that were gray because their contents had changed.
    fileprivate var modified: Set<ObjectID> {
        var modified: Set<ObjectID> = []
        for (place, phase) in phases.enumerated() where phase.phase == .modified {
            let end = place + 1 < phases.count ? phases[place + 1].tick : endTick
            let pass = passes[passIndex(at: phase.tick)]
            modified.formUnion(pass.countedPlaces(upTo: end - 1).filter { Tick(pass.reachedAt[$0]) >= phase.tick }.map { pass.order[$0] })
        }
        return modified
    }
}

extension Heap {
    /// The blocks of which a scan reads other words once something is supposed.
    fileprivate func blocksChanged(by supposition: Supposition, _ index: ObjectIndex) -> [ScanRecording.Block.Source] {
        switch supposition {
        case .scanArea(let id, _): [.object(id)]
        case .cut(let address): blocks(holding: address, index)
        case .dropped(let root): [.root(root)]
        // What is ignored was not read for the graph.
        case .notLeak(let id): objects.minCounts[id.index] == -1 ? [.object(id)] : []
        case .ignored, .noScan, .freed, .stacks: []
        }
    }
}
