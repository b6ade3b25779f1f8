import HeapModel

/// Finds what the places of a scenario mean: `node+8`, `.data+0x40`, `stack:worker+0x3f00`, `counter[1]`, an address.
extension Machine {
    /// Where a place's bytes stand; `room` bytes from there on must lie in the same block or range.
    func address(_ place: String, room: UInt64, _ step: Scenario.Step) throws(ScenarioError) -> Address {
        let (base, offset) = try parts(of: place, step)
        if let number = Expression.number(base) { return Address(number) + offset }
        let (name, cpu) = Self.copy(base)
        guard let range = kernel?.bytes(of: name, cpu: cpu) ?? memory(base) else { throw unknown(base, step) }
        return try inside(range, base, offset, room, place, step)
    }

    /// The kernel's pointer to a place: virtual, physical or a per-CPU one.
    func pointer(_ place: String, _ step: Scenario.Step, room: UInt64 = 0) throws(ScenarioError) -> Address {
        let (base, offset) = try parts(of: place, step)
        if let number = Expression.number(base) { return Address(number) + offset }
        guard let range = kernel?.range(of: base) ?? memory(base) else { throw unknown(base, step) }
        return try inside(range, base, offset, room, place, step)
    }

    /// A size in bytes; `max` reaches to the end of the object.
    func size(_ text: String, _ step: Scenario.Step) throws(ScenarioError) -> UInt64 {
        if text == "max" { return .max }
        guard let size = Expression.value(text, [:]) else { throw error(step, "expected a size, found \"\(text)\"") }
        return size
    }

    func pid(_ text: String, _ step: Scenario.Step) throws(ScenarioError) -> Int32 {
        guard let pid = Expression.value(text, [:]), Scenario.pids.contains(pid) else {
            throw error(step, "expected a pid from \(Scenario.pids.lowerBound) to \(Scenario.pids.upperBound), found \"\(text)\"")
        }
        return Int32(pid)
    }

    private func inside(
        _ range: AddressRange, _ base: String, _ offset: UInt64, _ room: UInt64, _ place: String, _ step: Scenario.Step
    ) throws(ScenarioError) -> Address {
        guard offset <= range.size, room <= range.size - offset else {
            throw error(step, "\"\(place)\" reaches past the end of \(base), which has \(range.size) bytes")
        }
        return range.start + offset
    }

    /// A place's name or address, and the offset behind it.
    func parts(of place: String, _ step: Scenario.Step) throws(ScenarioError) -> (base: String, offset: UInt64) {
        let parts = place.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let offset = parts.count == 1 ? 0 : Expression.value(parts[1], [:])
        guard let base = parts.first, let offset else {
            throw error(step, "expected numbers behind the + of a place, found \"\(place)\"")
        }
        return (String(base), offset)
    }

    /// `counter[1]`: a name and a CPU; nil when none is named.
    private static func copy(_ base: String) -> (name: String, cpu: Int?) {
        guard base.last == "]", let open = base.lastIndex(of: "["), let cpu = Int(base[base.index(after: open)...].dropLast())
        else { return (base, nil) }
        return (String(base[..<open]), cpu)
    }

    /// A stack, root section or area.
    func memory(_ name: String) -> AddressRange? {
        if name.hasPrefix("stack:") {
            let who = name.dropFirst(6)
            return kernel?.tasks.first { $0.comm == who || String($0.pid) == who }?.stack
        }
        return scenario?.sections.first { $0.name == name }?.range ?? scenario?.areas[name]
    }

    private func unknown(_ base: String, _ step: Scenario.Step) -> ScenarioError {
        let names = Array(names.keys) + Array((scenario?.areas ?? [:]).keys) + (scenario?.sections ?? []).map(\.name)
        return error(step, "expected a live object, a memory range or a stack, found \"\(base)\"" + hint(base, names))
    }

    func substituted(
        _ text: String, _ variables: Expression.Variables, _ step: Scenario.Step
    ) throws(ScenarioError) -> String {
        guard let text = Expression.substitute(text, variables) else {
            throw error(step, "\"\(text)\": expected ${…} with numbers and the names of repeats")
        }
        return text
    }

    func hint(_ name: String, _ names: [String]) -> String {
        NearestNames.to(name, in: names.sorted().prefix(10_000)).first.map { "; did you mean \"\($0)\"?" } ?? ""
    }

    func error(_ step: Scenario.Step, _ message: String) -> ScenarioError {
        ScenarioError(file: scenario?.file ?? "", line: step.line, column: step.column, message: message)
    }
}
