import CEngine
import HeapModel

/// Which object each word of each block points into: everything that a scan has to know of memory.
///
/// For each block (a root, or an object that may be scanned) its references in the order of its words, one block's after the
/// other's in the order of addresses. A word that points into an ordinary and a PERCPU object makes two references, the
/// ordinary one first; one that points into its own block makes none (`kmemleak.md`, section 5).
///
/// Each reference is the number of its target and the distance in words from the reference before, 5 bytes. Of a block, the
/// graph knows where its references begin and how many words are read of it, which are not all: chunks, scan areas and
/// missing memory leave some out. The number of a word counts those that are read.
package struct ReferenceGraph: Sendable {
    /// By number (`RankOrder`); behind them the roots: the number of the first reference, and the words read of it.
    var blocks: ReservedMemory<engine_block>
    /// By number, the object's row, and by row its number.
    let rows, numbers: [UInt32]
    /// The numbers of the targets; with `isLast` on the last one of each block.
    let targets: ReservedMemory<UInt32>
    /// Words from the reference before, of the block's first from its beginning; `isFar` for what does not fit.
    let gaps: ReservedMemory<UInt8>
    /// The references with `isFar`, ascending in their numbers.
    var farGaps: [FarGap]
    /// By number: the object that surplus references are passed on to (excess_ref), where there is one.
    let excessTargets: [UInt32: UInt32]
    /// References in all.
    package internal(set) var referenceCount: Int
    let room: GraphRoom

    struct FarGap: Sendable {
        let reference: UInt32
        let words: UInt32
    }

    static let isLast: UInt32 = 1 << 31
    static let isFar = UInt8.max

    /// The place of a reference's word among those read of its block.
    func ordinal(of reference: UInt32, in block: UInt32) -> Int {
        (blocks.base[Int(block)].first...reference).reduce(0) { $0 + Int(gap(before: $1)) }
    }

    /// The arrays as plain memory.
    var memory: engine_graph { engine_graph(blocks: blocks.base, targets: targets.base, gaps: gaps.base) }

    /// The place of a root in `blocks`.
    func block(ofRoot root: Int) -> Int { rows.count + root }

    package var byteCount: Int {
        blocks.count * MemoryLayout<engine_block>.stride + (rows.count + numbers.count) * 4 + referenceCount * 5
            + farGaps.count * MemoryLayout<FarGap>.stride
    }

    /// Words between a reference and the one before it in its block.
    func gap(before reference: UInt32) -> UInt32 {
        let gap = gaps.base[Int(reference)]
        if gap != Self.isFar { return UInt32(gap) }
        return farGaps[farGaps.partitioningIndex { $0.reference >= reference }].words
    }
}

extension ReferenceGraph {
    /// A word of a block that points into an object.
    package struct Edge: Hashable, Sendable {
        package let target: ObjectID
        /// The number of the word among those that are read of the block.
        package let ordinal: Int
    }

    /// The references of an object that may be scanned, in the order of its words.
    package func references(from id: ObjectID) -> [Edge] { references(of: blocks.base[Int(numbers[id.index])]) }

    /// The references of a root, in the order of its words.
    /// - Parameter root: an index of the heap's roots.
    package func references(fromRoot root: Int) -> [Edge] { references(of: blocks.base[block(ofRoot: root)]) }

    func references(of block: engine_block) -> [Edge] {
        guard block.first != 0 else { return [] }
        var edges: [Edge] = [], ordinal = 0, next = block.first
        while true {
            let target = targets.base[Int(next)]
            ordinal += Int(gap(before: next))
            edges.append(Edge(target: ObjectID(rawValue: rows[Int(target & ~Self.isLast)]), ordinal: ordinal))
            if target & Self.isLast != 0 { return edges }
            next += 1
        }
    }
}
