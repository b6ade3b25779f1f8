import HeapModel

/// kmemleak at work on a heap: what can be written to its control file, what reading it gives, and its log lines.
package struct Kmemleak: Sendable {
    package private(set) var heap: Heap
    /// The kernel log: what was there before, and what kmemleak added.
    package private(set) var log: [LogLine]
    /// Time since boot; `heap.jiffies` is the same, cut to jiffies.
    package private(set) var uptime: Microseconds
    /// The last scan; nil before the first.
    package private(set) var recording: ScanRecording?
    /// How many scans there were.
    package private(set) var scanCount = 0
    /// When the automatic thread will scan next; nil when it does not run, or waits for ever.
    package private(set) var nextAutomaticScan: Microseconds?
    package private(set) var isAutomatic = false
    /// Whether leaks were found since the last `clear`.
    package private(set) var hasFoundLeaks: Bool

    /// Between automatic scans (SECS_SCAN_WAIT), until `scan=N` changes it.
    private var period = Microseconds(600_000_000)
    /// A period this long, in seconds, means one scan and then never again.
    private static let endlessPeriod: UInt32 = 2_147_484

    package init(_ heap: Heap, log: [LogLine] = [], uptime: Microseconds? = nil) {
        self.heap = heap
        self.log = log
        self.uptime = uptime ?? heap.jiffies.uptime(hz: heap.profile.hz)
        hasFoundLeaks = !heap.reportedLeaks.isEmpty
    }

    /// What reading the control file gives. Reading never scans.
    package func read() -> String { ReportWriter(heap).report() }

    /// Writes a command to the control file.
    ///
    /// - Throws: what the writer gets for an errno. Log lines may have been added all the same.
    package mutating func write(_ text: String) throws(ControlError) {
        // While disabled, only `clear` is looked at; all else fails before it is read.
        guard heap.isEnabled || text.utf8.starts(with: "clear".utf8) else {
            throw heap.profile.style == .old ? .busy : .notPermitted
        }
        try write(ControlCommand(parsing: text))
    }

    package mutating func write(_ command: ControlCommand) throws(ControlError) {
        guard heap.isEnabled || command == .clear else {
            throw heap.profile.style == .old ? .busy : .notPermitted
        }
        switch command {
        case .clear: clear()
        case .off: disable()
        case .stack(let on): heap.scansStacks = on
        case .automatic(true): startThread()
        case .automatic(false): stopThread()
        case .period(let seconds): setPeriod(seconds)
        case .scan: scan()
        case .dump(let address): try dump(address)
        }
    }

    /// Moves the clock; automatic scans that fall due on the way take place at their time.
    package mutating func advance(by span: Microseconds) { advance(to: Microseconds(uptime.rawValue + span.rawValue)) }

    /// Moves the clock to a time since boot; it never goes back.
    package mutating func advance(to target: Microseconds) {
        while let due = nextAutomaticScan, due <= target {
            setClock(max(due, uptime))
            automaticScan()
        }
        setClock(max(target, uptime))
    }

    private mutating func setClock(_ time: Microseconds) {
        // Relative, since a capture's jiffies need not be an exact uptime.
        let hz = heap.profile.hz
        let ticks = time.rawValue * hz / 1_000_000 - uptime.rawValue * hz / 1_000_000
        heap.jiffies = heap.jiffies + ticks
        uptime = time
    }

    // MARK: The commands

    private mutating func scan() {
        let recording = Scan.run(heap)
        heap = recording.outcome
        self.recording = recording
        scanCount += 1
        guard !recording.leaks.isEmpty else { return }
        hasFoundLeaks = true
        say("\(recording.leaks.count) new suspected memory leaks (see /sys/kernel/debug/kmemleak)")
    }

    /// `kmemleak_clear()`: what is reported and still unreferenced becomes gray for good; while disabled, all goes.
    private mutating func clear() {
        if heap.isEnabled {
            for id in heap.reportedLeaks { heap.objects.minCounts[id.index] = 0 }
        } else {
            heap.objects = ObjectTable()
        }
        hasFoundLeaks = false
    }

    /// `kmemleak_disable()` and the cleanup work that follows it.
    private mutating func disable() {
        heap.isEnabled = false
        say("Kernel memory leak detector disabled")
        stopThread()
        if hasFoundLeaks {
            say("Kmemleak disabled without freeing internal data. "
                + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".")
        } else {
            heap.objects = ObjectTable()
        }
    }

    /// `dump_str_object_info()`. Up to 6.1 the address must be the object's start; later any byte of it will do.
    private mutating func dump(_ address: Address) throws(ControlError) {
        let index = ObjectIndex(heap.objects)
        let writer = ReportWriter(heap)
        let takesAlias = heap.profile.style.dumpsByAnyByte
        guard let id = takesAlias ? index.object(containing: address) : index.virtual.object(containing: address) else {
            say("Unknown object at \(address)")
            throw .invalidArgument
        }
        let isAlias = !takesAlias && heap.objects.pointers[id.index] != address
        if isAlias {
            say("Found object by alias at \(address)")
            logCallersStack()
        }
        for line in writer.dump(of: id) { log.append(LogLine(time: uptime, text: line.logged)) }
        if isAlias {
            say("Unknown object at \(address)")
            throw .invalidArgument
        }
    }

    /// The stack dump behind a warning, of whoever writes to the control file; without offsets, which a simulation
    /// does not have.
    private mutating func logCallersStack() {
        let lines = ["CPU: 0 PID: 1 Comm: sh Not tainted \(heap.profile.release)", "Call Trace:"]
            + ["lookup_object", "find_and_get_object", "kmemleak_write", "vfs_write", "ksys_write"].map { " " + $0 }
        log += lines.map { LogLine(time: uptime, text: $0) }
    }

    // MARK: The automatic thread

    private mutating func startThread() {
        guard !isAutomatic else { return }
        isAutomatic = true
        say("Automatic memory scanning thread started")
        automaticScan()
    }

    private mutating func stopThread() {
        guard isAutomatic else { return }
        isAutomatic = false
        nextAutomaticScan = nil
        say("Automatic memory scanning thread ended")
    }

    private mutating func setPeriod(_ seconds: UInt32) {
        stopThread()
        guard seconds > 0 else { return }
        period = Microseconds(UInt64(seconds) * 1_000_000)
        startThread()
    }

    private mutating func automaticScan() {
        scan()
        nextAutomaticScan = period.rawValue / 1_000_000 >= Self.endlessPeriod
            ? nil : Microseconds(uptime.rawValue + period.rawValue)
    }

    private mutating func say(_ message: String) {
        log.append(LogLine(time: uptime, text: "kmemleak: " + message))
    }
}
