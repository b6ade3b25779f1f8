import CEngine
import Dispatch
import HeapModel
import Synchronization

/// A second thread that surveys what waits on the gray list while the walk is still busy with what is before it. The walk
/// does the same where it would have to wait for that thread.
///
/// The thread has sets of its own, as of its surveys alone: an object is taken for gray once a reference to it was told that
/// is enough for it. That is in front of any later one on the gray list, so the walk, which looks at each again, misses none;
/// and what is told too often changes nothing. The walk takes for gray what is gray where it stands. So the result is the same
/// however the two divide the chunks of the list: each takes the next one that nobody has taken.
// Sendable: the gray list grows at its end, and what is before that is not changed any more; the walk reads of a chunk only
// what was written before the chunk was told to be done.
final class Lookahead: @unchecked Sendable {
    private let graph: engine_graph
    private let variant: engine_variant
    private let order: UnsafePointer<UInt32>
    private let states: (open: UnsafeMutablePointer<UInt32>, single: UnsafeMutablePointer<UInt32>)
    /// How far each chunk of the list is: `Progress`.
    private let progress: UnsafeMutablePointer<Atomic<UInt8>>
    private let chunkCount: Int
    /// What was found of the last chunks: used again and again, so that it stays near the processor.
    private let slots = (0..<slotCount).map { _ in Slot() }

    /// How long the gray list is, and which chunk of it the walk has come to.
    private let listCount = Atomic(0), walked = Atomic(0)
    private let isOver = Atomic(false)
    /// Of the walk's thread: chunks before this one are not for it to survey ahead.
    private var helped = 0
    private let group = DispatchGroup()

    private enum Progress {
        static let free: UInt8 = 0, taken: UInt8 = 1, done: UInt8 = 2, givenUp: UInt8 = 3
    }

    private final class Slot {
        let words = UnsafeMutablePointer<UInt32>.allocate(capacity: Survey.blocks)
        /// Four times what is usual. Chunks with more are left to the walk.
        let hits = HitRoom(capacity: 8 * Survey.blocks)
        var hitCount = 0, referenceCount = 0

        deinit { words.deallocate() }
    }

    /// Chunks that this thread is ahead at most.
    private static let slotCount = 8
    /// How often the walk looks whether a chunk is done: far longer than that takes, unless the thread was interrupted.
    private static let patience = 100_000

    /// - Parameter grayList: must not be deallocated before `finish()`.
    init(_ graph: ReferenceGraph, _ grayList: GrayList, _ state: WalkState, _ variant: engine_variant) {
        self.graph = graph.memory
        self.variant = variant
        order = UnsafePointer(grayList.order)
        states = state.ahead
        chunkCount = graph.numbers.count / Survey.blocks + 1
        progress = .allocate(capacity: chunkCount)
        for chunk in 0..<chunkCount { (progress + chunk).initialize(to: Atomic(Progress.free)) }
        walked.store(grayList.head / Survey.blocks, ordering: .relaxed)
        listCount.store(grayList.count, ordering: .releasing)
        DispatchQueue.global().async(group: group) { self.run() }
    }

    private func run() {
        var chunk = 0
        let states = engine_states(open: states.open, single: states.single)
        while !isOver.load(ordering: .relaxed) {
            _ = surveyNext(&chunk, behind: walked.load(ordering: .acquiring), states)
        }
    }

    /// Surveys the first chunk that nobody has taken.
    /// - Parameters:
    ///   - chunk: the first one that may be free; moves on.
    ///   - walked: the chunk that the walk is at.
    /// - Returns: false when there is none.
    private func surveyNext(_ chunk: inout Int, behind walked: Int, _ states: engine_states) -> Bool {
        let count = listCount.load(ordering: .acquiring)
        chunk = max(chunk, walked + 1)
        while chunk < walked + Self.slotCount, (chunk + 1) * Survey.blocks <= count {
            defer { chunk += 1 }
            guard take(chunk) else { continue }
            let first = chunk * Survey.blocks, slot = slots[chunk % Self.slotCount]
            var references: UInt32 = 0, graph = graph, states = states, hits = slot.hits.memory
            let found = engine_survey(
                variant, &graph, order + first, UInt32(Survey.blocks), &states, &hits, slot.words, &references)
            (slot.hitCount, slot.referenceCount) = (Int(found), Int(references))
            progress[chunk].store(found == ENGINE_NO_ROOM ? Progress.givenUp : Progress.done, ordering: .releasing)
            return true
        }
        return false
    }

    /// False when somebody else has the chunk.
    private func take(_ chunk: Int) -> Bool {
        progress[chunk].compareExchange(expected: Progress.free, desired: Progress.taken, ordering: .relaxed).exchanged
    }

    /// What is known of the blocks that the walk reads next; nil when it has to look by itself. Valid until the next one is
    /// asked for.
    /// - Parameter state: where the walk stands.
    func survey(of blocks: Range<Int>, on grayList: GrayList, _ state: WalkState) -> Survey? {
        let chunk = blocks.lowerBound / Survey.blocks
        listCount.store(grayList.count, ordering: .releasing)
        walked.store(chunk, ordering: .releasing)
        guard !take(chunk), blocks.count == Survey.blocks else { return nil }
        for _ in 0..<Self.patience {
            let progress = progress[chunk].load(ordering: .acquiring)
            if progress == Progress.givenUp { return nil }
            guard progress == Progress.done else {
                _ = surveyNext(&helped, behind: chunk, state.memory)
                continue
            }
            let slot = slots[chunk % Self.slotCount]
            return Survey(
                words: slot.words, blockCount: Survey.blocks, hits: slot.hits.memory, hitCount: slot.hitCount,
                referenceCount: slot.referenceCount)
        }
        return nil
    }

    /// Waits until nothing is read any more.
    func finish() {
        isOver.store(true, ordering: .relaxed)
        group.wait()
    }

    deinit {
        states.open.deallocate()
        states.single.deallocate()
        progress.deinitialize(count: chunkCount)
        progress.deallocate()
    }
}
