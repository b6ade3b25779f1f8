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

    mutating func play(_ steps: [Scenario.Step], _ variables: [String: UInt64]) throws(ScenarioError) {
        for step in steps {
            played += 1
            guard played <= Self.stepLimit else { throw error(step, "more than \(Self.stepLimit) steps") }
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

    private mutating func play(_ step: Scenario.Step, _ variables: [String: UInt64]) throws {
        func text(_ text: String) throws(ScenarioError) -> String { try substituted(text, variables, step) }
        switch step.action {
        case .time(let time):
            guard time >= kernel.uptime else {
                throw error(step, "the clock stands at \(kernel.uptime.logStamp) already and never goes back")
            }
            kernel.setClock(time)
        case .advance(let span): kernel.setClock(Microseconds(kernel.uptime.rawValue + span.rawValue))
        case .task(let pid):
            guard let task = kernel.tasks.first(where: { $0.pid == pid }) else { throw error(step, "no task has the pid \(pid)") }
            kernel.currentTask = task
        case .alloc(let alloc): try kernel.allocate(request(alloc, name: text(alloc.name), step))
        case .free(let name): try kernel.free(text(name))
        case .store(let pointer, let place, let xor, let shift):
            let target = try address(text(pointer), room: 0, step)
            try write(word: (target.rawValue ^ xor) >> shift, at: text(place), step)
        case .bytes(let bytes, let place):
            try kernel.write(bytes, at: address(text(place), room: UInt64(bytes.count), step))
        case .text(let content, let place):
            let bytes = Array(try text(content).utf8)
            try kernel.write(bytes, at: address(text(place), room: UInt64(bytes.count), step))
        case .word(let number, let place):
            guard let value = Expression.value(try text(number), variables) else { throw error(step, "expected a number, found \"\(number)\"") }
            try write(word: value, at: text(place), step)
        case .annotate(.notLeak, let name): try kernel.notLeak(text(name))
        case .annotate(.ignore, let name): try kernel.ignore(text(name))
        case .annotate(.noScan, let name): try kernel.noScan(text(name))
        case .log(let line): kernel.say(try text(line))
        case .loop(let times, let variable, let steps):
            for number in 0..<times {
                try play(steps, variables.merging([variable: UInt64(number)]) { $1 })
            }
        }
    }

    private func substituted(
        _ text: String, _ variables: [String: UInt64], _ step: Scenario.Step
    ) throws(ScenarioError) -> String {
        guard let text = Expression.substitute(text, variables) else {
            throw error(step, "\"\(text)\": expected ${…} with numbers and the names of repeats")
        }
        return text
    }

    private func request(_ alloc: Scenario.Alloc, name: String, _ step: Scenario.Step) throws(ScenarioError) -> SimulatedKernel.Request {
        var request = SimulatedKernel.Request(name: name, size: alloc.size)
        request.cache = alloc.cache
        request.address = alloc.address
        request.minCount = alloc.minCount
        request.zero = alloc.zero
        if let backtrace = alloc.backtrace {
            guard let frames = scenario.backtraces[backtrace] else { throw error(step, "no backtrace is called \"\(backtrace)\"") }
            request.backtrace = frames
        }
        return request
    }

    private mutating func write(word: UInt64, at place: String, _ step: Scenario.Step) throws {
        try kernel.write(word: word, at: address(place, room: UInt64(scenario.profile.wordSize), step))
    }

    /// Where a place is; `room` bytes from there on must lie in the same object or range.
    private func address(_ place: String, room: UInt64, _ step: Scenario.Step) throws(ScenarioError) -> Address {
        let parts = place.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let base = String(parts[0])
        guard let offset = parts.count == 1 ? 0 : Expression.value(parts[1], [:]) else {
            throw error(step, "\"\(place)\": expected numbers behind the +")
        }
        if let number = Expression.number(base) { return Address(number) + offset }
        guard let range = range(base) else { throw error(step, "\"\(base)\" is no live object, memory range or stack") }
        guard offset <= range.size, room <= range.size - offset else {
            throw error(step, "\"\(place)\" reaches past the end of \(base), which has \(range.size) bytes")
        }
        return range.start + offset
    }

    private func range(_ name: String) -> AddressRange? {
        if name.hasPrefix("stack:") {
            let who = name.dropFirst(6)
            return kernel.tasks.first { $0.comm == who || String($0.pid) == who }?.stack
        }
        return kernel.range(of: name) ?? scenario.sections.first { $0.name == name }?.range ?? scenario.areas[name]
    }

    private func error(_ step: Scenario.Step, _ message: String) -> ScenarioError {
        ScenarioError(file: scenario.file, line: step.line, column: step.column, message: message)
    }
}
