import HeapModel

/// Why an object has its colour.
package enum Explanation: Sendable {
    /// There was no scan yet.
    case notScanned
    /// What kmemleak calls black: painted so, or outside of low memory.
    case ignored
    /// Gray or scanned: the words by which it was reached, the one in a root first.
    case reached(from: Beginning, [Link])
    /// White: every word that points at it, and why that is not enough; the ones easiest to read first.
    case white(count: Int32, needed: Int32, [Obstacle])

    /// Why the first object of a chain was scanned at all.
    package enum Beginning: Equatable, Sendable {
        /// An index of the recording's `roots`.
        case root(Int)
        /// min_count 0: gray from the beginning.
        case needsNoReference(ObjectID)
        /// Nothing pointed at it, but its contents had changed since the last scan.
        case modified(ObjectID)
    }

    /// A word that reached an object.
    package struct Link: Equatable, Sendable {
        package let source: ScanRecording.Block.Source
        /// Where the word stands.
        package let address: Address
        /// The object whose count it made full; for a surplus reference that was passed on, that which got it.
        package let target: ObjectID
        /// What the word points into: another object than `target` when it passed the reference on (`excess_ref`).
        package let hit: ObjectID
        /// Bytes into `hit`.
        package let offset: UInt64
        package let count: Int32
        package let needed: Int32
        package let tick: Tick
    }

    /// A word that points at a white object, and what is wrong with it.
    package struct Obstacle: Equatable, Sendable {
        package let reference: Reference
        package let reason: Reason
        /// When the scan read it; nil when it did not.
        package let tick: Tick?
    }

    package enum Reason: String, CaseIterable, Sendable {
        case isInTheObjectItself = "it stands in the object itself"
        case holderIsWhite = "its holder is white itself, and never scanned"
        case holderHasNoScan = "its holder is NO_SCAN: contents are not read"
        case holderIsIgnored = "kmemleak ignores its holder"
        case isOutsideTheScanAreas = "it is outside of its holder's scan areas"
        case isOnAStackThatIsNotScanned = "stacks are not scanned (stack=off)"
        case isInMemoryNobodyScans = "no root and no tracked object is there: free or untracked memory"
        case isNotReadYet = "the scan has not come to it yet"
        case wasWrittenLater = "it was not there when the scan read its place"
        case countsButIsNotEnough = "it counts, but more references are needed"
        case isNotRead = "no word is read there: cut off at a chunk's or the block's end"
    }
}

extension Moment {
    /// Why the object has its colour at this moment.
    package func explanation(of id: ObjectID) -> Explanation {
        switch shade(of: id) {
        case .ignored: return .ignored
        case .white: return .white(count: count(of: id), needed: heap.objects.minCounts[id.index], obstacles(of: id))
        case .gray, .scanned:
            let (beginning, links) = chain(to: id)
            return .reached(from: beginning, links)
        }
    }

    // MARK: Reached

    /// The first event that greys an object names its parent, so the chain is a shortest one.
    private func chain(to id: ObjectID) -> (Explanation.Beginning, [Explanation.Link]) {
        var links: [Explanation.Link] = [], target = id
        while let link = link(to: target) {
            links.insert(link, at: 0)
            switch link.source {
            case .root(let number): return (.root(number), links)
            case .object(let parent): target = parent
            }
        }
        let isModified = recording.tickReached(target, around: tick).map { reached in
            if case .checksum(target) = Moment(recording: recording, tick: reached).step { true } else { false }
        }
        return (isModified == true ? .modified(target) : .needsNoReference(target), links)
    }

    /// The word that greyed an object; nil when no word did.
    private func link(to id: ObjectID) -> Explanation.Link? {
        guard let reached = recording.tickReached(id, around: tick) else { return nil }
        let then = Moment(recording: recording, tick: reached)
        guard let verdict = then.verdict, let block = then.block,
            let change = then.changes.first(where: { $0.target == id }), let hit = verdict.hits.first(where: { $0.leads(to: id) })
        else { return nil }
        return Explanation.Link(
            source: block.source, address: verdict.address, target: id, hit: hit.target, offset: hit.offset, count: change.count,
            needed: heap.objects.minCounts[id.index], tick: reached)
    }

    // MARK: White

    private func obstacles(of id: ObjectID) -> [Explanation.Obstacle] {
        let all = heap.references(to: id, index).map { reference in
            let read = tickRead(reference)
            return Explanation.Obstacle(reference: reference, reason: reason(reference, read), tick: read)
        }
        return all.enumerated().sorted { ($0.element.reference.holder.rank(heap), $0.offset) < ($1.element.reference.holder.rank(heap), $1.offset) }
            .map(\.element)
    }

    private func reason(_ reference: Reference, _ read: Tick?) -> Explanation.Reason {
        if let read {
            let then = Moment(recording: recording, tick: read)
            return then.changes.contains { $0.target == reference.target } ? .countsButIsNotEnough
                : then.verdict?.hits.contains { $0.leads(to: reference.target) } == true && reference.holder == .object(reference.target)
                ? .isInTheObjectItself : .wasWrittenLater
        }
        switch reference.holder {
        case .object(reference.target): return .isInTheObjectItself
        case .untracked: return .isInMemoryNobodyScans
        case .root(let number):
            let root = heap.roots[number]
            if root.kind == .stack, !heap.scansStacks { return .isOnAStackThatIsNotScanned }
            return isOver ? .isNotRead : .isNotReadYet
        case .object(let holder): return reason(in: holder, reference.address)
        }
    }

    private func reason(in holder: ObjectID, _ address: Address) -> Explanation.Reason {
        let flags = heap.objects.flags[holder.index]
        switch shade(of: holder) {
        case .white: return .holderIsWhite
        case .ignored: return .holderIsIgnored
        case .gray: return flags.contains(.noScan) ? .holderHasNoScan : .isNotReadYet
        case .scanned:
            if flags.contains(.noScan) { return .holderHasNoScan }
            let areas = heap.objects.areas[holder] ?? []
            let isRead = areas.isEmpty || flags.contains(.fullScan) || areas.contains { $0.contains(address) }
            return !isRead ? .isOutsideTheScanAreas : isOver ? .isNotRead : .isNotReadYet
        }
    }

    /// No word is read after this in the pass.
    private var isOver: Bool { phase == .report || phase == .suspects }

    /// When the cursor stood on the word in this pass, if it has come to it.
    private func tickRead(_ reference: Reference) -> Tick? {
        let begin = recording.passes[recording.passIndex(at: tick)].tick
        let word = AddressRange(start: reference.address, size: UInt64(heap.profile.wordSize))
        return recording.ticks(reading: word).last { $0 >= begin && $0 <= tick }
    }
}

extension Verdict.Hit {
    /// Whether its reference went to the object.
    fileprivate func leads(to id: ObjectID) -> Bool {
        if case .passedOn(let other, _, _) = outcome { return other == id }
        return target == id
    }
}

extension Reference.Holder {
    /// A named global is easier to read than a heap object, that than a stack.
    fileprivate func rank(_ heap: Heap) -> Int {
        switch self {
        case .root(let number): heap.roots[number].kind == .stack ? 2 : 0
        case .object: 1
        case .untracked: 3
        }
    }
}
