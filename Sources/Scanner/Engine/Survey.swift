import CEngine
import HeapModel

/// Blocks looked at ahead of the walk: which of their references may change something at all (`engine_survey`). Nine in ten
/// do not.
struct Survey {
    /// By block, the words that are read of it.
    let words: UnsafePointer<UInt32>
    let blockCount: Int
    /// In the order of blocks and words, so many.
    let hits: engine_hits
    let hitCount: Int
    /// References looked at.
    let referenceCount: Int

    /// Blocks that are surveyed together, at most.
    static let blocks = 256
}

/// Makes surveys, each in the place of the one before.
struct Surveyor {
    private let graph: engine_graph
    private let variant: engine_variant
    private let words = ReservedMemory<UInt32>(roomFor: Survey.blocks)
    private let hits: HitRoom

    init(_ graph: ReferenceGraph, _ variant: engine_variant) {
        self.graph = graph.memory
        self.variant = variant
        hits = HitRoom(capacity: graph.referenceCount)
    }

    /// - Parameter blocks: the numbers of `count` blocks.
    func survey(_ blocks: UnsafePointer<UInt32>, count: Int, _ state: WalkState) -> Survey {
        var references: UInt32 = 0, graph = graph, states = state.memory, hits = hits.memory
        let found = engine_survey(
            variant, &graph, blocks, UInt32(count), &states, &hits, words.base, &references)
        return Survey(
            words: words.base, blockCount: count, hits: hits, hitCount: Int(found), referenceCount: Int(references))
    }
}

/// Memory for the hits of a survey, of which there is seldom more than a little.
struct HitRoom {
    private let elements: ReservedMemory<UInt32>
    private let capacity: Int

    /// - Parameter capacity: how many hits there may be.
    init(capacity: Int) {
        self.capacity = capacity
        elements = ReservedMemory(roomFor: 4 * Self.length(capacity), inLargePages: false)
    }

    /// Of each of the four arrays.
    private static func length(_ capacity: Int) -> Int { capacity + Int(ENGINE_SPARE_HITS) }

    var memory: engine_hits {
        let base = elements.base, length = Self.length(capacity)
        return engine_hits(
            numbers: base, blocks: base + length, references: base + 2 * length, ordinals: base + 3 * length,
            room: UInt32(capacity))
    }
}
