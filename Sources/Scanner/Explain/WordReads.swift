import HeapModel

/// When the cursor comes to some words in one pass of a scan.
///
/// Of a heap that stood still, the time follows from the word's place in its holder. A kernel that went on running has the
/// blocks read as they were by then, so its pass is gone through.
struct WordReads {
    private let moment: Moment
    private let words: BlockWords
    /// Of a heap that did not stand still.
    private let reads: [Address: [(tick: Tick, holder: Reference.Holder)]]

    /// - Parameter addresses: of the words, ascending.
    /// - Complexity: O(1) for a heap that stood still, else O(spans of the pass · log n)
    init(of addresses: [Address], around moment: Moment) {
        self.moment = moment
        words = BlockWords(of: moment.recording.heap)
        reads = addresses.isEmpty || moment.recording.graph != nil ? [:] : Self.reads(of: addresses, around: moment)
    }

    /// Ascending.
    func ticks(of address: Address, in holder: Reference.Holder) -> [Tick] {
        if moment.recording.graph != nil { return ticksInStillHeap(of: address, in: holder) }
        // What has been freed since was an object when it was read.
        let reader: Reference.Holder = if case .freed(let id) = holder { .object(id) } else { holder }
        return (reads[address] ?? []).filter { $0.holder == reader }.map(\.tick)
    }

    private func ticksInStillHeap(of address: Address, in holder: Reference.Holder) -> [Tick] {
        let recording = moment.recording, pass = recording.passes[recording.passIndex(at: moment.tick)]
        switch holder {
        case .root(let root):
            let ordinals = words.ordinals(of: address, in: [root.range], chunked: root.kind.isChunked)
            return pass.rootBlocks.filter { $0.isOf(root, in: recording) }.flatMap { block in ordinals.map { block.tick + 1 + $0 } }
        case .object(let id):
            guard let tick = pass.tickScanned(id), !recording.heap.objects.flags[id.index].contains(.noScan) else { return [] }
            let parts = recording.heap.scannedParts(of: id)
            return words.ordinals(of: address, in: parts.ranges, chunked: parts.areChunked).map { tick + 1 + $0 }
        case .freed, .untracked: return []
        }
    }

    private static func reads(
        of addresses: [Address], around moment: Moment
    ) -> [Address: [(tick: Tick, holder: Reference.Holder)]] {
        let recording = moment.recording, size = UInt64(recording.heap.profile.wordSize)
        var reads: [Address: [(tick: Tick, holder: Reference.Holder)]] = [:]
        var holder = Reference.Holder.untracked
        for span in recording.spans[recording.ticks(ofPassAround: moment.tick)] {
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
        return reads
    }
}

extension ScanRecording.Block {
    fileprivate func isOf(_ root: Root, in recording: ScanRecording) -> Bool {
        guard case .root(let number) = source else { return false }
        // Names last: there are thousands.
        return recording.roots[number].range == root.range && recording.roots[number] == root
    }
}

extension BlockWords {
    /// The places of an aligned word among those that are read of a block; several when the block's parts overlap.
    fileprivate func ordinals(of address: Address, in parts: [AddressRange], chunked: Bool) -> [Int] {
        var ordinals: [Int] = [], count = 0
        for part in parts {
            forEachRun(in: part, chunked: chunked) { run in
                let offset = (address - run.address) / wordSize
                if offset < UInt64(run.count) { ordinals.append(count + Int(offset)) }
                count += run.count
            }
        }
        return ordinals
    }
}

extension ScanRecording {
    fileprivate func ticks(ofPassAround tick: Tick) -> Range<Tick> {
        let pass = passIndex(at: tick)
        return passes[pass].tick..<(pass + 1 < passes.count ? passes[pass + 1].tick : endTick)
    }
}
