import CEngine
import HeapModel
import Synchronization

/// How many references there is room for behind those of a sweep, for blocks whose words are told anew.
// Graphs that come from the same sweep share their memory; each writes only what it took for itself.
final class GraphRoom: Sendable {
    private let used: Mutex<Int>
    private let capacity: Int

    init(used: Int, capacity: Int) {
        self.used = Mutex(used)
        self.capacity = capacity
    }

    /// The number of the first of so many; nil when there are not as many left.
    func take(_ count: Int) -> Int? {
        used.withLock { used in
            guard count <= capacity - used else { return nil }
            defer { used += count }
            return used
        }
    }
}

extension ReferenceGraph {
    /// The words of one block as a scan reads them.
    struct Contents {
        fileprivate let source: ScanRecording.Block.Source
        fileprivate private(set) var wordCount = 0
        fileprivate private(set) var edges: [Edge] = []

        /// Word by word: for one block.
        init(of source: ScanRecording.Block.Source, in heap: Heap, _ index: ObjectIndex) {
            self.source = source
            let words = BlockWords(of: heap), own: ObjectID?, parts: (ranges: [AddressRange], areChunked: Bool)
            switch source {
            case .root(let number): (own, parts) = (nil, ([heap.roots[number].range], heap.roots[number].kind.isChunked))
            case .object(let id): (own, parts) = (id, heap.scannedParts(of: id))
            }
            var count = 0, edges: [Edge] = []
            for part in parts.ranges {
                words.forEachRun(in: part, chunked: parts.areChunked) { run in
                    for place in 0..<run.count {
                        let address = run.address + UInt64(place) * words.wordSize
                        guard let word = words.memory.word(at: address, size: Int(words.wordSize)) else { continue }
                        for target in index.targets(of: word) where target != own {
                            edges.append(Edge(target: target, ordinal: count + place))
                        }
                    }
                    count += run.count
                }
            }
            (wordCount, self.edges) = (count, edges)
        }
    }

    /// The graph with other words in some blocks; where a block comes twice, the last one counts. nil when there is no room
    /// left for their references.
    func replacing(_ contents: [Contents]) -> ReferenceGraph? {
        guard !contents.isEmpty else { return self }
        guard var next = room.take(contents.reduce(0) { $0 + $1.edges.count }) else { return nil }
        var graph = self
        graph.blocks = blocks.copy()
        for content in contents {
            let block = switch content.source {
            case .root(let number): self.block(ofRoot: number)
            case .object(let id): Int(numbers[id.index])
            }
            graph.referenceCount += content.edges.count - graph.references(of: graph.blocks.base[block]).count
            graph.blocks.base[block] = engine_block(
                first: content.edges.isEmpty ? 0 : UInt32(next), word_count: UInt32(content.wordCount))
            var last = 0
            for (place, edge) in content.edges.enumerated() {
                let isLast = place == content.edges.count - 1, gap = edge.ordinal - last
                targets.base[next] = numbers[edge.target.index] | (isLast ? Self.isLast : 0)
                gaps.base[next] = UInt8(min(gap, Int(Self.isFar)))
                // Ascending, as what is added has the highest numbers.
                if gap >= Int(Self.isFar) { graph.farGaps.append(FarGap(reference: UInt32(next), words: UInt32(gap))) }
                last = edge.ordinal
                next += 1
            }
        }
        return graph
    }
}
