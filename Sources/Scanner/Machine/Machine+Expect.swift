import HeapModel

/// What became of one thing that a scenario expects.
package struct ExpectationResult: Hashable, Sendable {
    /// "leaks: node, other"
    package let what: String
    /// Of the scenario's file.
    package let line: Int
    /// What was found instead; nil when all is as expected.
    package let difference: String?
}

extension Machine {
    /// Boots a scenario, plays its steps and those of its test, and tells of every `expect` on the way.
    ///
    /// - Throws: what a step cannot do.
    package static func test(_ scenario: Scenario) throws(ScenarioError) -> [ExpectationResult] {
        var machine = try Machine(scenario, testing: true)
        try machine.play(scenario.test, [:])
        if let failure = machine.failure { throw failure }
        for steps in machine.armed {
            machine.results.append(ExpectationResult(
                what: "during", line: steps.step.line, difference: "expected a scan to come to this moment, but none did"))
        }
        return machine.results
    }

    mutating func check(
        _ expectation: Scenario.Expectation, _ variables: Expression.Variables, _ step: Scenario.Step
    ) throws(ScenarioError) {
        guard isTesting else { return }
        for item in expectation.items {
            let (what, expected, found) = try look(at: item, step) { text throws(ScenarioError) in
                try substituted(text, variables, step)
            }
            results.append(ExpectationResult(
                what: "\(what): \(expected)", line: step.line,
                difference: found == expected ? nil : "expected \(expected), found \(found)"))
        }
    }

    /// What is asked for, what it should be and what it is, in words that are the same when they agree.
    private func look(
        at item: Scenario.Expectation.Item, _ step: Scenario.Step, _ text: (String) throws(ScenarioError) -> String
    ) throws(ScenarioError) -> (what: String, expected: String, found: String) {
        switch item {
        case .leakCount(let count): return ("leaks", "\(count)", "\(heap.reportedLeaks.count)")
        case .leaks(let places):
            var expected: [String] = []
            for place in places { expected.append(label(of: try pointer(text(place), step))) }
            let found = heap.reportedLeaks.map { label(of: heap.objects.pointers[$0.index]) }
            return ("leaks", expected.joined(separator: ", "), found.isEmpty ? "none" : found.joined(separator: ", "))
        case .newLeaks(let count): return ("new_leaks", "\(count)", kmemleak.recording.map { "\($0.leaks.count)" } ?? "no scan")
        case .colour(let place, let colour):
            let place = try text(place)
            return try ("colour of \(place)", colour.rawValue, of(place, step) { "\(heap.objects.colour(of: $0).rawValue)" })
        case .count(let place, let count):
            let place = try text(place)
            return try ("count of \(place)", "\(count)", of(place, step) { "\(heap.objects.counts[$0.index])" })
        case .minCount(let place, let count):
            let place = try text(place)
            return try ("min_count of \(place)", "\(count)", of(place, step) { "\(heap.objects.minCounts[$0.index])" })
        case .flags(let place, let flags):
            let place = try text(place)
            return try ("flags of \(place)", hexadecimal(flags), of(place, step) { hexadecimal(heap.objects.flags[$0.index].rawValue) })
        case .tracked(let place, let isTracked):
            let place = try text(place)
            // A name that is gone is not tracked.
            let address = try? pointer(place, step)
            return ("tracked \(place)", "\(isTracked)", "\(address.flatMap(kmemleak.index.object(containing:)) != nil)")
        case .word(let place, let value):
            let size = heap.profile.wordSize, place = try text(place), value = try text(value)
            let word = heap.memory.word(at: try address(place, room: UInt64(size), step), size: size)
            let expected = if let number = Expression.number(value) { number } else { try pointer(value, step).rawValue }
            return ("word at \(place)", hexadecimal(expected), word.map(hexadecimal) ?? "no memory")
        case .log(let texts): return try inOrder("log", texts.map(text), log.map(\.text).joined(separator: "\n"))
        case .noLog(let line):
            let text = try text(line)
            return ("no_log", "no \"\(text)\"", log.first { $0.text.contains(text) }.map { "\"\($0.text)\"" } ?? "no \"\(text)\"")
        case .report(let texts): return try inOrder("report", texts.map(text), kmemleak.read())
        case .objects(let count): return ("objects", "\(count)", "\(heap.objects.count)")
        case .enabled(let isOn): return ("enabled", "\(isOn)", "\(heap.isEnabled)")
        case .automatic(let isOn): return ("automatic", "\(isOn)", "\(kmemleak.isAutomatic)")
        case .scans(let count): return ("scans", "\(count)", "\(kmemleak.scanCount)")
        }
    }

    /// Of the object that contains the place.
    private func of(_ place: String, _ step: Scenario.Step, _ value: (ObjectID) -> String) throws(ScenarioError) -> String {
        kmemleak.index.object(containing: try pointer(place, step)).map(value) ?? "no object"
    }

    /// Whether the texts stand in `whole`, one behind the other.
    private func inOrder(_ what: String, _ texts: [String], _ whole: String) -> (String, String, String) {
        let expected = texts.map { "\"\($0)\"" }.joined(separator: ", ")
        var rest = whole[...]
        for text in texts {
            guard let place = rest.firstRange(of: text) else { return (what, expected, "nothing like \"\(text)\" there") }
            rest = rest[place.upperBound...]
        }
        return (what, expected, expected)
    }

    /// What the scenario calls the object that starts at an address.
    private func label(of address: Address) -> String { names.first { $0.value == address }?.key ?? address.description }

    private func hexadecimal(_ number: some BinaryInteger) -> String { "0x" + String(number, radix: 16) }
}
