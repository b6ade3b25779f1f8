import CEngine
import Dispatch
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import HeapModel
import Synchronization

/// A second thread that surveys what waits on the gray list while the walk is still busy with what is before it.
///
/// It keeps states of its own, as of its surveys alone: an object is taken for gray once enough references to it were told.
/// Those are in front of any later one on the gray list, so the walk, which looks at each again, misses none; and what is
/// told too often changes nothing. So the result is the same however far this thread gets, and nobody waits for it.
// Sendable: the gray list and the log grow at their ends, and what is before these is not changed any more.
final class Lookahead: @unchecked Sendable {
    private let graph: engine_graph
    private let variant: engine_variant
    private let order: UnsafePointer<UInt32>
    private let states: UnsafeMutablePointer<UInt8>
    private let words: ReservedMemory<UInt32>
    private let hits: ReservedMemory<engine_hit>
    private let log: ReservedMemory<Entry>

    /// How long the gray list is, and which chunk of it the walk has come to.
    private let listCount = Atomic(0), walked = Atomic(0)
    /// Entries of the log that are complete.
    private let logCount = Atomic(0)
    private let isOver = Atomic(false)
    private let group = DispatchGroup()
    /// The next entry of the log that the walk looks at.
    private var read = 0

    private struct Entry {
        /// The place of its first block on the gray list.
        let place: Int
        let firstHit, hitCount: Int
        let referenceCount: UInt32
    }

    /// - Parameter grayList: must not be deallocated before `finish()`.
    init(_ graph: ReferenceGraph, _ grayList: GrayList, _ state: WalkState, _ variant: engine_variant) {
        self.graph = graph.memory
        self.variant = variant
        order = UnsafePointer(grayList.order)
        states = state.copy
        words = ReservedMemory(capacity: graph.numbers.count + Survey.blocks)
        hits = ReservedMemory(capacity: graph.referenceCount)
        log = ReservedMemory(capacity: graph.numbers.count / Survey.blocks + 1)
        walked.store(grayList.head / Survey.blocks, ordering: .relaxed)
        listCount.store(grayList.count, ordering: .releasing)
        DispatchQueue.global().async(group: group) { self.run() }
    }

    private func run() {
        var chunk = 0, end = 0, entries = 0
        while !isOver.load(ordering: .relaxed) {
            // Not what the walk comes to next: it would be there first.
            chunk = max(chunk, walked.load(ordering: .relaxed) + 2)
            let place = chunk * Survey.blocks, count = listCount.load(ordering: .acquiring)
            guard place + Survey.blocks <= count else {
                sched_yield()
                continue
            }
            var references: UInt32 = 0
            let found = engine_survey(
                variant, [graph], order + place, UInt32(Survey.blocks), UInt32(count - place), states, true, hits.base + end,
                words.base + place, &references)
            log.base[entries] = Entry(place: place, firstHit: end, hitCount: Int(found), referenceCount: references)
            end += Int(found)
            entries += 1
            logCount.store(entries, ordering: .releasing)
            chunk += 1
        }
    }

    /// What is known of the blocks that the walk reads next; nil when it has to look by itself.
    func survey(of blocks: Range<Int>, on grayList: GrayList) -> Survey? {
        walked.store(blocks.lowerBound / Survey.blocks, ordering: .relaxed)
        listCount.store(grayList.count, ordering: .releasing)
        let count = logCount.load(ordering: .acquiring)
        while read < count, log.base[read].place < blocks.lowerBound { read += 1 }
        guard read < count, log.base[read].place == blocks.lowerBound, blocks.count == Survey.blocks else { return nil }
        let entry = log.base[read]
        return Survey(
            words: words.base + entry.place, blockCount: Survey.blocks,
            hits: UnsafeBufferPointer(start: hits.base + entry.firstHit, count: entry.hitCount),
            referenceCount: Int(entry.referenceCount))
    }

    /// Waits until nothing is read any more.
    func finish() {
        isOver.store(true, ordering: .relaxed)
        group.wait()
    }

    deinit { states.deallocate() }
}
