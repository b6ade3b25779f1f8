import HeapModel

/// The hooks that allocators and the rest of the kernel call (`kmemleak.md`, section 2).
extension Kmemleak {
    /// Never fails; what is wrong with a call is told in the log.
    package mutating func call(_ hook: Hook, by caller: Caller) {
        if stage == .early, heap.profile.style.hasEarlyLog { logEarly(hook, caller) } else { perform(hook, caller) }
    }

    mutating func perform(_ hook: Hook, _ caller: Caller) {
        let isOn = heap.isEnabled, style = heap.profile.style
        switch hook {
        case .alloc(let range, let minCount):
            if isOn, range.start.isPointer { create(range, .virtual, minCount, caller) }
        case .allocPerCPU(let range):
            if isOn, range.start.isPointer { allocPerCPU(range, caller) }
        case .vmalloc(let range, let area):
            if isOn { vmalloc(range, area: area, caller) }
        case .allocPhys(let range, let minCount):
            if isOn { allocPhys(range, minCount, caller) }
        case .free(let start):
            if honoursFrees, start.isPointer { free(start, caller) }
        case .freePerCPU(let start):
            if honoursFrees, start.isPointer { freePerCPU(start, caller) }
        case .freePart(let range):
            if isOn, range.start.isPointer { freePart(range, .virtual, caller) }
        case .freePartPhys(let range):
            if isOn, let (place, kind) = physPlace(range) { freePart(place, kind, caller) }
        case .notLeak(let start):
            if isOn, start.isPointer { paint(start, .virtual, minCount: 0, caller) }
        case .ignore(let start):
            if isOn, start.isPointer { paint(start, .virtual, minCount: -1, caller) }
        case .ignorePhys(let start):
            if isOn, let (place, kind) = physPlace(AddressRange(start: start, size: 1)) {
                paint(place.start, kind, minCount: -1, caller)
            }
        case .noScan(let start):
            if isOn, start.isPointer { noScan(start, caller) }
        case .scanArea(let range):
            if isOn, range.start.isPointer, range.size > 0 { addScanArea(range, caller) }
        case .transientLeak(let start):
            if isOn, start.isPointer, style.hasTransientLeaks { resetChecksum(start, caller) }
        case .updateTrace(let address):
            if isOn, address.isPointer { updateTrace(address, caller) }
        }
    }

    // MARK: Allocations

    /// `create_object()`.
    mutating func create(_ range: AddressRange, _ kind: ObjectKind, _ minCount: Int32, _ caller: Caller) {
        guard let isPooled = takeRecord() else { return }
        link(range, kind, minCount, caller, isPooled: isPooled)
    }

    /// `__link_object()`: into the list and its tree, unless something is there.
    private mutating func link(
        _ range: AddressRange, _ kind: ObjectKind, _ minCount: Int32, _ caller: Caller, isPooled: Bool
    ) {
        if let other = index[kind].object(overlapping: range) {
            if isPooled { pool.giveBack() }
            warn("Cannot insert 0x\(String(range.start.rawValue, radix: 16)) into the object search tree (overlaps existing)", caller)
            disable()
            return logDump(of: other)
        }
        var object = TrackedObject(pointer: range.start, size: range.size, minCount: minCount, jiffies: heap.jiffies)
        object.flags.formUnion(kind.flags)
        object.checksum = heap.profile.style.firstChecksum
        object.pid = caller.pid
        object.comm = caller.comm
        object.trace = trace(of: caller)
        let id = heap.objects.append(object)
        index.insert(id, kind: kind, range: range)
        if isPooled { pool.lent.insert(.init(kind: kind, start: range.start)) }
    }

    private mutating func allocPerCPU(_ range: AddressRange, _ caller: Caller) {
        if heap.profile.style.hasPerCPUObjects { create(range, .percpu, 1, caller) } else {
            // A replay looks before each call; the loop over the CPUs does not.
            for offset in heap.perCPUOffsets ?? [] where heap.isEnabled || !isReplaying {
                create(AddressRange(start: range.start + offset, size: range.size), .virtual, 0, caller)
            }
        }
    }

    /// A min_count of 2: the vm_struct, too, holds the block's address.
    private mutating func vmalloc(_ range: AddressRange, area: Address, _ caller: Caller) {
        guard heap.profile.style.hasExcessReferences else { return perform(.alloc(range, minCount: 2), caller) }
        create(range, .virtual, 2, caller)
        guard let id = find(area, .virtual, caller: caller) else {
            return warn("Setting excess_ref on unknown object at \(area)", caller)
        }
        heap.objects.excessReferences[id.index] = range.start
    }

    private mutating func allocPhys(_ range: AddressRange, _ minCount: Int32, _ caller: Caller) {
        guard let (place, kind) = physPlace(range) else { return }
        create(place, kind, kind == .phys ? 0 : minCount, caller)
    }

    /// Where physical memory is tracked: in a tree of its own, or at its virtual address if it is low memory.
    func physPlace(_ range: AddressRange) -> (AddressRange, ObjectKind)? {
        if heap.profile.style.hasPhysObjects { return (range, .phys) }
        let frame = range.start.rawValue >> heap.pageShift
        guard let offset = heap.physToVirt, heap.lowPageFrames?.contains(frame) ?? true else { return nil }
        return (AddressRange(start: range.start + offset, size: range.size), .virtual)
    }

    // MARK: Frees

    /// `delete_object_full()`: an unknown block is nothing to talk about.
    private mutating func free(_ start: Address, _ caller: Caller) {
        if let id = find(start, .virtual, caller: caller) { remove(id) }
    }

    private mutating func freePerCPU(_ start: Address, _ caller: Caller) {
        if heap.profile.style.hasPerCPUObjects {
            if let id = find(start, .percpu, caller: caller) { remove(id) }
        } else {
            for offset in heap.perCPUOffsets ?? [] { free(start + offset, caller) }
        }
    }

    /// `delete_object_part()`: what is left of the block becomes one or two new objects, behind all others.
    private mutating func freePart(_ range: AddressRange, _ kind: ObjectKind, _ caller: Caller) {
        guard heap.profile.style.splitsWithCare else {
            guard let (rest, minCount, wasPooled) = cut(range, kind) else { return }
            for part in rest { create(part, kind, minCount, caller) }
            if wasPooled { pool.giveBack() }
            return
        }
        guard let left = takeRecord() else { return }
        var records = [left]
        // Without both of them all stays as it is.
        if let right = takeRecord() {
            records.append(right)
            if let (rest, minCount, wasPooled) = cut(range, kind) {
                for part in rest { link(part, kind, minCount, caller, isPooled: records.removeFirst()) }
                if wasPooled { pool.giveBack() }
            }
        }
        for isPooled in records where isPooled { pool.giveBack() }
    }

    /// Takes the object that contains the range's start off the list; what of it lies before and behind the range.
    private mutating func cut(
        _ range: AddressRange, _ kind: ObjectKind
    ) -> (rest: [AddressRange], minCount: Int32, wasPooled: Bool)? {
        guard let id = index[kind].object(containing: range.start) else { return nil }
        let whole = heap.objects.range(of: id), minCount = heap.objects.minCounts[id.index]
        let before = range.start - whole.start
        let after = whole.size - before > range.size ? whole.size - before - range.size : 0
        let rest = [AddressRange(start: whole.start, size: before), AddressRange(start: range.start + range.size, size: after)]
        return (rest.filter { $0.size > 0 }, minCount, unlink(id))
    }

    private mutating func remove(_ id: ObjectID) {
        if unlink(id) { pool.giveBack() }
    }

    /// Off the list and out of its tree; whether the record was the pool's.
    private mutating func unlink(_ id: ObjectID) -> Bool {
        let kind = ObjectKind(heap.objects.flags[id.index]), start = heap.objects.pointers[id.index]
        index.remove(id, kind: kind, start: start)
        if freedMeanwhile != nil {
            heap.objects.flags[id.index].remove(.allocated)
            freedMeanwhile?.append(id)
        } else {
            heap.objects.remove(id)
            index.closeGap(at: id)
        }
        return pool.lent.remove(.init(kind: kind, start: start)) != nil
    }

    // MARK: Annotations

    /// `paint_ptr()`.
    private mutating func paint(_ start: Address, _ kind: ObjectKind, minCount: Int32, _ caller: Caller) {
        guard let id = find(start, kind, caller: caller) else {
            return warn("Trying to color unknown object at \(start) as \(minCount == 0 ? "Grey" : "Black")", caller)
        }
        heap.objects.minCounts[id.index] = minCount
        if minCount == -1 { heap.objects.flags[id.index].insert(.noScan) }
    }

    private mutating func noScan(_ start: Address, _ caller: Caller) {
        guard let id = find(start, .virtual, caller: caller) else {
            return warn("Not scanning unknown object at \(start)", caller)
        }
        heap.objects.flags[id.index].insert(.noScan)
    }

    /// `add_scan_area()`.
    private mutating func addScanArea(_ range: AddressRange, _ caller: Caller) {
        guard let id = index.virtual.object(containing: range.start) else {
            return warn("Adding scan area to unknown object at \(range.start)", caller)
        }
        guard stage != .early, !slabFails else {
            guard heap.profile.style.hasFullScan else { return say("Cannot allocate a scan area") }
            sayOnce("Cannot allocate a scan area, scanning the full object")
            heap.objects.flags[id.index].insert(.fullScan)
            return
        }
        let whole = heap.objects.range(of: id)
        let room = whole.size - (range.start - whole.start)
        guard range.size <= room || range.size == .max else {
            warn("Scan area larger than object \(range.start)", caller)
            return logDump(of: id)
        }
        heap.objects.areas[id, default: []].insert(AddressRange(start: range.start, size: min(range.size, room)), at: 0)
    }

    /// `kmemleak_transient_leak()`: the next scan finds the contents changed.
    private mutating func resetChecksum(_ start: Address, _ caller: Caller) {
        guard let id = find(start, .virtual, caller: caller) else {
            return warn("Not resetting the checksum of an unknown object at \(start)", caller)
        }
        heap.objects.checksums[id.index] = 0
    }

    private mutating func updateTrace(_ address: Address, _ caller: Caller) {
        guard let id = index.virtual.object(containing: address) else { return }
        heap.objects.traces[id.index] = trace(of: caller)
    }

    /// `set_track_prepare()`: before `kmemleak_init()` there is no depot to put a trace into.
    private mutating func trace(of caller: Caller) -> TraceID? {
        stage == .early ? nil : heap.traces.insert(caller.backtrace)
    }

    /// `find_and_get_object()`: the object that starts at the address. One that only contains it is warned of and not
    /// found.
    mutating func find(_ address: Address, _ kind: ObjectKind, caller: Caller) -> ObjectID? {
        guard let id = index[kind].object(containing: address) else { return nil }
        if heap.objects.pointers[id.index] == address { return id }
        warn("Found object by alias at \(address)", caller)
        logDump(of: id)
        return nil
    }
}

extension Address {
    /// Neither NULL nor an error pointer (`IS_ERR()`: the last 4095 addresses).
    fileprivate var isPointer: Bool { rawValue != 0 && rawValue <= UInt64.max - 4095 }
}

extension ObjectKind {
    fileprivate var flags: ObjectFlags {
        switch self {
        case .virtual: []
        case .phys: .phys
        case .percpu: .perCPU
        }
    }
}
