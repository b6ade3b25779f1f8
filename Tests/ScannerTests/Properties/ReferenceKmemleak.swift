import HeapModel

/// kmemleak, slow and obvious: written from `kmemleak.md`, sections 0 to 8 and 10, to be compared with `Kmemleak`.
///
/// An array of records, asked one after the other; a log of strings. It shares no code with Scanner, and of HeapModel
/// only the names of hooks, callers, roots and boot options.
struct ReferenceKmemleak {
    enum Style: String, CaseIterable {
        case old, v6_1 = "6.1", current, v2026 = "2026"
    }

    /// What stands around kmemleak: memory, roots, CPUs, names of code.
    struct Machine {
        /// Not overlapping; what none of them holds cannot be read.
        var regions: [(start: UInt64, bytes: [UInt8])] = []
        var roots: [Root] = []
        var physToVirt: UInt64?
        /// Page frames of low memory, both ends included; nil: all is low.
        var low: (first: UInt64, last: UInt64)?
        var perCPUOffsets: [UInt64] = []
        var symbols: [UInt64: String] = [:]
    }

    /// `struct kmemleak_object`; one that is freed is taken off the list at once.
    struct Record {
        var pointer, size: UInt64
        var minCount: Int32
        var count: Int32 = 0
        var flags: UInt32
        var excess: UInt64 = 0
        var checksum: UInt32
        /// Newest first.
        var areas: [(start: UInt64, size: UInt64)] = []
        var jiffies: UInt64
        var pid: Int32
        var comm: String
        var trace: [UInt64]
        var unrefScans: UInt32 = 0
        /// Whether the record itself came from the memory pool.
        var isFromPool: Bool

        var isWhite: Bool { count != -1 && count < minCount }
        var isGray: Bool { minCount != -1 && count >= minCount }
        func has(_ flag: UInt32) -> Bool { flags & flag != 0 }
    }

    enum Flag {
        static let allocated: UInt32 = 0x1, reported: UInt32 = 0x2, noScan: UInt32 = 0x4, fullScan: UInt32 = 0x8
        static let phys: UInt32 = 0x10, perCPU: UInt32 = 0x20, suspect: UInt32 = 0x40
    }

    /// Which of the trees a record stands in.
    enum Tree: UInt32 {
        case ordinary = 0, phys = 0x10, perCPU = 0x20
    }

    /// Whom a new object is blamed on.
    struct Blame {
        var pid: Int32
        var comm: String
        var trace: [UInt64]
    }

    enum Line: Equatable {
        case text(String)
        /// `CPU: … Call Trace: …`, whose lines are the simulation's own.
        case stackDump
    }

    let style: Style
    let release: String
    let hz: UInt64
    let options: BootOptions
    var machine: Machine

    var records: [Record] = []
    var log: [(time: UInt64, line: Line)] = []
    /// Microseconds since boot.
    var uptime: UInt64 = 0
    /// Jiffies at uptime 0.
    let firstJiffies: UInt64

    var lastScan: UInt64?
    var scanCount = 0
    /// What the last scan reported, as places in `records` at that time.
    var leaks: [Int] = []
    /// Traces in the order in which they were stored first: the stack depot's handles.
    var depot: [[UInt64]] = []
    var scansStacks = true
    var hasFoundLeaks = false

    /// `kmemleak_enabled`, `kmemleak_free_enabled`, `kmemleak_error`, `kmemleak_initialized`.
    var isEnabled: Bool
    var isFreeEnabled: Bool
    var isDisabled = false
    var isInitialized = false
    /// Whether the cleanup work waits to be run.
    var isCleanupPending = false

    /// Whether hooks go to the early log.
    var logsEarly: Bool
    var earlyLog: [(hook: Hook, blame: Blame)] = []
    var earlyCount = 0

    /// Whether kmemleak's own caches exist.
    var isSlabUp = false
    var slabFails = false
    /// Records of the pool that were never used, and those that were given back.
    var freshPool: Int
    var returnedPool = 0
    var saidPoolEmpty = false
    var saidNoScanArea = false

    var isAutomatic = false
    var nextAutomaticScan: UInt64?
    var waitsBeforeFirstScan: Bool
    var periodInSeconds: UInt64 = 600

    var jiffies: UInt64 { firstJiffies &+ uptime * hz / 1_000_000 }

    // MARK: Boot (section 8)

    init(booting style: Style, release: String, hz: UInt64 = 250, options: BootOptions = BootOptions(), on machine: Machine) {
        self.style = style
        self.release = release
        self.hz = hz
        self.options = options
        self.machine = machine
        firstJiffies = (1 << 32) - 300 * hz
        isEnabled = style != .old
        isFreeEnabled = style != .old
        logsEarly = style == .old
        freshPool = style == .old ? 0 : options.memoryPoolSize
        waitsBeforeFirstScan = style == .old || options.autoScan
        switch options.commandLine {
        case nil, "on": break
        case "off": disable()
        default: write("Malformed early option 'kmemleak'")
        }
    }

    /// Long after boot, with nothing tracked yet and the automatic thread at rest.
    init(running style: Style, release: String, hz: UInt64 = 250, uptime: UInt64, on machine: Machine) {
        self.init(booting: style, release: release, hz: hz, on: machine)
        self.uptime = uptime
        isEnabled = true
        isFreeEnabled = true
        isInitialized = true
        logsEarly = false
        isSlabUp = true
        waitsBeforeFirstScan = false
    }

    /// `kmemleak_init()`.
    mutating func start() {
        if options.isDefaultOff, options.commandLine != "on" {
            logsEarly = false
            disable()
            return
        }
        if style == .old {
            startOld()
            return
        }
        if isDisabled { return }
        isSlabUp = true
        for root in machine.roots where root.kind == .data || root.kind == .bss {
            create(root.range.start.rawValue, root.range.size, 0, .ordinary, Blame(pid: 0, comm: "swapper", trace: []))
        }
        machine.roots.removeAll { $0.kind == .data || $0.kind == .bss }
    }

    private mutating func startOld() {
        isSlabUp = true
        if earlyCount > options.earlyLogSize {
            say("Early log buffer exceeded (\(earlyCount)), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE")
        }
        logsEarly = false
        if isDisabled { return }
        isEnabled = true
        isFreeEnabled = true
        for entry in earlyLog { replay(entry.hook, entry.blame) }
    }

    /// An early hook happens now, by the idle task; only the trace is that of its time.
    private mutating func replay(_ hook: Hook, _ logged: Blame) {
        let blame = Blame(pid: 0, comm: "swapper/0", trace: logged.trace)
        if case .allocPerCPU(let range) = hook {
            // One early alloc for each CPU, and each of them asks whether kmemleak is still there.
            for offset in machine.perCPUOffsets where isEnabled && isPointer(range.start.rawValue) {
                create(range.start.rawValue &+ offset, range.size, 0, .ordinary, blame)
            }
            return
        }
        perform(hook, blame)
    }

    /// `kmemleak_late_init()`.
    mutating func lateInit() {
        isInitialized = true
        if isDisabled {
            isCleanupPending = true
            return
        }
        let pool = style == .old ? "" : " (mem pool available: \(freshPool))"
        say("Kernel memory leak detector initialized" + pool)
        if style == .old || options.autoScan { startThread() }
    }

    // MARK: Being disabled (sections 2, 6 and 8)

    mutating func disable() {
        if isDisabled { return }
        isDisabled = true
        isEnabled = false
        if isInitialized { isCleanupPending = true } else { isFreeEnabled = false }
        // From about 5.3 a disabled kmemleak no longer counts early calls; 4.x does.
        if isFrom5_3 { logsEarly = false }
        say("Kernel memory leak detector disabled")
    }

    private var isFrom5_3: Bool {
        let numbers = release.split(separator: ".").compactMap { Int($0) }
        return numbers[0] > 5 || numbers[0] == 5 && numbers[1] >= 3
    }

    mutating func runPendingWork() {
        if !isCleanupPending { return }
        isCleanupPending = false
        stopThread()
        isFreeEnabled = false
        if hasFoundLeaks {
            say("Kmemleak disabled without freeing internal data. "
                + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".")
        } else {
            removeAll()
        }
    }

    // MARK: Clock and automatic thread (section 6)

    mutating func advance(by microseconds: UInt64) {
        runPendingWork()
        let target = uptime + microseconds
        while let due = nextAutomaticScan, due <= target {
            uptime = max(uptime, due)
            automaticScan()
        }
        uptime = target
    }

    mutating func startThread() {
        if isAutomatic { return }
        isAutomatic = true
        say("Automatic memory scanning thread started")
        if waitsBeforeFirstScan {
            waitsBeforeFirstScan = false
            nextAutomaticScan = uptime + 60_000_000
        } else {
            automaticScan()
        }
    }

    mutating func stopThread() {
        if !isAutomatic { return }
        isAutomatic = false
        nextAutomaticScan = nil
        say("Automatic memory scanning thread ended")
    }

    private mutating func automaticScan() {
        scan()
        nextAutomaticScan = periodInSeconds >= 2_147_484 ? nil : uptime + periodInSeconds * 1_000_000
    }

    // MARK: The log

    mutating func say(_ text: String) { write("kmemleak: " + text) }

    /// `kmemleak_warn()`.
    mutating func warn(_ text: String) {
        say(text)
        log.append((uptime, .stackDump))
    }

    mutating func write(_ text: String) { log.append((uptime, .text(text))) }
}
