import CEngine
import Dispatch
import HeapModel
import Synchronization

/// A second thread that surveys what waits on the gray list while the walk is still busy with what is before it.
///
/// It keeps states of its own, as of its surveys alone: an object is taken for gray once enough references to it were told.
/// Those are in front of any later one on the gray list, so the walk, which looks at each again, misses none; and what is
/// told too often changes nothing. So the result is the same however the two divide the chunks of the list: each takes the
/// next one that nobody has taken.
// Sendable: the gray list grows at its end, and what is before that is not changed any more; the walk reads of a chunk only
// what was written before the chunk was told to be done.
final class Lookahead: @unchecked Sendable {
    private let graph: engine_graph
    private let variant: engine_variant
    private let order: UnsafePointer<UInt32>
    private let state: WalkState
    private let words: ReservedMemory<UInt32>
    private let hits: ReservedMemory<engine_hit>
    /// By chunk of the list.
    private let chunks: UnsafeMutablePointer<Chunk>
    private let chunkCount: Int

    /// How long the gray list is, and which chunk of it the walk has come to.
    private let listCount = Atomic(0), walked = Atomic(0)
    private let isOver = Atomic(false)
    private let group = DispatchGroup()

    private struct Chunk: ~Copyable {
        /// Free, taken, or done.
        let progress = Atomic<UInt8>(0)
        var hits = UnsafeBufferPointer<engine_hit>(start: nil, count: 0)
        var referenceCount = 0

        static let free: UInt8 = 0, taken: UInt8 = 1, done: UInt8 = 2

        /// False when somebody else has it.
        func take() -> Bool {
            progress.compareExchange(expected: Self.free, desired: Self.taken, ordering: .relaxed).exchanged
        }
    }

    /// How often the walk looks whether a chunk is done. It takes less; if not, the thread was interrupted.
    private static let patience = 10_000

    /// - Parameter grayList: must not be deallocated before `finish()`.
    init(_ graph: ReferenceGraph, _ grayList: GrayList, _ state: WalkState, _ variant: engine_variant) {
        self.graph = graph.memory
        self.variant = variant
        order = UnsafePointer(grayList.order)
        self.state = state.copy
        words = ReservedMemory(capacity: graph.numbers.count + Survey.blocks)
        hits = ReservedMemory(capacity: graph.referenceCount)
        chunkCount = graph.numbers.count / Survey.blocks + 1
        chunks = .allocate(capacity: chunkCount)
        for chunk in 0..<chunkCount { (chunks + chunk).initialize(to: Chunk()) }
        walked.store(grayList.head / Survey.blocks, ordering: .relaxed)
        listCount.store(grayList.count, ordering: .releasing)
        DispatchQueue.global().async(group: group) { self.run() }
    }

    private func run() {
        var chunk = 0, end = 0, graph = graph, states = state.memory(counts: true)
        while !isOver.load(ordering: .relaxed) {
            chunk = max(chunk, walked.load(ordering: .relaxed) + 1)
            let place = chunk * Survey.blocks, count = listCount.load(ordering: .acquiring)
            guard place + Survey.blocks <= count else { continue }
            if chunks[chunk].take() {
                var references: UInt32 = 0
                let found = engine_survey(
                    variant, &graph, order + place, UInt32(Survey.blocks), UInt32(count - place), &states, hits.base + end,
                    words.base + place, &references)
                chunks[chunk].hits = UnsafeBufferPointer(start: hits.base + end, count: Int(found))
                chunks[chunk].referenceCount = Int(references)
                chunks[chunk].progress.store(Chunk.done, ordering: .releasing)
                end += Int(found)
            }
            chunk += 1
        }
    }

    /// What is known of the blocks that the walk reads next; nil when it has to look by itself.
    func survey(of blocks: Range<Int>, on grayList: GrayList) -> Survey? {
        let chunk = blocks.lowerBound / Survey.blocks
        walked.store(chunk, ordering: .relaxed)
        listCount.store(grayList.count, ordering: .releasing)
        guard !chunks[chunk].take(), blocks.count == Survey.blocks else { return nil }
        for _ in 0..<Self.patience where chunks[chunk].progress.load(ordering: .acquiring) == Chunk.done {
            return Survey(
                words: words.base + blocks.lowerBound, blockCount: Survey.blocks, hits: chunks[chunk].hits,
                referenceCount: chunks[chunk].referenceCount)
        }
        return nil
    }

    /// Waits until nothing is read any more.
    func finish() {
        isOver.store(true, ordering: .relaxed)
        group.wait()
    }

    deinit {
        state.deallocate()
        (0..<chunkCount).forEach { (chunks + $0).deinitialize(count: 1) }
        chunks.deallocate()
    }
}
