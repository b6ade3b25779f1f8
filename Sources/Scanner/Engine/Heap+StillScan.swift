import CEngine
import HeapModel

extension ScanRecording {
    /// The graph, where it is that of another heap, too: what a file holds does not change.
    package func graph(of heap: Heap) -> ReferenceGraph? {
        heap.memory.isMapped && heap.roots == roots && heap.objects.pointers == outcome.objects.pointers ? graph : nil
    }
}

extension Heap {
    /// Scans a heap that stands still while it is scanned: what `Scan.run` does, many times faster.
    ///
    /// - Parameters:
    ///   - index: of the heap's objects, where it is at hand.
    ///   - shouldStop: asked every few milliseconds, on any of the threads.
    /// - Returns: the recording, with the graph it was made from: over that a scan with other rules takes only a walk. nil
    ///   when it was told to stop.
    /// - Precondition: `scanWordBound` is at most `scanWordLimit`.
    package func scannedStill(
        index: ObjectIndex? = nil, options: Sweep.Options = Sweep.Options(), shouldStop: @Sendable () -> Bool = { false }
    ) -> ScanRecording? {
        let index = index ?? ObjectIndex(objects)
        guard let graph = graph(index, options, shouldStop) else { return nil }
        return Walk.run(self, over: graph, index: index, options: options)
    }

    private func graph(_ index: ObjectIndex, _ options: Sweep.Options, _ shouldStop: @Sendable () -> Bool) -> ReferenceGraph? {
        let ranks = RankIndex(objects, index: index)
        // Sorting takes several times what is kept of it. Of a small heap that is less than it costs to get it again.
        if ranks.byteCount >= 1 << 20 { engine_release_memory() }
        return Sweep.graph(of: self, index: ranks, options: options, shouldStop: shouldStop)
    }
}

extension Memory {
    /// Whether all of it is a file's.
    package var isMapped: Bool {
        segments.allSatisfy { if case .mapped = $0.storage { true } else { false } }
    }
}
