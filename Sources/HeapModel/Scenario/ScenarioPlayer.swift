extension Scenario {
    /// Builds the kernel and plays the steps into it.
    ///
    /// - Throws: what a step cannot do, with its line and column.
    package func play() throws(ScenarioError) -> SimulatedKernel {
        let kernel: SimulatedKernel
        do {
            kernel = try SimulatedKernel(
                profile: profile, linearMap: linearMap, sections: sections, areas: Array(areas.values), tasks: tasks)
        } catch {
            throw ScenarioError(file: file, line: 1, column: 1, message: "\(error)")
        }
        var player = ScenarioPlayer(scenario: self, kernel: kernel)
        for (address, symbol) in symbols { player.kernel.define(address, symbol) }
        try player.play(steps, [:])
        return player.kernel
    }
}

/// Plays steps into a simulated kernel.
private struct ScenarioPlayer {
    let scenario: Scenario
    var kernel: SimulatedKernel
    private var played = 0

    /// More steps than this are a mistake in a repeat.
    private static let stepLimit = 1_000_000

    init(scenario: Scenario, kernel: SimulatedKernel) {
        self.scenario = scenario
        self.kernel = kernel
    }

    mutating func play(_ steps: [Scenario.Step], _ variables: Expression.Variables) throws(ScenarioError) {
        for step in steps {
            try count(1, step)
            do {
                try play(step, variables)
            } catch let failure as SimulatedKernel.Failure {
                throw error(step, "\(failure)")
            } catch let failure as ScenarioError {
                throw failure
            } catch {
                throw self.error(step, "\(error)")
            }
        }
    }

    /// Counts what playing costs: steps, rounds of repeats, pages cleared, every 256 bytes of text.
    private mutating func count(_ cost: Int, _ step: Scenario.Step) throws(ScenarioError) {
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
            guard time >= kernel.uptime else {
                throw error(step, "expected a time from \(kernel.uptime.logStamp) on, found \(time.logStamp): the clock never goes back")
            }
            kernel.setClock(time)
        case .advance(let span): try advance(by: span, step)
        case .task(let pid):
            guard let task = kernel.tasks.first(where: { $0.pid == pid }) else { throw error(step, "expected the pid of a task, found \(pid)") }
            kernel.currentTask = task
        case .alloc(let alloc):
            try count(Int(alloc.size / SlabAllocator.pageSize), step)
            try kernel.alloc(request(alloc, name: text(alloc.name), step))
        case .free(let name): try kernel.free(text(name))
        case .store(let pointer, let place, let xor, let shift):
            let target = try address(text(pointer), room: 1, step)
            try write(word: (target.rawValue ^ xor) >> shift, at: text(place), step)
        case .bytes(let bytes, let place):
            try kernel.write(bytes, at: address(text(place), room: UInt64(bytes.count), step))
        case .text(let content, let place):
            let bytes = Array(try text(content).utf8)
            try kernel.write(bytes, at: address(text(place), room: UInt64(bytes.count), step))
        case .word(let number, let place):
            guard let value = Expression.value(try text(number), variables) else {
                throw error(step, "expected a number, found \"\(number)\"")
            }
            try write(word: value, at: text(place), step)
        case .annotate(.notLeak, let name): try kernel.notLeak(text(name))
        case .annotate(.ignore, let name): try kernel.ignore(text(name))
        case .annotate(.noScan, let name): try kernel.noScan(text(name))
        case .log(let line): kernel.say(try text(line))
        case .scanArea(let place, let size):
            guard let size = Expression.value(try text(size), [:]) else { throw error(step, "expected a size, found \"\(size)\"") }
            let (name, offset) = try parts(of: text(place), step)
            try kernel.scanArea(name, offset: offset, size: size)
        case .loop(let loop): try play(loop, variables, step)
        }
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

    private mutating func advance(by span: Microseconds, _ step: Scenario.Step) throws(ScenarioError) {
        let (time, overflowed) = kernel.uptime.rawValue.addingReportingOverflow(span.rawValue)
        guard !overflowed, Microseconds(time) <= YAMLNode.timeLimit else {
            throw error(step, "expected an uptime of at most \(YAMLNode.timeLimit.logStamp), found more")
        }
        kernel.setClock(Microseconds(time))
    }

    private func substituted(
        _ text: String, _ variables: Expression.Variables, _ step: Scenario.Step
    ) throws(ScenarioError) -> String {
        guard let text = Expression.substitute(text, variables) else {
            throw error(step, "\"\(text)\": expected ${…} with numbers and the names of repeats")
        }
        return text
    }

    private func request(_ alloc: Scenario.Alloc, name: String, _ step: Scenario.Step) throws(ScenarioError) -> SimulatedKernel.Request {
        guard !name.isEmpty, !name.contains("+"), !name.hasPrefix("stack:"), Expression.number(name) == nil, memory(name) == nil
        else { throw error(step, "expected a name that is no number, sum or memory range, found \"\(name)\"") }
        var request = SimulatedKernel.Request(name: name, size: alloc.size)
        request.cache = alloc.cache
        request.address = alloc.address
        request.minCount = alloc.minCount
        request.zero = alloc.zero
        if let backtrace = alloc.backtrace {
            guard let frames = scenario.backtraces[backtrace] else {
                throw error(step, "expected the name of a backtrace, found \"\(backtrace)\""
                    + hint(backtrace, Array(scenario.backtraces.keys)))
            }
            request.backtrace = frames
        }
        return request
    }

    private mutating func write(word: UInt64, at place: String, _ step: Scenario.Step) throws {
        try kernel.write(word: word, at: address(place, room: UInt64(scenario.profile.wordSize), step))
    }

    /// Where a place is; `room` bytes from there on must lie in the same object or range.
    private func address(_ place: String, room: UInt64, _ step: Scenario.Step) throws(ScenarioError) -> Address {
        let (base, offset) = try parts(of: place, step)
        if let number = Expression.number(base) { return Address(number) + offset }
        guard let range = kernel.range(of: base) ?? memory(base) else {
            let names = Array(kernel.names.keys) + Array(scenario.areas.keys) + scenario.sections.map(\.name)
            throw error(step, "expected a live object, a memory range or a stack, found \"\(base)\"" + hint(base, names))
        }
        guard offset <= range.size, room <= range.size - offset else {
            throw error(step, "\"\(place)\" reaches past the end of \(base), which has \(range.size) bytes")
        }
        return range.start + offset
    }

    /// A place's name or address, and the offset behind it.
    private func parts(of place: String, _ step: Scenario.Step) throws(ScenarioError) -> (base: String, offset: UInt64) {
        let parts = place.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let offset = parts.count == 1 ? 0 : Expression.value(parts[1], [:])
        guard let base = parts.first, let offset else {
            throw error(step, "expected numbers behind the + of a place, found \"\(place)\"")
        }
        return (String(base), offset)
    }

    /// A stack, root section or area.
    private func memory(_ name: String) -> AddressRange? {
        if name.hasPrefix("stack:") {
            let who = name.dropFirst(6)
            return kernel.tasks.first { $0.comm == who || String($0.pid) == who }?.stack
        }
        return scenario.sections.first { $0.name == name }?.range ?? scenario.areas[name]
    }

    private func hint(_ name: String, _ names: [String]) -> String {
        NearestNames.to(name, in: names.sorted().prefix(10_000)).first.map { "; did you mean \"\($0)\"?" } ?? ""
    }

    private func error(_ step: Scenario.Step, _ message: String) -> ScenarioError {
        ScenarioError(file: scenario.file, line: step.line, column: step.column, message: message)
    }
}
