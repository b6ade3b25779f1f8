import CEngine
import HeapModel
import Synchronization

/// Where the threads of a sweep put what they find: the shards' streams one behind the other, whichever is ready first.
///
/// The memory is reserved for as many elements as there could be; where it is mapped, only what is used of it is real.
// Sendable: each shard has its own part of the memory, and its own place among the exceptions.
final class SweepOutput: @unchecked Sendable {
    /// By number, where each block begins; and one to spare (`engine_graph`).
    let blocks: ReservedMemory<UInt32>
    let stream: ReservedMemory<UInt32>
    /// Of the stream, behind the block that has no words.
    let room: GraphRoom
    /// By shard; most have neither.
    private let exceptions: UnsafeMutablePointer<(farGaps: [engine_far_gap], incompleteBlocks: [UInt32])>
    private let shardCount: Int
    private let references = Atomic(0)
    private let stopped = Atomic(false)

    /// Elements that are read beyond the last, as vectors are read whole (`engine_graph`).
    private static let spare = 16
    /// Elements that may be added later.
    private static let later = 1 << 20

    init(_ plan: SweepPlan, blockCount: Int) {
        let limit = plan.shards.reduce(1) { $0 + $1.streamLimit } + Self.later
        blocks = ReservedMemory(capacity: blockCount + 1)
        stream = ReservedMemory(roomFor: limit + Self.spare)
        stream.base[0] = ReferenceGraph.isLast
        room = GraphRoom(used: 1, capacity: limit)
        shardCount = plan.shards.count
        exceptions = .allocate(capacity: shardCount)
        exceptions.initialize(repeating: ([], []), count: shardCount)
    }

    var isStopped: Bool { stopped.load(ordering: .relaxed) }
    func stop() { stopped.store(true, ordering: .relaxed) }

    /// Adds what a shard found.
    func publish(_ part: SweepWorker.Part, ofShard shard: Int, _ plan: SweepPlan) {
        guard let base = room.take(part.stream.count), base + part.stream.count < UInt32.max else {
            preconditionFailure("a heap above the limit of words is not to be scanned")
        }
        references.add(part.referenceCount, ordering: .relaxed)
        exceptions[shard].farGaps = part.farGaps.map { .init(reference: $0.reference + UInt32(base), words: $0.words) }
        exceptions[shard].incompleteBlocks = part.incompleteBlocks
        stream.copy(part.stream, to: base)
        for item in plan.shards[shard].items {
            let block = blocks.base + plan.block(ofItem: item)
            if block.pointee != 0 { block.pointee += UInt32(base) - 1 }
        }
    }

    /// References in all, once every shard is there.
    var referenceCount: Int { references.load(ordering: .relaxed) }

    /// Those of all shards, ascending.
    var allFarGaps: [engine_far_gap] {
        (0..<shardCount).flatMap { exceptions[$0].farGaps }.sorted { $0.reference < $1.reference }
    }

    /// Those of all shards.
    var allIncompleteBlocks: [UInt32] { (0..<shardCount).flatMap { exceptions[$0].incompleteBlocks } }

    deinit {
        exceptions.deinitialize(count: shardCount)
        exceptions.deallocate()
    }
}
