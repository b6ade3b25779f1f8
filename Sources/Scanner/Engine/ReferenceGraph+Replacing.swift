import CEngine
import HeapModel

extension ReferenceGraph {
    /// The words of one block as a scan reads them.
    struct Contents {
        fileprivate let source: ScanRecording.Block.Source
        fileprivate private(set) var wordCount = 0
        fileprivate private(set) var edges: [Edge] = []
        fileprivate let isComplete: Bool

        /// Word by word: for one block.
        init(of source: ScanRecording.Block.Source, in heap: Heap, _ index: ObjectIndex) {
            self.source = source
            let words = BlockWords(of: heap), own: ObjectID?, parts: (ranges: [AddressRange], areChunked: Bool)
            switch source {
            case .root(let number): (own, parts) = (nil, ([heap.roots[number].range], heap.roots[number].kind.isChunked))
            case .object(let id): (own, parts) = (id, heap.scannedParts(of: id))
            }
            isComplete = heap.holdsAll(of: parts.ranges)
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
        guard var next = room.take(contents.reduce(0) { $0 + 1 + $1.edges.count }) else { return nil }
        var graph = self
        graph.blocks = blocks.copy()
        for content in contents {
            let block = switch content.source {
            case .root(let number): self.block(ofRoot: number)
            case .object(let id): Int(numbers[id.index])
            }
            graph.incompleteBlocks.removeAll { $0 == block }
            if !content.isComplete { graph.incompleteBlocks.append(UInt32(block)) }
            graph.referenceCount += content.edges.count - graph.references(ofBlock: block).count
            graph.blocks.base[block] = UInt32(next)
            stream.base[next] = UInt32(content.wordCount)
            var last = 0
            for edge in content.edges {
                next += 1
                let gap = edge.ordinal - last, limit = Int(gapLimit)
                stream.base[next] = numbers[edge.target.index] | UInt32(min(gap, limit)) << numberBits
                // Ascending, as what is added stands behind all the rest.
                if gap >= limit { graph.farGaps.append(engine_far_gap(reference: UInt32(next), words: UInt32(gap))) }
                last = edge.ordinal
            }
            stream.base[next] |= Self.isLast
            next += 1
        }
        return graph
    }
}
