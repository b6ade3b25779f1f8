import CEngine
import HeapModel

/// Blocks looked at ahead of the walk: which of their references may change something at all (`engine_survey`). Nine in ten
/// do not.
struct Survey {
    /// By block, the words that are read of it.
    let words: UnsafePointer<UInt32>
    let blockCount: Int
    /// In the order of blocks and words.
    let hits: UnsafeBufferPointer<engine_hit>
    /// References looked at.
    let referenceCount: Int

    /// Blocks that are surveyed together, at most.
    static let blocks = 256
}

/// Makes surveys, each in the place of the one before.
struct Surveyor {
    private let graph: engine_graph
    private let variant: engine_variant
    private let words = ReservedMemory<UInt32>(capacity: Survey.blocks)
    private let hits: ReservedMemory<engine_hit>

    init(_ graph: ReferenceGraph, _ variant: engine_variant) {
        self.graph = graph.memory
        self.variant = variant
        hits = ReservedMemory(capacity: graph.referenceCount, isSparse: true)
    }

    /// - Parameters:
    ///   - blocks: the numbers of `count` blocks; of `available` ones it is known that they follow.
    func survey(_ blocks: UnsafePointer<UInt32>, count: Int, available: Int, _ state: WalkState) -> Survey {
        var references: UInt32 = 0, graph = graph, states = state.memory
        let found = engine_survey(
            variant, &graph, blocks, UInt32(count), UInt32(available), &states, hits.base, UInt32.max, words.base, &references)
        return Survey(
            words: words.base, blockCount: count, hits: UnsafeBufferPointer(start: hits.base, count: Int(found)),
            referenceCount: Int(references))
    }
}
