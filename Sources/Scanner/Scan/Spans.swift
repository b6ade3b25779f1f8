import HeapModel

/// The steps of a scan as runs of like ones, by tick: a span's index is the tick at which it begins.
///
/// Of a heap that stood still only where blocks begin is kept, for a million objects; which words are read of one is asked
/// of the heap again.
package struct Spans: BidirectionalCollection, Sendable {
    private let recording: ScanRecording
    private let words: BlockWords

    init(of recording: ScanRecording) {
        self.recording = recording
        words = BlockWords(of: recording.heap)
    }

    package var startIndex: Tick { 0 }
    package var endIndex: Tick { recording.endTick }
    package func index(after tick: Tick) -> Tick { span(at: tick).end }
    package func index(before tick: Tick) -> Tick { span(at: tick - 1).tick }
    package subscript(tick: Tick) -> ScanRecording.Span { span(at: tick) }

    /// The span that a tick lies in.
    /// - Complexity: O(log n), and of a block in pieces, O(pieces)
    package func span(at tick: Tick) -> ScanRecording.Span {
        let marks = recording.marks, next = marks.partitioningIndex { $0.tick > tick }
        guard recording.graph != nil else {
            return marks[next - 1].ended(at: next < marks.count ? marks[next].tick : recording.endTick)
        }
        let block = recording.blocks.partitioningIndex { $0.tick > tick } - 1
        guard block >= 0, next == 0 || recording.blocks[block].tick > marks[next - 1].tick else { return marks[next - 1] }
        let begin = recording.blocks[block].tick
        if tick == begin { return ScanRecording.Span(tick: tick, what: .block(block)) }
        return span(at: tick, ofBlock: recording.blocks[block])
    }

    /// Consecutive words are one span, whatever makes them pieces.
    private func span(at tick: Tick, ofBlock block: ScanRecording.Block) -> ScanRecording.Span {
        var first = block.tick + 1, from = Address(0), end = first
        let heap = recording.heap
        let parts: (ranges: [AddressRange], areChunked: Bool) = switch block.source {
        case .root(let number): ([recording.roots[number].range], recording.roots[number].kind.isChunked)
        case .object(let id): heap.scannedParts(of: id)
        }
        search: for part in parts.ranges {
            for run in words.runs(in: part, chunked: parts.areChunked) {
                if end == first || from + UInt64(end - first) * words.wordSize != run.address {
                    if end > tick { break search }
                    (first, from) = (end, run.address)
                }
                end += run.count
            }
        }
        return ScanRecording.Span(tick: first, what: .words(from: from), end: end)
    }
}

extension BlockWords {
    fileprivate func runs(in range: AddressRange, chunked: Bool) -> [Run] {
        var runs: [Run] = []
        forEachRun(in: range, chunked: chunked) { runs.append($0) }
        return runs
    }
}
