import HeapModel

/// `kmemleak.md`, section 2: what each hook does.
extension ReferenceKmemleak {
    mutating func call(_ hook: Hook, by caller: Caller) {
        let blame = Blame(pid: caller.pid, comm: comm(of: caller), trace: caller.backtrace.map(\.rawValue))
        guard style == .old else {
            perform(hook, blame)
            return
        }
        guard let hook = asOldKernelsHaveIt(hook) else { return }
        if logsEarly { note(hook, blame) } else { perform(hook, blame) }
    }

    private func comm(of caller: Caller) -> String {
        switch caller.context {
        case .task(_, let comm): comm
        case .hardirq: "hardirq"
        case .softirq: "softirq"
        }
    }

    /// The early log. Once kmemleak is disabled its calls are only counted.
    private mutating func note(_ hook: Hook, _ blame: Blame) {
        if case .updateTrace = hook { return }
        earlyCount += 1
        if isDisabled { return }
        if earlyCount > options.earlyLogSize { disable() } else { earlyLog.append((hook, blame)) }
    }

    /// 4.x: phys hooks are the ordinary ones for low memory, vmalloc is an alloc, transient_leak is not there yet.
    private func asOldKernelsHaveIt(_ hook: Hook) -> Hook? {
        switch hook {
        case .vmalloc(let range, _): .alloc(range, minCount: 2)
        case .allocPhys(let range, let minCount): virtual(range).map { .alloc($0, minCount: minCount) }
        case .freePartPhys(let range): virtual(range).map { .freePart($0) }
        case .ignorePhys(let address): virtual(AddressRange(start: address, size: 0)).map { .ignore($0.start) }
        case .transientLeak: nil
        default: hook
        }
    }

    /// nil outside low memory.
    private func virtual(_ range: AddressRange) -> AddressRange? {
        let frame = range.start.rawValue >> 12
        if let low = machine.low, frame < low.first || frame > low.last { return nil }
        return AddressRange(start: range.start + machine.physToVirt!, size: range.size)
    }

    /// Not NULL and not an error pointer.
    func isPointer(_ address: UInt64) -> Bool { address != 0 && address < 0xffff_ffff_ffff_f001 }

    mutating func perform(_ hook: Hook, _ blame: Blame) {
        switch hook {
        case .free(let address):
            let address = address.rawValue
            if isFreeEnabled, isPointer(address) { delete(address, .ordinary) }
        case .freePerCPU(let address):
            let address = address.rawValue
            if isFreeEnabled, isPointer(address) { freePerCPU(address) }
        default:
            if isEnabled { performEnabled(hook, blame) }
        }
    }

    private mutating func performEnabled(_ hook: Hook, _ blame: Blame) {
        switch hook {
        case .alloc(let range, let minCount):
            if isPointer(range.start.rawValue) { create(range.start.rawValue, range.size, minCount, .ordinary, blame) }
        case .allocPerCPU(let range):
            if isPointer(range.start.rawValue) { allocPerCPU(range.start.rawValue, range.size, blame) }
        case .vmalloc(let range, let area):
            create(range.start.rawValue, range.size, 2, .ordinary, blame)
            setExcess(of: area.rawValue, to: range.start.rawValue)
        case .allocPhys(let range, _):
            create(range.start.rawValue, range.size, 0, .phys, blame)
        case .freePart(let range):
            if isPointer(range.start.rawValue) { deletePart(range.start.rawValue, range.size, .ordinary, blame) }
        case .freePartPhys(let range):
            deletePart(range.start.rawValue, range.size, .phys, blame)
        case .notLeak(let address):
            if isPointer(address.rawValue) { paintGrey(address.rawValue) }
        case .ignore(let address):
            if isPointer(address.rawValue) { paintBlack(address.rawValue, .ordinary) }
        case .ignorePhys(let address):
            paintBlack(address.rawValue, .phys)
        case .noScan(let address):
            if isPointer(address.rawValue) { noScan(address.rawValue) }
        case .scanArea(let range):
            if isPointer(range.start.rawValue), range.size > 0 { addScanArea(range.start.rawValue, range.size) }
        case .transientLeak(let address):
            if style != .v6_1, isPointer(address.rawValue) { resetChecksum(address.rawValue) }
        case .updateTrace(let address):
            if isPointer(address.rawValue) { updateTrace(address.rawValue, blame) }
        case .free, .freePerCPU:
            break
        }
    }

    private var hasPerCPUTree: Bool { style == .current || style == .v2026 }

    private mutating func allocPerCPU(_ address: UInt64, _ size: UInt64, _ blame: Blame) {
        if hasPerCPUTree {
            create(address, size, 1, .perCPU, blame)
        } else {
            for offset in machine.perCPUOffsets { create(address &+ offset, size, 0, .ordinary, blame) }
        }
    }

    private mutating func freePerCPU(_ address: UInt64) {
        if hasPerCPUTree {
            delete(address, .perCPU)
        } else {
            for offset in machine.perCPUOffsets { delete(address &+ offset, .ordinary) }
        }
    }

    private mutating func setExcess(of area: UInt64, to block: UInt64) {
        guard let place = place(startingAt: area, .ordinary) else {
            warn("Setting excess_ref on unknown object at \(hex(area))")
            return
        }
        records[place].excess = block
    }

    private mutating func paintGrey(_ address: UInt64) {
        guard let place = place(startingAt: address, .ordinary) else {
            warn("Trying to color unknown object at \(hex(address)) as Grey")
            return
        }
        records[place].minCount = 0
    }

    private mutating func paintBlack(_ address: UInt64, _ tree: Tree) {
        guard let place = place(startingAt: address, tree) else {
            warn("Trying to color unknown object at \(hex(address)) as Black")
            return
        }
        records[place].minCount = -1
        records[place].flags |= Flag.noScan
    }

    private mutating func noScan(_ address: UInt64) {
        guard let place = place(startingAt: address, .ordinary) else {
            warn("Not scanning unknown object at \(hex(address))")
            return
        }
        records[place].flags |= Flag.noScan
    }

    private mutating func addScanArea(_ address: UInt64, _ size: UInt64) {
        guard let place = place(containing: address, .ordinary) else {
            warn("Adding scan area to unknown object at \(hex(address))")
            return
        }
        guard isSlabUp, !slabFails else {
            scanInFull(place)
            return
        }
        let end = records[place].pointer + records[place].size
        if size == .max {
            records[place].areas.insert((address, end - address), at: 0)
        } else if size > end - address {
            warn("Scan area larger than object \(hex(address))")
            dump(records[place])
        } else {
            records[place].areas.insert((address, size), at: 0)
        }
    }

    /// There is no memory for a scan area. Old kernels do not know FULL_SCAN, and say it every time.
    private mutating func scanInFull(_ place: Int) {
        if style == .old {
            say("Cannot allocate a scan area")
            return
        }
        if !saidNoScanArea { say("Cannot allocate a scan area, scanning the full object") }
        saidNoScanArea = true
        records[place].flags |= Flag.fullScan
    }

    /// What a new object starts with.
    private mutating func resetChecksum(_ address: UInt64) {
        guard let place = place(startingAt: address, .ordinary) else {
            warn("Not resetting the checksum of an unknown object at \(hex(address))")
            return
        }
        records[place].checksum = 0
    }

    private mutating func updateTrace(_ address: UInt64, _ blame: Blame) {
        guard let place = place(containing: address, .ordinary) else { return }
        records[place].trace = store(blame.trace)
    }
}
