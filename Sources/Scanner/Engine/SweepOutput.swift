#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import CEngine
import HeapModel
import Synchronization

/// Where the threads of a sweep put what they find: the shards' streams one behind the other, whichever is ready first.
///
/// The memory is reserved for as many elements as there could be; only what is used of it is real.
// Sendable: each shard has its own part of the memory, and they take turns in finding out which.
final class SweepOutput: @unchecked Sendable {
    /// By number, where each block begins.
    let blocks: ReservedMemory<UInt32>
    let stream: ReservedMemory<UInt32>
    /// By shard.
    private(set) var farGaps: [[engine_far_gap]]
    /// References in all, once every shard has had its turn.
    private(set) var referenceCount = 0

    /// The shard whose turn it is, and where it begins: behind the block that has no words.
    private let turn = Atomic(0)
    private var end = 1
    /// Beyond what the sweep finds.
    var room: GraphRoom { GraphRoom(used: end, capacity: stream.count - Self.spare) }
    /// Elements that are read beyond the last, as vectors are read whole (`engine_graph`).
    private static let spare = 16
    /// Elements that may be added later.
    private static let later = 1 << 20
    private let stopped = Atomic(false)

    init(_ plan: SweepPlan, blockCount: Int) {
        let limit = plan.shards.reduce(1) { $0 + $1.streamLimit }
        blocks = ReservedMemory(capacity: blockCount)
        stream = ReservedMemory(capacity: limit + Self.later + Self.spare)
        stream.base[0] = ReferenceGraph.isLast
        farGaps = Array(repeating: [], count: plan.shards.count)
    }

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }

    /// Adds what a shard found.
    /// - Returns: false when the sweep was told to stop, as the shards before may never have their turn.
    func publish(_ part: SweepWorker.Part, ofShard shard: Int, _ plan: SweepPlan) -> Bool {
        while turn.load(ordering: .acquiring) != shard {
            if isStopped { return false }
            sched_yield()
        }
        let base = end
        end += part.stream.count
        referenceCount += part.referenceCount
        precondition(end < UInt32.max, "a heap above the limit of words is not to be scanned")
        farGaps[shard] = part.farGaps.map { .init(reference: $0.reference + UInt32(base), words: $0.words) }
        turn.store(shard + 1, ordering: .releasing)
        stream.copy(part.stream, to: base)
        for item in plan.shards[shard].items {
            let block = blocks.base + plan.block(ofItem: item)
            if block.pointee != 0 { block.pointee += UInt32(base) - 1 }
        }
        return true
    }
}
