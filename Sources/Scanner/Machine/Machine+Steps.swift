import HeapModel

/// Plays the steps of a scenario.
extension Machine {
    /// More steps than this before the screen opens are a mistake in a repeat.
    private static let stepLimit = 1_000_000

    mutating func play(_ steps: [Scenario.Step], _ variables: Expression.Variables) throws(ScenarioError) {
        for step in steps {
            try count(1, step)
            var variables = variables
            variables["random"] = .number(random.next())
            do {
                try play(step, variables)
                stepCount += 1
                watchLosses(step)
            } catch let failure as ScenarioError {
                throw failure
            } catch {
                throw self.error(step, "\(error)")
            }
        }
    }

    /// Counts what playing costs: steps, rounds of repeats, pages cleared, every 256 bytes of text. Where it was told to stop
    /// (`WorkProgress`), it ends here.
    private mutating func count(_ cost: Int, _ step: Scenario.Step) throws(ScenarioError) {
        guard WorkProgress.current?.isStopped != true else { throw error(step, "stopped") }
        played += cost
        guard played <= Self.stepLimit else { throw error(step, "expected at most \(Self.stepLimit) steps, found more") }
    }

    private mutating func play(_ step: Scenario.Step, _ variables: Expression.Variables) throws {
        func text(_ text: String) throws(ScenarioError) -> String {
            let text = try substituted(text, variables, step)
            try count(text.utf8.count / 256, step)
            return text
        }
        switch step.action {
        case .time(let time):
            guard time >= uptime else {
                throw error(step, "expected a time from \(uptime.logStamp) on, found \(time.logStamp): the clock never goes back")
            }
            try moveClock(to: time, step)
        case .advance(let span): try moveClock(to: uptime + span, step)
        case .log(let line): kmemleak.print(try text(line))
        case .initKmemleak: kmemleak.start()
        case .lateInitKmemleak: kmemleak.lateInit()
        case .slabFailure(let fails): kmemleak.slabFails = fails
        case .task(let pid):
            let pid = try self.pid(text(pid), step)
            guard try onKernel({ kernel, _ in kernel.run(pid: pid) }) else { throw SimulatedKernel.Failure.noTask(pid) }
        case .interrupt(let interrupt): try onKernel { kernel, _ in kernel.interrupt = interrupt }
        case .fork(let pid, let comm, let stack):
            let comm = try text(comm), pid = try self.pid(text(pid), step)
            try onKernel { kernel, heap in try kernel.fork(pid: pid, comm: comm, stack: stack, in: &heap) }
        case .exit(let pid):
            let pid = try self.pid(text(pid), step)
            try onKernel { kernel, heap in try kernel.exit(pid: pid, in: &heap) }
        case .alloc(let alloc): try allocate(alloc, name: text(alloc.name), step) { try $0.alloc($1, in: &$2) }
        case .vmalloc(let alloc): try allocate(alloc, name: text(alloc.name), step) { try $0.vmalloc($1, in: &$2) }
        case .allocPerCPU(let alloc): try allocate(alloc, name: text(alloc.name), step) { try $0.allocPerCPU($1, in: &$2) }
        case .allocPhys(let alloc): try allocate(alloc, name: text(alloc.name), step) { try $0.allocPhys($1, in: &$2) }
        case .free(let name):
            let name = try text(name)
            try call(onKernel { kernel, heap in try kernel.free(name, in: &heap) }, step)
        case .hook(let hook, let place): try call([hook.call(at: pointer(text(place), step))], step)
        case .sizedHook(let hook, let place, let size, let minCount, let backtrace):
            let range = AddressRange(start: try pointer(text(place), step), size: try self.size(text(size), step))
            guard hook != .alloc || range.isValid else { throw error(step, "the range reaches past the top of the address space") }
            try call([hook.call(range, minCount: minCount)], step, backtrace: backtrace)
        case .module(let core, let data): try allocate(core, name: text(core.name), step) { try $0.load($1, data: data, in: &$2) }
        case .rmmod(let name):
            let name = try text(name)
            try call(onKernel { kernel, heap in try kernel.unload(name, in: &heap) }, step)
        case .store(let target, let place, let xor, let shift):
            let word = (try pointer(text(target), step, room: 1).rawValue ^ xor) >> shift
            try write(word: word, at: text(place), step)
        case .bytes(let bytes, let place): try write(bytes, at: text(place), step)
        case .text(let content, let place): try write(Array(try text(content).utf8), at: text(place), step)
        case .word(let number, let place):
            guard let value = Expression.value(try text(number), variables) else {
                throw error(step, "expected a number, found \"\(number)\"")
            }
            try write(word: value, at: text(place), step)
        case .loop(let loop): try play(loop, variables, step)
        case .control(let command, let expected): try control(text(command), expecting: expected, step)
        case .during(var during):
            if let block = during.block { during.block = try text(block) }
            armed.append(ArmedSteps(during: during, variables: variables, step: step))
        case .expect(let expectation): try check(expectation, variables, step)
        }
        if kmemleak.isScanning, let deed = try deed(of: step, variables) { deeds.append(deed) }
    }

    private mutating func play(_ loop: Scenario.Loop, _ outer: Expression.Variables, _ step: Scenario.Step) throws(ScenarioError) {
        var variables = outer
        let rounds = switch loop.values {
        case .numbers(let count): count
        case .texts(let texts): texts.count
        }
        for round in 0..<rounds {
            try count(1, step)
            variables[loop.variable] = switch loop.values {
            case .numbers: .number(UInt64(round))
            case .texts(let texts): .text(texts[round])
            }
            if let index = loop.index { variables[index] = .number(UInt64(round)) }
            try play(loop.steps, variables)
        }
    }

    // MARK: The kernel and its hooks

    private mutating func onKernel<Result>(
        _ body: (inout SimulatedKernel, inout Heap) throws -> Result
    ) throws -> Result {
        guard var kernel else { throw SimulatedKernel.Failure.noKernel }
        // Given back even when it fails: what it did before stays done.
        self.kernel = nil
        defer { self.kernel = kernel }
        return try body(&kernel, &kmemleak.heap)
    }

    private mutating func allocate(
        _ alloc: Scenario.Alloc, name: String, _ step: Scenario.Step,
        _ body: (inout SimulatedKernel, SimulatedKernel.Request, inout Heap) throws -> [Hook]
    ) throws {
        try count(Int(alloc.size / KernelLayout.pageSize), step)
        guard !name.isEmpty, !name.contains(where: { $0 == "+" || $0 == "[" }), !name.hasPrefix("stack:"),
            Expression.number(name) == nil, memory(name) == nil
        else { throw error(step, "expected a name that is no number, sum or memory range, found \"\(name)\"") }
        var request = SimulatedKernel.Request(name: name, size: alloc.size)
        request.cache = alloc.cache
        request.address = alloc.address
        request.minCount = alloc.minCount
        request.zero = alloc.zero
        // Before anything happens: an unknown backtrace is the writer's mistake.
        _ = try frames(alloc.backtrace, step)
        try call(onKernel { kernel, heap in try body(&kernel, request, &heap) }, step, backtrace: alloc.backtrace)
    }

    private mutating func call(_ hooks: [Hook], _ step: Scenario.Step, backtrace: String? = nil) throws(ScenarioError) {
        guard let caller = kernel?.caller(try frames(backtrace, step)) else { return }
        for hook in hooks { kmemleak.call(hook, by: caller) }
    }

    private func frames(_ backtrace: String?, _ step: Scenario.Step) throws(ScenarioError) -> [Address] {
        guard let backtrace else { return [] }
        guard let frames = scenario?.backtraces[backtrace] else {
            throw error(step, "expected the name of a backtrace, found \"\(backtrace)\""
                + hint(backtrace, Array((scenario?.backtraces ?? [:]).keys)))
        }
        return frames
    }

    // MARK: Clock and commands

    private mutating func moveClock(to time: Microseconds, _ step: Scenario.Step) throws(ScenarioError) {
        guard time <= Scenario.timeLimit else {
            throw error(step, "expected an uptime of at most \(Scenario.timeLimit.logStamp), found more")
        }
        try countWhatFallsDue(until: time, step)
        // A scan's own clock is moved by what it reads.
        if kmemleak.isScanning { return kmemleak.passTime(to: time) }
        passEverything(until: time)
        if let failure { throw failure }
    }

    /// Rounds of work and automatic scans cost, too, or a clock moved far enough would never arrive.
    private mutating func countWhatFallsDue(until time: Microseconds, _ step: Scenario.Step) throws(ScenarioError) {
        let span = time.rawValue - min(time.rawValue, uptime.rawValue)
        var cost: UInt64 = 0
        for work in scenario?.workload ?? [] { cost += span / work.every.rawValue }
        if kmemleak.isAutomatic, let period = kmemleak.thread.period {
            // A scan costs what it reads.
            let scans = min(span / max(period.rawValue, 1), 1 << 20)
            cost += scans * (100 + min(heap.scanWordBound / 2, 1 << 20))
        }
        try count(Int(min(cost, 1 << 40)), step)
    }

    private mutating func control(_ text: String, expecting expected: String?, _ step: Scenario.Step) throws(ScenarioError) {
        if kmemleak.isScanning {
            if let work = workUnderWay { rounds[work].pending += 1 }
            waiting.append(WaitingCommand(text: text, error: expected, work: workUnderWay, step: step))
        } else {
            try obey(text, expecting: expected, step)
            if let failure { throw failure }
        }
    }

    /// Writes to the control file; an errno that nobody expects ends the scenario, unless a test tells of it.
    mutating func obey(_ text: String, expecting expected: String?, _ step: Scenario.Step) throws(ScenarioError) {
        guard kmemleak.stage == .ready else {
            throw error(step, "there is no control file before kmemleak's late_init")
        }
        var found: ControlError?
        do { try obey(kmemleak.command(text)) } catch { found = error }
        guard found?.name != expected else { return }
        let message = "control \"\(text)\": expected \(expected ?? "success"), got \(found.map { "\($0.name), \($0)" } ?? "success")"
        guard isTesting else { throw error(step, message) }
        results.append(ExpectationResult(what: "control \(text)", line: step.line, difference: message))
    }

    // MARK: Memory

    private mutating func write(word: UInt64, at place: String, _ step: Scenario.Step) throws(ScenarioError) {
        let size = UInt64(kmemleak.heap.profile.wordSize)
        try write((0..<size).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }, at: place, step)
    }

    private mutating func write(_ bytes: [UInt8], at place: String, _ step: Scenario.Step) throws(ScenarioError) {
        let address = try self.address(place, room: UInt64(bytes.count), step)
        guard AddressRange(start: address, size: UInt64(bytes.count)).isValid, kmemleak.heap.memory.write(bytes, at: address) else {
            throw error(step, "\(SimulatedKernel.Failure.unmapped(address))")
        }
    }
}

extension Scenario.HookStep {
    fileprivate func call(at address: Address) -> Hook {
        switch self {
        case .free: .free(address)
        case .notLeak: .notLeak(address)
        case .ignore: .ignore(address)
        case .ignorePhys: .ignorePhys(address)
        case .noScan: .noScan(address)
        case .transientLeak: .transientLeak(address)
        }
    }
}

extension Scenario.SizedHookStep {
    fileprivate func call(_ range: AddressRange, minCount: Int32) -> Hook {
        switch self {
        case .alloc: .alloc(range, minCount: minCount)
        case .freePart: .freePart(range)
        case .freePartPhys: .freePartPhys(range)
        case .scanArea: .scanArea(range)
        case .updateTrace: .updateTrace(range.start)
        }
    }
}
