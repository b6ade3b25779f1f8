import HeapModel

/// kmemleak, slow and obvious: written from `kmemleak.md` alone, to be compared with `Kmemleak`.
///
/// A list of records that is walked for everything, bytes in a dictionary, texts put together where they are said.
struct ReferenceKmemleak {
    struct Record {
        var start, size: UInt64
        var needs, count: Int
        var kind: ObjectKind
        var isAllocated = true, isReported = false, isUnscanned = false, isFull = false, isSuspect = false
        var excess: UInt64 = 0
        var checksum: UInt32
        var unrefScans = 0
        var areas: [(start: UInt64, size: UInt64)] = []
        var born: UInt64
        var pid: Int
        var comm: String
        var trace: [UInt64]
        var isPooled: Bool

        // Section 3.
        var isWhite: Bool { count != -1 && count < needs }
        var isGray: Bool { needs != -1 && count >= needs }

        var flags: UInt32 {
            [(isAllocated, 1), (isReported, 2), (isUnscanned, 4), (isFull, 8), (kind == .phys, 0x10), (kind == .percpu, 0x20), (isSuspect, 0x40)]
                .reduce(0) { $0 | ($1.0 ? UInt32($1.1) : 0) }
        }

        func contains(_ address: UInt64) -> Bool { address >= start && address - start < size }
    }

    struct Line: Equatable {
        let time: UInt64
        let text: String
    }

    let style: KernelProfile.Style
    let hz: UInt64 = 250
    let options: BootOptions
    var bytes: [UInt64: UInt8]
    /// In the order of a scan.
    var roots: [Root]
    let perCPUOffsets: [UInt64], physToVirt: UInt64, lowPages: ClosedRange<UInt64>?

    var list: [Record] = []
    var log: [Line] = []
    /// Microseconds since boot.
    var now: UInt64 = 0
    var lastScan: UInt64?
    var stage = 0
    var isOn = true, takesFrees = true, cleanupWaits = false, foundLeaks = false, scansStacks = true, slabFails = false
    var early: [(Hook, Caller)] = [], earlyCount = 0
    var poolLeft: Int, poolBack = 0, saidPoolEmpty = false, saidNoArea = false
    var threadRuns = false, waitsFirst = false, period: UInt64? = 600_000_000, nextScan: UInt64?
    var scans = 0

    var jiffies: UInt64 { (1 << 32) - 300 * hz + now / 1_000_000 * hz + now % 1_000_000 * hz / 1_000_000 }

    init(style: KernelProfile.Style, options: BootOptions, heap: Heap) {
        self.style = style
        self.options = options
        bytes = [:]
        for segment in heap.memory.segments { for offset in 0..<segment.count { bytes[segment.start + offset] = 0 } }
        roots = heap.roots
        perCPUOffsets = heap.perCPUOffsets ?? []
        physToVirt = heap.physToVirt ?? 0
        lowPages = heap.lowPageFrames
        poolLeft = options.memoryPoolSize
        if options.commandLine == "off" { disable() } else if let text = options.commandLine, text != "on" {
            log.append(Line(time: 0, text: "Malformed early option 'kmemleak'"))
        }
    }

    mutating func say(_ text: String) { log.append(Line(time: now, text: "kmemleak: " + text)) }

    /// A warning brings a stack dump, of which only the head is told here.
    mutating func warn(_ text: String, _ caller: Caller) {
        say(text)
        log.append(Line(time: now, text: "CPU: 0 PID: \(caller.pid) Comm: \(caller.comm.string) Not tainted test #1"))
        log.append(Line(time: now, text: "Call Trace:"))
        for frame in caller.backtrace { log.append(Line(time: now, text: " " + Self.frame(frame.rawValue))) }
    }

    static func frame(_ address: UInt64) -> String {
        let digits = String(address, radix: 16)
        return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    static func hex(_ address: UInt64) -> String {
        let digits = String(address, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    // MARK: Section 2

    mutating func hook(_ hook: Hook, _ caller: Caller) {
        if stage == 0, style == .old {
            earlyCount += 1
            if isOn { if early.count < options.earlyLogSize { early.append((hook, caller)) } else { disable() } }
        } else {
            act(hook, caller)
        }
    }

    private mutating func act(_ hook: Hook, _ caller: Caller) {
        func isPointer(_ address: Address) -> Bool { address.rawValue != 0 && address.rawValue < UInt64.max - 4094 }
        switch hook {
        case .alloc(let range, let needs):
            if isOn, isPointer(range.start) { create(range.start.rawValue, range.size, Int(needs), .virtual, caller) }
        case .allocPerCPU(let range):
            guard isOn, isPointer(range.start) else { return }
            if style == .current || style == .v2026 { return create(range.start.rawValue, range.size, 1, .percpu, caller) }
            for offset in perCPUOffsets where isOn { create(range.start.rawValue &+ offset, range.size, 0, .virtual, caller) }
        case .vmalloc(let range, let area):
            guard isOn else { return }
            create(range.start.rawValue, range.size, 2, .virtual, caller)
            guard style != .old else { return }
            guard let place = starting(area.rawValue, .virtual, caller) else {
                return warn("Setting excess_ref on unknown object at \(Self.hex(area.rawValue))", caller)
            }
            list[place].excess = range.start.rawValue
        case .allocPhys(let range, let needs):
            guard isOn else { return }
            if style != .old { return create(range.start.rawValue, range.size, 0, .phys, caller) }
            guard isLow(range.start.rawValue) else { return }
            create(range.start.rawValue &+ physToVirt, range.size, Int(needs), .virtual, caller)
        case .free(let start):
            if takesFrees, isPointer(start), let place = starting(start.rawValue, .virtual, caller) { drop(place) }
        case .freePerCPU(let start):
            guard takesFrees, isPointer(start) else { return }
            if style == .current || style == .v2026 {
                if let place = starting(start.rawValue, .percpu, caller) { drop(place) }
            } else {
                for offset in perCPUOffsets {
                    if let place = starting(start.rawValue &+ offset, .virtual, caller) { drop(place) }
                }
            }
        case .freePart(let range):
            if isOn, isPointer(range.start) { freePart(range.start.rawValue, range.size, .virtual, caller) }
        case .freePartPhys(let range):
            guard isOn else { return }
            if style != .old { return freePart(range.start.rawValue, range.size, .phys, caller) }
            if isLow(range.start.rawValue) { freePart(range.start.rawValue &+ physToVirt, range.size, .virtual, caller) }
        case .notLeak(let start): if isOn, isPointer(start) { paint(start.rawValue, 0, "Grey", .virtual, caller) }
        case .ignore(let start): if isOn, isPointer(start) { paint(start.rawValue, -1, "Black", .virtual, caller) }
        case .ignorePhys(let start):
            guard isOn else { return }
            if style != .old { return paint(start.rawValue, -1, "Black", .phys, caller) }
            if isLow(start.rawValue) { paint(start.rawValue &+ physToVirt, -1, "Black", .virtual, caller) }
        case .noScan(let start):
            guard isOn, isPointer(start) else { return }
            guard let place = starting(start.rawValue, .virtual, caller) else {
                return warn("Not scanning unknown object at \(Self.hex(start.rawValue))", caller)
            }
            list[place].isUnscanned = true
        case .scanArea(let range):
            guard isOn, isPointer(range.start), range.size > 0 else { return }
            scanArea(range.start.rawValue, range.size, caller)
        case .transientLeak(let start):
            guard isOn, isPointer(start), style == .current || style == .v2026 else { return }
            guard let place = starting(start.rawValue, .virtual, caller) else {
                return warn("Not resetting the checksum of an unknown object at \(Self.hex(start.rawValue))", caller)
            }
            list[place].checksum = 0
        case .updateTrace(let address):
            guard isOn, isPointer(address), let place = containing(address.rawValue, .virtual) else { return }
            list[place].trace = caller.backtrace.prefix(16).map(\.rawValue)
        }
    }

    private func isLow(_ address: UInt64) -> Bool { lowPages.map { address / 4096 <= $0.upperBound } ?? true }

    func containing(_ address: UInt64, _ kind: ObjectKind) -> Int? {
        list.firstIndex { $0.kind == kind && $0.isAllocated && $0.contains(address) }
    }

    /// A look-up that must hit the start.
    private mutating func starting(_ address: UInt64, _ kind: ObjectKind, _ caller: Caller) -> Int? {
        guard let place = containing(address, kind) else { return nil }
        if list[place].start == address { return place }
        warn("Found object by alias at \(Self.hex(address))", caller)
        dump(place)
        return nil
    }

    private mutating func create(_ start: UInt64, _ size: UInt64, _ needs: Int, _ kind: ObjectKind, _ caller: Caller) {
        var isPooled = false
        if stage == 0 || slabFails {
            if style == .old {
                say("Cannot allocate a kmemleak_object structure")
                return disable()
            }
            if poolBack > 0 { poolBack -= 1 } else if poolLeft > 0 { poolLeft -= 1 } else {
                if !saidPoolEmpty { say("Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE") }
                saidPoolEmpty = true
                say("Cannot allocate a kmemleak_object structure")
                return disable()
            }
            isPooled = true
        }
        // Of several that overlap, the lowest.
        let overlapping = list.indices.filter { index in
            let other = list[index]
            return other.kind == kind && other.isAllocated && start < other.start + other.size && other.start < start + size
        }.min { list[$0].start < list[$1].start }
        if let overlapping {
            if isPooled { poolBack += 1 }
            warn("Cannot insert 0x\(String(start, radix: 16)) into the object search tree (overlaps existing)", caller)
            disable()
            return dump(overlapping)
        }
        list.append(Record(
            start: start, size: size, needs: needs, count: 0, kind: kind, checksum: style == .v2026 ? 0xffff_ffff : 0, born: jiffies,
            pid: Int(caller.pid), comm: caller.comm.string, trace: caller.backtrace.prefix(16).map(\.rawValue), isPooled: isPooled))
    }

    private mutating func drop(_ place: Int) {
        if list[place].isPooled { poolBack += 1 }
        list.remove(at: place)
    }

    private mutating func freePart(_ start: UInt64, _ size: UInt64, _ kind: ObjectKind, _ caller: Caller) {
        guard let place = containing(start, kind) else { return }
        let old = list[place]
        drop(place)
        if start > old.start { create(old.start, start - old.start, old.needs, kind, caller) }
        let end = old.start + old.size
        if size < end - start, isOn { create(start + size, end - start - size, old.needs, kind, caller) }
    }

    private mutating func paint(_ start: UInt64, _ needs: Int, _ name: String, _ kind: ObjectKind, _ caller: Caller) {
        guard let place = starting(start, kind, caller) else {
            return warn("Trying to color unknown object at \(Self.hex(start)) as \(name)", caller)
        }
        list[place].needs = needs
        if needs == -1 { list[place].isUnscanned = true }
    }

    private mutating func scanArea(_ start: UInt64, _ size: UInt64, _ caller: Caller) {
        guard let place = containing(start, .virtual) else {
            return warn("Adding scan area to unknown object at \(Self.hex(start))", caller)
        }
        if stage == 0 || slabFails {
            if !saidNoArea { say("Cannot allocate a scan area, scanning the full object") }
            saidNoArea = true
            list[place].isFull = true
            return
        }
        let room = list[place].start + list[place].size - start
        if size == .max { list[place].areas.insert((start, room), at: 0) } else if size <= room {
            list[place].areas.insert((start, size), at: 0)
        } else {
            warn("Scan area larger than object \(Self.hex(start))", caller)
            dump(place)
        }
    }

    // MARK: Section 8

    mutating func initialize() {
        guard stage == 0 else { return }
        stage = 1
        if options.isDefaultOff, options.commandLine != "on" { return disable() }
        if style == .old {
            if earlyCount > options.earlyLogSize {
                say("Early log buffer exceeded (\(earlyCount)), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE")
            }
            for (hook, caller) in early where isOn {
                act(hook, Caller(.task(pid: 0, comm: "swapper/0"), backtrace: caller.backtrace))
            }
        } else if isOn {
            let sections = roots.filter { $0.kind == .data || $0.kind == .bss }
            roots.removeAll { $0.kind == .data || $0.kind == .bss }
            for section in sections where isOn {
                create(section.range.start.rawValue, section.range.size, 0, .virtual, Caller(.task(pid: 0, comm: "swapper")))
            }
        }
    }

    mutating func initializeLate() {
        guard stage == 1 else { return }
        stage = 2
        guard isOn else {
            cleanupWaits = true
            return cleanUp()
        }
        say("Kernel memory leak detector initialized" + (style == .old ? "" : " (mem pool available: \(poolLeft))"))
        if style == .old || options.autoScan {
            waitsFirst = true
            startThread()
        }
    }

    mutating func disable() {
        guard isOn else { return }
        isOn = false
        if stage == 2 { cleanupWaits = true } else { takesFrees = false }
        say("Kernel memory leak detector disabled")
    }

    mutating func cleanUp() {
        guard cleanupWaits else { return }
        cleanupWaits = false
        endThread()
        takesFrees = false
        if foundLeaks {
            say("Kmemleak disabled without freeing internal data. "
                + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".")
        } else {
            list = []
        }
    }

    // MARK: The clock and the thread

    mutating func wait(until time: UInt64) {
        if time > now { cleanUp() }
        while let due = nextScan, due <= time {
            now = max(now, due)
            scan()
            nextScan = threadRuns ? period.map { now + $0 } : nil
        }
        now = max(now, time)
    }

    private mutating func startThread() {
        guard !threadRuns else { return }
        threadRuns = true
        say("Automatic memory scanning thread started")
        if waitsFirst {
            waitsFirst = false
            nextScan = now + 60_000_000
        } else {
            scan()
            nextScan = period.map { now + $0 }
        }
    }

    private mutating func endThread() {
        guard threadRuns else { return }
        threadRuns = false
        nextScan = nil
        say("Automatic memory scanning thread ended")
    }

    // MARK: Section 6

    /// The errno, or nil.
    mutating func write(_ text: String) -> Int32? {
        defer { cleanUp() }
        let taken = String(decoding: Array(text.utf8.prefix(63)), as: UTF8.self)
        if taken.hasPrefix("clear") {
            if isOn {
                for place in list.indices where list[place].isReported && isUnreferenced(list[place]) { list[place].needs = 0 }
            } else {
                list = []
            }
            foundLeaks = false
            return nil
        }
        guard isOn else { return style == .old ? 16 : 1 }
        if taken.hasPrefix("off") { disable() } else if taken.hasPrefix("stack=on") { scansStacks = true }
        else if taken.hasPrefix("stack=off") { scansStacks = false } else if taken.hasPrefix("scan=on") { startThread() }
        else if taken.hasPrefix("scan=off") { endThread() } else if taken.hasPrefix("scan=") {
            guard let seconds = Self.number(taken.dropFirst(5)) else { return 22 }
            guard seconds <= 4_294_967_295 else { return 34 }
            endThread()
            guard seconds > 0 else { return nil }
            period = seconds >= 2_147_484 ? nil : UInt64(seconds) * 1_000_000
            startThread()
        } else if taken.hasPrefix("scan") { scan() } else if taken.hasPrefix("dump=") {
            guard let value = Self.number(taken.dropFirst(5)), value <= UInt64.max else { return 22 }
            return dumpCommand(UInt64(value))
        } else { return 22 }
        return nil
    }

    /// Wide enough for all that is compared; still larger numbers stay at the top.
    private static func number(_ text: Substring) -> UInt128? {
        var digits = text
        if digits.hasPrefix("+") { digits = digits.dropFirst() }
        if digits.hasSuffix("\n") { digits = digits.dropLast() }
        let isHex = digits.hasPrefix("0x") || digits.hasPrefix("0X")
        let base: UInt128 = isHex ? 16 : digits.hasPrefix("0") ? 8 : 10
        let rest = isHex ? digits.dropFirst(2) : digits
        guard !rest.isEmpty else { return nil }
        var value: UInt128 = 0
        for character in rest {
            guard character.isASCII, let digit = character.hexDigitValue, digit < base else { return nil }
            value = min(value * base + UInt128(digit), 1 << 100)
        }
        return value
    }

    private mutating func dumpCommand(_ address: UInt64) -> Int32? {
        let anyByte = style == .current || style == .v2026
        let place: Int?
        if anyByte {
            place = containing(address, .virtual) ?? containing(address, .percpu) ?? containing(address, .phys)
        } else {
            place = starting(address, .virtual, Caller(.task(pid: 1, comm: "sh")))
        }
        guard let place else {
            say("Unknown object at \(Self.hex(address))")
            return 22
        }
        dump(place)
        return nil
    }
}
