import HeapModel
import Measuring
import Scanner
import SystemPackage

/// A capture with what kmemtop knows of it before it scans.
struct ScannedHeap {
    private let heap: Heap
    private let index: ObjectIndex
    private let ranks: RankIndex

    init(capture path: String) throws {
        heap = try Capture(FilePath(path)).heap
        index = ObjectIndex(heap.objects)
        ranks = RankIndex(heap.objects)
    }

    var objectCount: Int { heap.objects.count }

    /// More than a scan takes.
    func provideMemory() { Measuring.provideMemory(byteCount: objectCount * 256 + (2 << 20)) }

    /// Before memory is provided for scans that must not meet the host: of a small heap there is too little to matter.
    func letHostTakeFreeMemory() { if objectCount >= 1_000_000 { Measuring.letHostTakeFreeMemory() } }

    func buildIndex() -> RankIndex { RankIndex(heap.objects) }

    func scan(threads: Int) -> (graph: ReferenceGraph, recording: ScanRecording) {
        let options = Sweep.Options(threads: threads)
        guard let graph = Sweep.graph(of: heap, index: ranks, options: options) else { fatalError("nobody told it to stop") }
        return (graph, Walk.run(heap, over: graph, index: index, options: options))
    }

    /// What if this leak were declared none?
    func walkAgain(_ graph: ReferenceGraph, _ leak: ObjectID?) -> ScanRecording {
        var heap = heap
        if let leak { heap.objects.minCounts[leak.index] = 0 }
        return Walk.run(heap, over: graph, index: index)
    }
}
