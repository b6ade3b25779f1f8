import HeapModel

/// When the cursor comes to some words in one pass of a scan, and in whose memory.
struct WordReads {
    private let reads: [Address: [(tick: Tick, holder: Reference.Holder)]]

    /// - Parameter addresses: of the words, ascending.
    /// - Complexity: O(spans of the pass · log n)
    init(of addresses: [Address], around moment: Moment) {
        let recording = moment.recording, size = UInt64(recording.heap.profile.wordSize)
        var reads: [Address: [(tick: Tick, holder: Reference.Holder)]] = [:]
        var holder = Reference.Holder.untracked
        for span in recording.spans[addresses.isEmpty ? 0..<0 : recording.ticks(ofPassAround: moment.tick)] {
            switch span.what {
            case .block(let block): holder = recording.holder(of: recording.blocks[block].source)
            case .words(let from):
                let words = AddressRange(start: from, size: UInt64(span.count) * size)
                let first = addresses.partitioningIndex { $0 >= from }
                for address in addresses[first...].prefix(while: words.contains) {
                    reads[address, default: []].append((span.tick + Int((address - from) / size), holder))
                }
            case .phase, .checksum, .suspect, .report, .meanwhile, .end: break
            }
        }
        self.reads = reads
    }

    /// Ascending.
    func ticks(of address: Address, in holder: Reference.Holder) -> [Tick] {
        // What has been freed since was an object when it was read.
        let reader: Reference.Holder = if case .freed(let id) = holder { .object(id) } else { holder }
        return (reads[address] ?? []).filter { $0.holder == reader }.map(\.tick)
    }
}

extension ScanRecording {
    fileprivate func ticks(ofPassAround tick: Tick) -> Range<Tick> {
        let pass = passIndex(at: tick)
        return passes[pass].tick..<(pass + 1 < passes.count ? passes[pass + 1].tick : endTick)
    }
}
