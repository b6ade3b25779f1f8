import HeapModel

/// kmemleak at work: the hooks that the kernel calls, the control file, the automatic thread, and the lines it logs.
package struct Kmemleak: Sendable {
    /// What kmemleak looks at. The rest of the kernel may change all of it but the objects.
    package var heap: Heap
    /// Address to object, kept in step with `heap.objects`.
    package internal(set) var index: ObjectIndex
    /// The kernel log: what was there before, and what kmemleak and the kernel added.
    package internal(set) var log: [LogLine]
    /// Time since boot; `heap.jiffies` is the same, cut to jiffies.
    package internal(set) var uptime: Microseconds
    /// The last scan; nil before the first.
    package private(set) var recording: ScanRecording?
    /// How many scans there were.
    package private(set) var scanCount = 0
    /// Whether leaks were found since the last `clear`.
    package private(set) var hasFoundLeaks: Bool
    package let options: BootOptions
    package internal(set) var thread = ScanThread()

    /// How far the kernel has booted.
    package internal(set) var stage: Stage
    /// The kernel is short of memory: kmemleak's own allocations fail.
    package var slabFails = false
    var pool: MemoryPool
    var earlyLog = EarlyLog()
    /// Whether calls come from the early log.
    var isReplaying = false
    /// Whether frees are still honoured (`kmemleak_free_enabled`).
    var honoursFrees = true
    /// Work that a disable has scheduled (`cleanup_work`).
    var isCleanupPending = false
    /// Messages that are printed once.
    var saidOnce: Set<String> = []
    /// nil: no scan is under way. Else what was freed since it began: it keeps its row until the scan's end.
    var freedMeanwhile: [ObjectID]?

    /// Whether a scan is under way.
    package var isScanning: Bool { freedMeanwhile != nil }

    package enum Stage: Comparable, Sendable {
        /// Before `kmemleak_init()`.
        case early
        /// After `kmemleak_init()`.
        case started
        /// After `kmemleak_late_init()`: the control file is there.
        case ready
    }

    /// kmemleak on a heap as it stands, long after boot.
    /// - Parameter index: of the heap's objects, where it is at hand.
    package init(_ heap: Heap, index: ObjectIndex? = nil, log: [LogLine] = [], uptime: Microseconds? = nil) {
        self.init(heap, BootOptions(), stage: .ready, index: index)
        self.log = log
        self.uptime = uptime ?? heap.jiffies.uptime(hz: heap.profile.hz)
        hasFoundLeaks = !heap.reportedLeaks.isEmpty
    }

    init(_ heap: Heap, _ options: BootOptions, stage: Stage, index: ObjectIndex? = nil) {
        self.heap = heap
        self.options = options
        self.stage = stage
        self.index = index ?? ObjectIndex(heap.objects)
        log = []
        uptime = Microseconds(0)
        hasFoundLeaks = false
        pool = MemoryPool(size: options.memoryPoolSize)
    }

    // MARK: The control file

    /// What reading the control file gives. Reading never scans.
    package func read() -> String { ReportWriter(heap).report() }

    /// Writes a command to the control file.
    ///
    /// - Throws: what the writer gets for an errno. Log lines may have been added all the same.
    package mutating func write(
        _ text: String, by writer: Caller = .shell, life: ScanLife.Deeds? = nil
    ) throws(ControlError) {
        try write(command(text), by: writer, life: life)
    }

    /// The command that a text is.
    ///
    /// - Throws: what the writer gets for an errno. While disabled, all but `clear` fails before it is read.
    package mutating func command(_ text: String) throws(ControlError) -> ControlCommand {
        do {
            if !text.utf8.starts(with: "clear".utf8) { try checkIsEnabled() }
            return try ControlCommand(parsing: text)
        } catch {
            runPendingWork()
            throw error
        }
    }

    package mutating func write(
        _ command: ControlCommand, by writer: Caller = .shell, life: ScanLife.Deeds? = nil
    ) throws(ControlError) {
        // By the time the writer is back, work that was waiting has been done.
        defer { runPendingWork() }
        if command != .clear { try checkIsEnabled() }
        switch command {
        case .clear: clear()
        case .off: disable()
        case .stack(let on): heap.scansStacks = on
        case .automatic(true): startThread(life: life)
        case .automatic(false): stopThread()
        case .period(let seconds): setPeriod(seconds, life: life)
        case .scan: scan(life: life)
        case .dump(let address): try dump(address, by: writer)
        }
    }

    private func checkIsEnabled() throws(ControlError) {
        guard heap.isEnabled else { throw heap.profile.style == .old ? .busy : .notPermitted }
    }

    /// `kmemleak_clear()`: what is reported and still unreferenced becomes gray for good; while disabled, all goes.
    private mutating func clear() {
        if heap.isEnabled {
            for id in heap.reportedLeaks { heap.objects.minCounts[id.index] = 0 }
            hasFoundLeaks = false
        } else {
            forgetAllObjects()
        }
    }

    /// `dump_str_object_info()`. Up to 6.1 the address must be the object's start; later any byte of it will do; from 2026 on
    /// each tree is asked.
    private mutating func dump(_ address: Address, by writer: Caller) throws(ControlError) {
        let style = heap.profile.style
        let found: [ObjectID] = if style.dumpsByAnyByte {
            (style.dumpsFromAllTrees ? ObjectKind.allCases : [.virtual]).compactMap { index[$0].object(containing: address) }
        } else {
            find(address, .virtual, caller: writer).map { [$0] } ?? []
        }
        guard !found.isEmpty else {
            say("Unknown object at \(address)")
            throw .invalidArgument
        }
        for id in found { logDump(of: id) }
    }

    // MARK: Scanning

    /// `kmemleak_scan()`. Told to stop (`WorkProgress`), it leaves all as it was; but where the kernel lives on, what happened
    /// meanwhile has happened, and the machine is of no use any more.
    /// - Parameter life: nil when the rest of the kernel stands still meanwhile.
    mutating func scan(life: ScanLife.Deeds?) {
        freedMeanwhile = []
        let shouldStop = { @Sendable [progress = WorkProgress.current] in progress?.isStopped == true }
        let recording: ScanRecording? = if let life {
            Scan.run(heap, shouldStop: shouldStop, life: { heap, point in
                // The hooks work on the heap that is being scanned.
                swap(&self.heap, &heap)
                defer { swap(&self.heap, &heap) }
                return life(&self, point)
            })
        } else if let graph = recording?.graph(of: heap) {
            Walk.run(heap, over: graph, index: index)
        } else {
            heap.scannedStill(index: index, shouldStop: shouldStop)
        }
        guard let recording else { return freedMeanwhile = nil }
        heap = recording.outcome
        self.recording = recording
        scanCount += 1
        tell(recording)
        dropFreed()
    }

    private mutating func tell(_ recording: ScanRecording) {
        if options.isVerbose { for line in VerboseReport(recording, heap).lines { say(line) } }
        guard !recording.leaks.isEmpty else { return }
        hasFoundLeaks = true
        say("\(recording.leaks.count) new suspected memory leaks (see /sys/kernel/debug/kmemleak)")
    }

    /// What was freed while the scan ran leaves the table.
    private mutating func dropFreed() {
        let freed = freedMeanwhile ?? []
        freedMeanwhile = nil
        for id in freed.sorted(by: >) { heap.objects.remove(id) }
        if !freed.isEmpty { index = ObjectIndex(heap.objects) }
    }

    // MARK: Being disabled

    /// `kmemleak_disable()`: for ever.
    mutating func disable() {
        guard heap.isEnabled else { return }
        heap.isEnabled = false
        if stage == .ready { isCleanupPending = true } else { honoursFrees = false }
        say("Kernel memory leak detector disabled")
    }

    /// `kmemleak_do_cleanup()`, when it is due: the kernel does it a little later than it was asked for.
    package mutating func runPendingWork() {
        guard isCleanupPending, freedMeanwhile == nil else { return }
        isCleanupPending = false
        stopThread()
        honoursFrees = false
        if hasFoundLeaks {
            say("Kmemleak disabled without freeing internal data. "
                + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".")
        } else {
            forgetAllObjects()
        }
    }

    private mutating func forgetAllObjects() {
        heap.objects = ObjectTable()
        index = ObjectIndex(heap.objects)
    }

    // MARK: The log

    /// A line of kmemleak's own.
    mutating func say(_ message: String) { print("kmemleak: " + message) }

    /// A line of the kernel's, `printk()`.
    package mutating func print(_ line: String) { log.append(LogLine(time: uptime, text: line)) }

    mutating func sayOnce(_ message: String) {
        if saidOnce.insert(message).inserted { say(message) }
    }

    /// `kmemleak_warn()`: the message, and the stack of whoever made kmemleak say it.
    mutating func warn(_ message: String, _ caller: Caller) {
        say(message)
        print("CPU: 0 PID: \(caller.pid) Comm: \(caller.comm.string) Not tainted \(heap.profile.release) #1")
        print("Call Trace:")
        for frame in caller.backtrace { print(" " + heap.name(ofFrame: frame)) }
    }

    /// `dump_object_info()`.
    mutating func logDump(of id: ObjectID) {
        for line in ReportWriter(heap).dump(of: id) { print(line.logged) }
    }
}

extension Caller {
    /// Somebody at a shell, who writes to the control file.
    package static let shell = Caller(.task(pid: 1, comm: "sh"))
}

extension ScanLife {
    /// What the rest of the kernel does while kmemleak scans; it may call hooks.
    package typealias Deeds = (_ kmemleak: inout Kmemleak, _ point: Point) -> Answer
}
