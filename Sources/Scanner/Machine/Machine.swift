import HeapModel

/// A kernel with kmemleak in it: what the program runs and looks at.
///
/// With a scenario it lives: steps, work that goes on for ever, a clock. A capture's kernel stands still, but its
/// kmemleak takes commands. Deterministic: scenario, seed and commands decide every byte.
package struct Machine: Sendable {
    package internal(set) var kmemleak: Kmemleak
    var kernel: SimulatedKernel?
    package let scenario: Scenario?
    /// Who writes to the control file.
    private var shell = Caller.shell

    /// Steps that wait for a moment of the next scan, in the order of the scenario.
    var armed: [ArmedSteps] = []
    /// When the next round of each work is due.
    var rounds: [Round] = []
    /// The work whose round is being played.
    var workUnderWay: Int?
    /// Commands that were written while a scan was under way: they wait for it (`scan_mutex`).
    var waiting: [WaitingCommand] = []
    /// What the steps of a scan have done since it was asked last.
    var deeds: [String] = []
    /// How many steps were played, or what they cost.
    var played = 0
    var random: SplitMix64
    /// Whether an `expect` is looked at, and a surprise is a result rather than the end.
    var isTesting = false
    /// What became of each `expect`, in a test.
    package internal(set) var results: [ExpectationResult] = []
    /// Why the work that goes on for ever ended, if it did.
    package internal(set) var failure: ScenarioError?
    /// What was done to it from outside, to play it again, and how many steps were played in all.
    var inputs: [Input] = []
    var stepCount = 0
    /// Looks on when it is played again.
    var watch: LossWatch?

    struct ArmedSteps: Sendable {
        let during: Scenario.During
        let variables: Expression.Variables
        let step: Scenario.Step
    }

    struct Round: Sendable {
        var due: Microseconds
        var number: UInt64 = 0
        /// Rounds and commands of it that are not done.
        var pending = 0
    }

    struct WaitingCommand: Sendable {
        let text: String
        let error: String?
        /// Whose round wrote it: there is no other round until it is done.
        let work: Int?
        let step: Scenario.Step
    }

    /// kmemleak on a heap that stands still.
    package init(_ kmemleak: Kmemleak) {
        self.kmemleak = kmemleak
        scenario = nil
        random = SplitMix64(seed: 1)
    }

    /// Boots a scenario's kernel and plays its steps.
    ///
    /// - Throws: what a step cannot do, with its line and column.
    package init(_ scenario: Scenario) throws(ScenarioError) { try self.init(scenario, testing: false) }

    init(_ scenario: Scenario, testing: Bool, watch: LossWatch? = nil) throws(ScenarioError) {
        self.scenario = scenario
        isTesting = testing
        self.watch = watch
        random = SplitMix64(seed: scenario.seed)
        kmemleak = Kmemleak(booting: scenario.profile, options: scenario.boot)
        do {
            kernel = try SimulatedKernel(
                profile: scenario.profile, linearMap: scenario.linearMap, sections: scenario.sections,
                areas: Array(scenario.areas.values), tasks: scenario.tasks, caches: scenario.caches,
                cpuCount: scenario.cpuCount, in: &kmemleak.heap)
        } catch {
            throw ScenarioError(file: scenario.file, line: 1, column: 1, message: "\(error)")
        }
        if let kernel, let size = scenario.lowMemory {
            let first = KernelLayout.pageFrame(kernel.layout.memory.start)
            kmemleak.heap.lowPageFrames = first...first + size / KernelLayout.pageSize
        }
        for (address, symbol) in scenario.symbols { kmemleak.heap.symbols.define(address, symbol) }
        shell = defineShell()
        if !scenario.bootsByItself { kmemleak.bootQuietly() }
        if watch != nil { kmemleak.heap.memory.touched = [] }
        rounds = scenario.workload.map { Round(due: $0.from ?? Microseconds(.max)) }
        try play(scenario.steps, [:])
        for work in rounds.indices where scenario.workload[work].from == nil { rounds[work].due = uptime }
    }

    /// A kernel that lives by itself, or stands still until somebody moves its clock.
    package var lives: Bool { !rounds.isEmpty }

    package var heap: Heap { kmemleak.heap }
    package var log: [LogLine] { kmemleak.log }
    package var uptime: Microseconds { kmemleak.uptime }

    /// What the scenario calls its objects and sections.
    package var names: [String: Address] {
        let sections = (scenario?.sections ?? []).filter { kmemleak.index.virtual.object(at: $0.range.start) != nil }
        return (kernel?.names ?? [:]).merging(sections.map { ($0.name, $0.range.start) }) { block, _ in block }
    }

    // MARK: Commands and the clock

    /// Writes to kmemleak's control file.
    ///
    /// - Throws: what the writer gets for an errno.
    package mutating func write(_ command: ControlCommand) throws(ControlError) {
        remember(.write(command))
        let result = atNoCost { machine in
            Result { () throws(ControlError) in try machine.obey(command) }
        }
        try result.get()
    }

    mutating func obey(_ command: ControlCommand) throws(ControlError) {
        let shell = shell
        let result: Result<Void, ControlError> = withLife { kmemleak, life in
            Result { () throws(ControlError) in try kmemleak.write(command, by: shell, life: life) }
        }
        try result.get()
    }

    /// As text, which is checked as the kernel checks it.
    package mutating func write(_ text: String) throws(ControlError) { try write(command(text)) }

    /// The command that a text is, if kmemleak takes it.
    package mutating func command(_ text: String) throws(ControlError) -> ControlCommand { try kmemleak.command(text) }

    /// Gives the functions that lead to kmemleak's control file addresses and names, for the stack dumps of its warnings.
    private mutating func defineShell() -> Caller {
        guard let text = kernel?.layout.image.text else { return .shell }
        let path = ["kmemleak_write+0x389/0x420", "full_proxy_write+0x48/0x70", "vfs_write+0xa9/0x330", "ksys_write+0x56/0xd0"]
        let frames = path.indices.map { text + 0x4000 * UInt64($0 + 1) }
        for (frame, name) in zip(frames, path) where kmemleak.heap.symbols[frame] == nil {
            kmemleak.heap.symbols.define(frame, name)
        }
        return Caller(Caller.shell.context, backtrace: frames)
    }

    package mutating func advance(by span: Microseconds) { advance(to: uptime + span) }

    /// Moves the clock to a time since boot; what falls due on the way happens at its time. Told to stop (`WorkProgress`), it
    /// leaves out the rest of that, and the machine is of no use any more.
    package mutating func advance(to target: Microseconds) {
        remember(.advance(to: target))
        atNoCost { $0.passEverything(until: target) }
    }

    mutating func passEverything(until target: Microseconds) {
        let progress = WorkProgress.current, start = uptime
        let span = max(target, start).rawValue - start.rawValue
        WorkProgress.$current.withValue(progress.map(WorkProgress.init(within:))) {
            while failure == nil, let work = nextWork, rounds[work].due <= target, progress?.isStopped != true {
                progress?.tell(Int(clamping: uptime.rawValue - start.rawValue), of: Int(clamping: span))
                pass(to: max(rounds[work].due, uptime))
                do throws(ScenarioError) { try playRound(of: work) } catch { failure = error }
            }
            pass(to: target)
        }
    }

    /// Automatic scans take place on the way; work does not.
    private mutating func pass(to time: Microseconds) {
        atNoCost { $0.withLife { kmemleak, life in kmemleak.advance(to: time, life: life) } }
    }

    /// The work whose round is due first.
    private var nextWork: Int? {
        rounds.indices.filter { rounds[$0].pending == 0 }.min { rounds[$0].due < rounds[$1].due }
    }

    private mutating func playRound(of work: Int) throws(ScenarioError) {
        // While a scan is under way the rounds are a part of what it costs.
        guard !kmemleak.isScanning else { return try playSteps(of: work) }
        let result = atNoCost { machine in Result { () throws(ScenarioError) in try machine.playSteps(of: work) } }
        try result.get()
    }

    private mutating func playSteps(of work: Int) throws(ScenarioError) {
        guard let item = scenario?.workload[work] else { return }
        let number = rounds[work].number, outer = workUnderWay
        rounds[work].due = rounds[work].due + item.every
        rounds[work].number += 1
        rounds[work].pending += 1
        workUnderWay = work
        defer {
            rounds[work].pending -= 1
            workUnderWay = outer
        }
        try play(item.steps, ["n": .number(number)])
    }

    /// Runs what the clock or a person asks for: it costs nothing of what the scenario's steps may.
    private mutating func atNoCost<Result>(_ body: (inout Self) -> Result) -> Result {
        let cost = played
        played = 0
        defer { played = cost }
        return body(&self)
    }

    // MARK: While kmemleak scans

    /// Runs something that may scan: meanwhile the kernel lives on.
    mutating func withLife<Result>(_ body: (inout Kmemleak, ScanLife.Deeds?) -> Result) -> Result {
        guard !standsStill else { return body(&kmemleak, nil) }
        // The hooks that the kernel calls meanwhile go to the kmemleak that is scanning.
        var scanning = kmemleak
        var began: Microseconds?
        let live: ScanLife.Deeds = { kmemleak, point in
            swap(&self.kmemleak, &kmemleak)
            defer { swap(&self.kmemleak, &kmemleak) }
            if began == nil || point.words == 0 && point.phase == .prepare { began = uptime }
            return self.live(at: point, since: began ?? uptime)
        }
        let result = withoutActuallyEscaping(live) { body(&scanning, $0) }
        kmemleak = scanning
        obeyWaitingCommands()
        return result
    }

    /// Whether nothing happens while kmemleak scans.
    private var standsStill: Bool { armed.isEmpty && (scenario?.scanSpeed == nil || rounds.isEmpty) }

    /// Plays what is due at a point of a scan.
    private mutating func live(at point: ScanLife.Point, since began: Microseconds) -> ScanLife.Answer {
        var answer = ScanLife.Answer()
        deeds = []
        do {
            try playArmed(at: point)
            if let speed = scenario?.scanSpeed { try playWork(until: began + .scanning(point.words, speed: speed)) }
        } catch { failure = error }
        answer.deeds = deeds
        answer.wordsUntilNext = min(wordsToArmed(at: point), wordsToWork(at: point, since: began))
        answer.isOver = failure != nil || standsStill
        return answer
    }

    /// Work that falls due while a scan takes its time.
    private mutating func playWork(until now: Microseconds) throws(ScenarioError) {
        while let work = nextWork, rounds[work].due <= now {
            kmemleak.passTime(to: rounds[work].due)
            try playRound(of: work)
        }
        kmemleak.passTime(to: now)
    }

    private func wordsToWork(at point: ScanLife.Point, since began: Microseconds) -> Int {
        guard let speed = scenario?.scanSpeed, let work = nextWork else { return .max }
        let due = max(rounds[work].due, began).rawValue - began.rawValue
        let words = due.multipliedReportingOverflow(by: speed)
        guard !words.overflow else { return .max }
        return max(1, Int(min(words.partialValue / 1_000_000 + 1, 1 << 40)) - point.words)
    }

    private mutating func obeyWaitingCommands() {
        while !waiting.isEmpty, failure == nil {
            let command = waiting.removeFirst()
            defer { if let work = command.work { rounds[work].pending -= 1 } }
            do { try obey(command.text, expecting: command.error, command.step) } catch { failure = error }
        }
    }
}

extension Microseconds {
    /// How long it takes to read so many words, at words a second.
    fileprivate static func scanning(_ words: Int, speed: UInt64) -> Microseconds {
        Microseconds(UInt64(words).multipliedFullWidth(by: 1_000_000).low / speed)
    }
}
