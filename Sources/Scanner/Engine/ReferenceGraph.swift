import CEngine
import HeapModel

/// Which object each word of each block points into: everything that a scan has to know of memory.
///
/// For each block (a root, or an object that may be scanned) its references in the order of its words, all together; the
/// blocks follow one another in no particular order. A word that points into an ordinary and a PERCPU object makes two
/// references, the ordinary one first; one that points into its own block makes none (`kmemleak.md`, section 5).
///
/// All of it is one stream of 32-bit elements. A block begins with how many words are read of it, which are not all: chunks,
/// scan areas and missing memory leave some out, and the number of a word counts those that are read. Then follow its
/// references, each the number of its target and the distance in words from the reference before:
///
///     header      last·················words
///     reference   last···gap······number    (`numberBits` of it)
///
/// `isLast` is set in a block's last element.
package struct ReferenceGraph: Sendable {
    /// By number (`RankOrder`), behind them the roots: the place of the block's header in the stream. 0 for what is not read:
    /// there stands a header without words. One element more.
    var blocks: ReservedMemory<UInt32>
    let stream: ReservedMemory<UInt32>
    /// Bits of the numbers in the stream.
    let numberBits: UInt32
    /// By number, the object's row.
    let rows: RankRows
    /// By row, the object's number.
    let numbers: [UInt32]
    /// The gaps that do not fit (`gapLimit`), ascending in their references.
    var farGaps: [engine_far_gap]
    /// By number: the object that surplus references are passed on to (excess_ref), where there is one.
    let excessTargets: [UInt32: UInt32]
    /// Of which the heap does not hold all that is read of them once they are reached; in no particular order.
    var incompleteBlocks: [UInt32]
    /// References in all.
    package internal(set) var referenceCount: Int
    let room: GraphRoom

    static let isLast = UInt32(ENGINE_LAST)

    /// What numbers up to this one need; fewer than 20 make no difference to anybody.
    static func numberBits(upTo number: Int) -> UInt32 { UInt32(max(20, Int.bitWidth - number.leadingZeroBitCount)) }

    /// In the place of a gap that is as long or longer.
    var gapLimit: UInt32 { UInt32(Int32.max) >> numberBits }

    /// The stream as plain memory.
    var memory: engine_graph { engine_graph(blocks: blocks.base, stream: stream.base, number_bits: numberBits) }

    /// The place of a root in `blocks`.
    func block(ofRoot root: Int) -> Int { rows.count + root }

    /// nil for an object's block.
    func root(ofBlock block: Int) -> Int? { block < rows.count ? nil : block - rows.count }

    package var byteCount: Int {
        (blocks.count + numbers.count + incompleteBlocks.count + room.used) * 4 + farGaps.count * MemoryLayout<engine_far_gap>.stride
    }

    /// Words that are read of a block.
    func wordCount(ofBlock block: Int) -> Int { Int(stream.base[Int(blocks.base[block])] & ~Self.isLast) }

    /// Calls `body` with the place of each of the block's references in the stream and the number of its target, in the order
    /// of the block's words.
    @inline(__always)
    func forEachReference(ofBlock block: Int, _ body: (_ place: Int, _ target: UInt32) -> Void) {
        let target: UInt32 = 1 << numberBits - 1
        var place = Int(blocks.base[block])
        while stream.base[place] & Self.isLast == 0 {
            place += 1
            body(place, stream.base[place] & target)
        }
    }

    /// Words between a reference and the one before it in its block.
    func gap(before place: Int) -> Int {
        let gap = (stream.base[place] & ~Self.isLast) >> numberBits
        if gap != gapLimit { return Int(gap) }
        return Int(farGaps[farGaps.partitioningIndex { $0.reference >= place }].words)
    }

    /// The place of a reference's word among those read of its block.
    func ordinal(of reference: UInt32, in block: UInt32) -> Int {
        (Int(blocks.base[Int(block)]) + 1...Int(reference)).reduce(0) { $0 + gap(before: $1) }
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
    package func references(from id: ObjectID) -> [Edge] { references(ofBlock: Int(numbers[id.index])) }

    /// The references of a root, in the order of its words.
    /// - Parameter root: an index of the heap's roots.
    package func references(fromRoot root: Int) -> [Edge] { references(ofBlock: block(ofRoot: root)) }

    func references(ofBlock block: Int) -> [Edge] {
        var edges: [Edge] = [], ordinal = 0
        forEachReference(ofBlock: block) { place, target in
            ordinal += gap(before: place)
            edges.append(Edge(target: ObjectID(rawValue: rows[Int(target)]), ordinal: ordinal))
        }
        return edges
    }
}
