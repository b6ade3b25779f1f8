/// The list of records: making, finding and removing them.
extension ReferenceKmemleak {
    /// Makes an object, unless there is no record for it or something stands there already; both end kmemleak.
    mutating func create(_ pointer: UInt64, _ size: UInt64, _ minCount: Int32, _ tree: Tree, _ blame: Blame) {
        guard let isFromPool = takeRecord() else { return }
        link(pointer, size, minCount, tree, blame, isFromPool)
    }

    private mutating func link(
        _ pointer: UInt64, _ size: UInt64, _ minCount: Int32, _ tree: Tree, _ blame: Blame, _ isFromPool: Bool
    ) {
        if let existing = overlapping(pointer, size, tree) {
            warn("Cannot insert 0x\(String(pointer, radix: 16)) into the object search tree (overlaps existing)")
            disable()
            dump(existing)
            if isFromPool { returnedPool += 1 }
            return
        }
        records.append(Record(
            pointer: pointer, size: size, minCount: minCount, flags: Flag.allocated | tree.rawValue,
            checksum: style == .v2026 ? 0xffff_ffff : 0, jiffies: jiffies, pid: blame.pid,
            comm: String(decoding: blame.comm.utf8.prefix(15), as: UTF8.self), trace: store(blame.trace),
            isFromPool: isFromPool))
    }

    /// At most 16 frames; none before kmemleak has started, but for those of the early log.
    mutating func store(_ trace: [UInt64]) -> [UInt64] {
        let kept = isSlabUp ? Array(trace.prefix(16)) : []
        if !kept.isEmpty, !depot.contains(kept) { depot.append(kept) }
        return kept
    }

    /// The lowest one, should there be several.
    private func overlapping(_ pointer: UInt64, _ size: UInt64, _ tree: Tree) -> Record? {
        records.filter { $0.flags & 0x30 == tree.rawValue }
            .filter { !(pointer + size <= $0.pointer || $0.pointer + $0.size <= pointer) }
            .min { $0.pointer < $1.pointer }
    }

    // MARK: Memory of kmemleak's own

    /// A record from the slab, or from the pool (true); nil when there is none, which ends kmemleak.
    private mutating func takeRecord() -> Bool? {
        if isSlabUp, !slabFails { return false }
        if returnedPool > 0 {
            returnedPool -= 1
            return true
        }
        if freshPool > 0 {
            freshPool -= 1
            return true
        }
        if style != .old, !saidPoolEmpty {
            saidPoolEmpty = true
            say("Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE")
        }
        say("Cannot allocate a kmemleak_object structure")
        disable()
        return nil
    }

    // MARK: Looking up

    /// The record that contains an address.
    func place(containing address: UInt64, _ tree: Tree) -> Int? {
        for place in records.indices where records[place].flags & 0x30 == tree.rawValue {
            if address >= records[place].pointer, address - records[place].pointer < records[place].size { return place }
        }
        return nil
    }

    /// The record that starts at an address; warns when the address lies inside of one.
    mutating func place(startingAt address: UInt64, _ tree: Tree) -> Int? {
        guard let place = place(containing: address, tree) else { return nil }
        if records[place].pointer == address { return place }
        warn("Found object by alias at \(hex(address))")
        dump(records[place])
        return nil
    }

    // MARK: Removing

    mutating func remove(at place: Int) {
        if records[place].isFromPool { returnedPool += 1 }
        records.remove(at: place)
    }

    mutating func removeAll() {
        while !records.isEmpty { remove(at: 0) }
    }

    mutating func delete(_ address: UInt64, _ tree: Tree) {
        if let place = place(startingAt: address, tree) { remove(at: place) }
    }

    /// Up to two new objects for what is left, at the list's tail.
    mutating func deletePart(_ address: UInt64, _ size: UInt64, _ tree: Tree, _ blame: Blame) {
        if style == .current || style == .v2026 {
            deletePartWithRecordsAtHand(address, size, tree, blame)
            return
        }
        guard let place = place(containing: address, tree) else { return }
        let whole = records.remove(at: place)
        for (start, size) in remains(of: whole, without: address, size) {
            create(start, size, whole.minCount, tree, blame)
        }
        if whole.isFromPool { returnedPool += 1 }
    }

    /// Later kernels take both records before they look, and leave all as it is when they cannot have them.
    private mutating func deletePartWithRecordsAtHand(_ address: UInt64, _ size: UInt64, _ tree: Tree, _ blame: Blame) {
        var atHand: [Bool] = []
        for _ in 1...2 {
            guard let isFromPool = takeRecord() else { break }
            atHand.append(isFromPool)
        }
        if atHand.count == 2, let place = place(containing: address, tree) {
            let whole = records.remove(at: place)
            for (start, size) in remains(of: whole, without: address, size) {
                link(start, size, whole.minCount, tree, blame, atHand.removeFirst())
            }
            if whole.isFromPool { returnedPool += 1 }
        }
        for isFromPool in atHand where isFromPool { returnedPool += 1 }
    }

    private func remains(of whole: Record, without address: UInt64, _ size: UInt64) -> [(start: UInt64, size: UInt64)] {
        let end = whole.pointer + whole.size
        var remains: [(start: UInt64, size: UInt64)] = []
        if address > whole.pointer { remains.append((whole.pointer, address - whole.pointer)) }
        if address + size < end { remains.append((address + size, end - address - size)) }
        return remains
    }
}
