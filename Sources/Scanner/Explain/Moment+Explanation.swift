import HeapModel

extension Moment {
    /// Why the object has its colour at this moment.
    ///
    /// - Parameter referrers: of the moment's heap, where it is at hand.
    /// - Complexity: O(bytes held), with `referrers`, O(stretches of memory that point at it); and O(length of the chains)
    /// - Precondition: the object has a row in the moment's heap.
    package func explanation(of id: ObjectID, _ referrers: ReferrerIndex? = nil) -> Explanation {
        guard heap.objects.flags[id.index].contains(.allocated) else { return .freed }
        switch shade(of: id) {
        case .ignored: return .ignored
        case .white:
            return .white(
                count: count(of: id), needed: heap.objects.minCounts[id.index], Obstacles(of: id, at: self, referrers).all)
        case .gray, .scanned:
            let way = chain(to: id)
            return way.beginning == .needsNoReference(id) ? .needsNoReference : .reached(Chains(to: id, by: way, at: self, referrers).all)
        }
    }

    /// The event that makes an object gray names its parent: the block being scanned. As blocks are scanned in the order in
    /// which they were reached, no chain is shorter where one reference is enough.
    func chain(to id: ObjectID) -> (beginning: Explanation.Beginning, links: [Explanation.Link]) {
        var links: [Explanation.Link] = [], first = id
        while let link = link(to: first) {
            links.append(link)
            switch link.reference.holder {
            case .object(let parent): first = parent
            case .root(let root): return (.root(root), links.reversed())
            case .freed, .untracked: preconditionFailure("a scan reads roots and objects")
            }
        }
        return (wasModified(first) ? .modified(first) : .needsNoReference(first), links.reversed())
    }

    private func wasModified(_ id: ObjectID) -> Bool {
        guard let reached = recording.tickReached(id, around: tick) else { return false }
        if case .checksum = Moment(recording: recording, tick: reached).step { return true }
        return false
    }

    /// The word that made an object gray; nil when no word did.
    private func link(to id: ObjectID) -> Explanation.Link? {
        guard let reached = recording.tickReached(id, around: tick), reached <= tick,
            case let then = Moment(recording: recording, tick: reached), let counted = then.counted(for: id)
        else { return nil }
        return Explanation.Link(
            reference: counted.reference, target: id, count: counted.count, needed: then.heap.objects.minCounts[id.index],
            tick: reached)
    }

    /// The word examined by this step as a reference that was counted for an object, and the count it made.
    func counted(for id: ObjectID) -> (reference: Reference, count: Int32)? {
        guard let verdict, let source = block?.source, let change = changes.first(where: { $0.target == id }),
            let hit = verdict.hits.first(where: { $0.counted(for: id) })
        else { return nil }
        let word = (verdict.address, verdict.word)
        return (Reference(word, to: hit.target, in: recording.holder(of: source), of: heap), change.count)
    }
}

extension Verdict.Hit {
    fileprivate func counted(for id: ObjectID) -> Bool {
        switch outcome {
        case .counted: target == id
        case .passedOn(let other, _, _): other == id
        case .selfReference, .ignored, .alreadyGray: false
        }
    }
}

extension ScanRecording {
    func holder(of source: Block.Source) -> Reference.Holder {
        switch source {
        case .root(let number): .root(roots[number])
        case .object(let id): .object(id)
        }
    }
}
