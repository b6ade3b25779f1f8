import HeapModel

/// What is wrong with each word that points at a white object: the recording tells what the scan really read, and when; the
/// rules of `kmemleak.md`, section 5, tell why it did not read the rest.
struct Obstacles {
    private let id: ObjectID
    private let moment: Moment
    private let heap: Heap
    private let referrers: ReferrerIndex?

    init(of id: ObjectID, at moment: Moment, _ referrers: ReferrerIndex?) {
        self.id = id
        self.moment = moment
        self.referrers = referrers
        heap = moment.heap
    }

    /// The ones easiest to read first.
    var all: [Explanation.Obstacle] {
        let counted = counted
        let told = Set(counted.lazy.filter { $0.reason == .counts }.map(\.reference.address))
        let others = heap.references(to: id, moment.index, referrers).filter { !told.contains($0.address) }
        let reads = WordReads(of: others.map(\.address), around: moment)
        let holders = others.isEmpty ? nil : Holders(heap, moment.index, referrers?.blocks)
        let uncounted = others.map { reference in
            let candidates = (holders?.holders(of: reference.address) ?? []).map { obstacle(reference, in: $0, reads) }
            // Of several holders, the one for which the word comes nearest to counting.
            return candidates.min { $0.reason < $1.reason } ?? obstacle(reference, in: reference.holder, reads)
        }
        return (counted + uncounted).sorted {
            ($0.reference.holder.rank(in: heap), $0.reference.address) < ($1.reference.holder.rank(in: heap), $1.reference.address)
        }
    }

    /// The words that make up the count. Some may be gone by now, and some point at an object that passed them on.
    private var counted: [Explanation.Obstacle] {
        moment.recording.ticksCounted(for: id, upTo: moment.tick).compactMap { tick in
            guard let reference = Moment(recording: moment.recording, tick: tick).counted(for: id)?.reference else { return nil }
            let isThere = heap.memory.word(at: reference.address, size: heap.profile.wordSize) == reference.word
            return Explanation.Obstacle(reference: reference, reason: isThere ? .counts : .countedByThen, tick: tick)
        }
    }

    private func obstacle(
        _ reference: Reference, in holder: Reference.Holder, _ reads: WordReads
    ) -> Explanation.Obstacle {
        let ticks = reads.ticks(of: reference.address, in: holder)
        let last = ticks.last { $0 <= moment.tick }
        let reason: Explanation.Reason = if let last {
            reasonOfWordRead(reference, in: holder, at: last)
        } else {
            neverReads(reference.address, in: holder) ?? reasonOfWaiting(in: holder)
        }
        let word = (reference.address, reference.word)
        return Explanation.Obstacle(
            reference: Reference(word, to: id, in: holder, of: heap), reason: reason, tick: last ?? ticks.first)
    }

    /// It was read, and not counted.
    private func reasonOfWordRead(_ reference: Reference, in holder: Reference.Holder, at tick: Tick) -> Explanation.Reason {
        if holder == .object(id) { return .isInTheObjectItself }
        let then = Moment(recording: moment.recording, tick: tick).heap
        let word = then.memory.word(at: reference.address, size: then.profile.wordSize)
        return word == reference.word ? .objectIsYounger : .wasWrittenLater
    }

    /// What keeps a scan from reading the word whatever colour its holder has.
    private func neverReads(_ address: Address, in holder: Reference.Holder) -> Explanation.Reason? {
        let words = BlockWords(of: heap)
        switch holder {
        case .untracked: return .isInMemoryNobodyScans
        case .freed: return .holderWasFreed
        case .root(let root):
            if root.kind == .stack, !heap.scansStacks { return .isOnAStackThatIsNotScanned }
            return words.reads(address, in: root.range, chunked: root.kind.isChunked) ? nil : .isCutOff
        case .object(id): return .isInTheObjectItself
        case .object(let holder):
            if heap.objects.minCounts[holder.index] == -1 { return .holderIsIgnored }
            if heap.objects.flags[holder.index].contains(.noScan) { return .holderHasNoScan }
            let parts = heap.scannedParts(of: holder)
            if parts.ranges.contains(where: { words.reads(address, in: $0, chunked: parts.areChunked) }) { return nil }
            return parts.ranges.contains { $0.contains(address) } ? .isCutOff : .isOutsideTheScanAreas
        }
    }

    /// What it waits for, when nothing speaks against reading it. Told as it stands at the moment: what waits may still be
    /// freed before it is read.
    private func reasonOfWaiting(in holder: Reference.Holder) -> Explanation.Reason {
        if case .object(let holder) = holder {
            let shade = moment.shade(of: holder)
            if shade == .white { return .holderIsWhite }
            if shade == .gray, moment.hasReached(holder) { return .holderWaits }
        }
        if moment.isReading(holder) || moment.isOnItsWay(to: holder) { return .isNotReadYet }
        return moment.recording.wasInterrupted ? .scanWasStopped : .cameTooLate
    }
}

extension Moment {
    /// Whether the object is or was on the gray list; false for one that turned gray by being declared no leak.
    fileprivate func hasReached(_ id: ObjectID) -> Bool { recording.tickReached(id, around: tick).map { $0 <= tick } ?? false }

    fileprivate func isReading(_ holder: Reference.Holder) -> Bool { block.map { recording.holder(of: $0.source) } == holder }

    /// Whether the root is one of those that are read next.
    fileprivate func isOnItsWay(to holder: Reference.Holder) -> Bool {
        guard case .root(let root) = holder else { return false }
        let begun = recording.blocks.partitioningIndex { $0.tick > tick }
        guard begun > 0, recording.passIndex(at: recording.blocks[begun - 1].tick) == recording.passIndex(at: tick) else { return true }
        guard case .root(let number) = recording.blocks[begun - 1].source, let next = heap.roots.firstIndex(of: root) else { return false }
        return heap.roots.firstIndex(of: recording.roots[number]).map { $0 < next } ?? false
    }
}

extension Explanation.Reason {
    fileprivate static func < (left: Self, right: Self) -> Bool { left.place < right.place }

    private var place: Int { Self.allCases.firstIndex(of: self)! }
}

extension Reference.Holder {
    /// How easy it is to find in the source: a named global, what stands for one, a block of the heap, a stack.
    fileprivate func rank(in heap: Heap) -> Int {
        switch self {
        case .root(let root): root.kind == .stack ? 3 : 0
        case .object(let id): heap.objects.minCounts[id.index] == 0 ? 1 : 2
        case .freed, .untracked: 4
        }
    }
}
