import HeapModel

/// How kmemleak comes up (`kmemleak.md`, section 8).
extension Kmemleak {
    /// A kernel that has read its command line and nothing else: time 0.
    package init(booting profile: KernelProfile, options: BootOptions = BootOptions()) {
        var heap = Heap(profile: profile)
        heap.minUnrefScans = options.minUnrefScans
        self.init(heap, options, stage: .early)
        switch options.commandLine {
        case nil, "on": break
        case "off": disable()
        default: print("Malformed early option 'kmemleak'")
        }
    }

    /// `kmemleak_init()`: from now on records come from the slab allocator; what was logged early is replayed.
    package mutating func start(by caller: Caller? = nil) {
        guard stage == .early else { return }
        stage = .started
        if options.isDefaultOff, options.commandLine != "on" { return disable() }
        let style = heap.profile.style
        let caller = caller ?? Caller(.task(pid: 0, comm: style.hasEarlyLog ? "swapper/0" : "swapper"))
        if style.hasEarlyLog { replayEarlyLog(caller) } else if heap.isEnabled { registerSections(caller) }
    }

    /// `.data` and `.bss` of later kernels are gray objects, not roots.
    private mutating func registerSections(_ caller: Caller) {
        let sections = heap.roots.filter { $0.kind == .data || $0.kind == .bss }
        heap.roots.removeAll { $0.kind == .data || $0.kind == .bss }
        for section in sections { create(section.range, .virtual, 0, caller) }
    }

    /// `kmemleak_late_init()`: the control file is there, and the automatic thread starts.
    package mutating func lateInit() {
        guard stage == .started else { return }
        stage = .ready
        guard heap.isEnabled else {
            isCleanupPending = true
            return
        }
        let style = heap.profile.style
        say("Kernel memory leak detector initialized"
            + (style.hasEarlyLog ? "" : " (mem pool available: \(pool.neverLent))"))
        thread.waitsFirst = options.autoScan || style.hasEarlyLog
        if thread.waitsFirst { startThread(life: nil) }
    }

    /// kmemleak is up, as if its boot had been long ago; the automatic thread does not run.
    package mutating func bootQuietly() {
        start()
        stage = .ready
        isCleanupPending = !heap.isEnabled
        runPendingWork()
    }

    // MARK: The early log of old kernels

    struct EarlyLog: Sendable {
        var calls: [(hook: Hook, caller: Caller)] = []
        /// Asked for, whether there was room or not.
        var count = 0
    }

    /// `log_early()`: there is room for so many calls; one more disables kmemleak.
    mutating func logEarly(_ hook: Hook, _ caller: Caller) {
        guard isLogged(hook) else { return }
        // Up to 5.2 the calls are counted on, for the message that tells how many there were.
        guard heap.isEnabled || !heap.profile.isAtLeast(5, 3) else { return }
        earlyLog.count += 1
        guard heap.isEnabled else { return }
        guard earlyLog.calls.count < options.earlyLogSize else { return disable() }
        earlyLog.calls.append((hook, caller))
    }

    /// Some hooks look whether kmemleak is on, or whether memory is low, before they would log the call.
    private func isLogged(_ hook: Hook) -> Bool {
        switch hook {
        case .updateTrace, .transientLeak: false
        case .allocPhys(let range, _), .freePartPhys(let range): physPlace(range) != nil
        case .ignorePhys(let start): physPlace(AddressRange(start: start, size: 1)) != nil
        default: true
        }
    }

    /// In order, with the traces of then, but the time and the task of now.
    private mutating func replayEarlyLog(_ caller: Caller) {
        if earlyLog.count > options.earlyLogSize {
            say("Early log buffer exceeded (\(earlyLog.count)), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE")
        }
        isReplaying = true
        for call in earlyLog.calls where heap.isEnabled {
            perform(call.hook, Caller(caller.context, backtrace: call.caller.backtrace))
        }
        isReplaying = false
        earlyLog.calls = []
    }

    // MARK: The memory pool of later ones

    /// Records for objects while the slab allocator cannot give any.
    struct MemoryPool: Sendable {
        struct Key: Hashable, Sendable {
            let kind: ObjectKind
            let start: Address
        }

        /// Records that nobody had yet: what the `initialized` line tells.
        var neverLent: Int
        /// Records that came back (`mem_pool_free_list`).
        private var returned = 0
        /// The objects whose records are the pool's.
        var lent: Set<Key> = []

        init(size: Int) { neverLent = size }

        mutating func take() -> Bool {
            if returned > 0 { returned -= 1 } else if neverLent > 0 { neverLent -= 1 } else { return false }
            return true
        }

        mutating func giveBack() { returned += 1 }
    }

    /// `mem_pool_alloc()`: whether the record is the pool's; nil when there is none to be had, which disables kmemleak.
    mutating func takeRecord() -> Bool? {
        if stage != .early, !slabFails { return false }
        if !heap.profile.style.hasEarlyLog {
            if pool.take() { return true }
            sayOnce("Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE")
        }
        say("Cannot allocate a kmemleak_object structure")
        disable()
        return nil
    }
}
