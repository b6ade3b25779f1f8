/// Reads the steps of a scenario.
package enum ScenarioStepReader {
    /// Repeats nested deeper than this are refused.
    private static let depthLimit = 8

    static func steps(_ node: YAMLNode, depth: Int = 0) throws(ScenarioError) -> [Scenario.Step] {
        guard depth < depthLimit else { throw node.error("expected at most \(depthLimit) levels of repeats, found more") }
        var steps: [Scenario.Step] = []
        for item in try node.list("steps") {
            let members = try item.members("a step")
            guard members.count == 1, let member = members.first else {
                throw item.error("expected one key in a step, found \(members.count)")
            }
            let verb = try member.key.text("a step")
            guard let action = try action(StepNode(node: member.value, verb: verb, depth: depth)) else {
                throw member.key.error("expected a step, found \"\(verb)\"; "
                    + (NearestNames.to(verb, in: verbs).first.map { "did you mean \"\($0)\"?" }
                        ?? "there are \(verbs.joined(separator: ", "))"))
            }
            steps.append(Scenario.Step(action: action, verb: verb, line: item.line, column: item.column))
        }
        return steps
    }

    /// A step's value, with its name and how many repeats it stands in.
    struct StepNode {
        let node: YAMLNode
        let verb: String
        let depth: Int

        /// The value as a mapping with the keys that the language gives this step.
        func fields() throws(ScenarioError) -> YAMLMapping {
            try node.mapping(verb, keys: ScenarioSyntax.keys(ofStep: verb))
        }

        func place() throws(ScenarioError) -> String { try node.text("a place") }
    }

    /// nil: there is no such step.
    private static func action(_ step: StepNode) throws(ScenarioError) -> Scenario.Action? {
        if let hook = Scenario.HookStep(rawValue: step.verb) { return .hook(hook, at: try step.place()) }
        if let hook = Scenario.SizedHookStep(rawValue: step.verb) { return try sizedHook(hook, step) }
        return try readers[step.verb]?(step)
    }

    private typealias Reader = @Sendable (StepNode) throws(ScenarioError) -> Scenario.Action

    /// The names of all steps that can be read.
    package static var verbs: [String] {
        (readers.keys + Scenario.HookStep.allCases.map(\.rawValue) + Scenario.SizedHookStep.allCases.map(\.rawValue)).sorted()
    }

    /// The other steps by their names.
    private static let readers: [String: Reader] = [
        "time": { step throws(ScenarioError) in .time(try step.node.seconds("a time")) },
        "advance": { step throws(ScenarioError) in .advance(try step.node.seconds("a time span")) },
        "log": { step throws(ScenarioError) in .log(try step.node.text("a log line")) },
        "kmemleak": kmemleak,
        "slab_failure": { step throws(ScenarioError) in .slabFailure(try step.node.flag("slab_failure")) },
        "task": { step throws(ScenarioError) in .task(try pid(step.node)) },
        "interrupt": { step throws(ScenarioError) in .interrupt(try step.node.choice("an interrupt")) },
        "fork": fork,
        "exit": { step throws(ScenarioError) in .exit(try pid(step.node)) },
        "alloc": { step throws(ScenarioError) in .alloc(try alloc(step)) },
        "vmalloc": { step throws(ScenarioError) in .vmalloc(try alloc(step)) },
        "alloc_percpu": { step throws(ScenarioError) in .allocPerCPU(try alloc(step)) },
        "alloc_phys": { step throws(ScenarioError) in .allocPhys(try alloc(step)) },
        "free": { step throws(ScenarioError) in .free(try step.node.text("an object's name")) },
        "module": module,
        "rmmod": { step throws(ScenarioError) in .rmmod(try step.node.text("a module's name")) },
        "store": store,
        "write": write,
        "clear": { step throws(ScenarioError) in .word("0", at: try step.place()) },
        "repeat": { step throws(ScenarioError) in .loop(try loop(step)) },
        "control": control,
        "during": during,
        "expect": expect,
    ]

    // MARK: Kernel and tasks

    /// A number, or a text that will be one when its variables have values.
    private static func pid(_ node: YAMLNode) throws(ScenarioError) -> String {
        let text = try node.text("a pid")
        if !Expression.hasPlaceholder(text) { _ = try node.number("a pid", in: Scenario.pids) }
        return text
    }

    private static func kmemleak(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        switch try step.node.text("init or late_init") {
        case "init": return .initKmemleak
        case "late_init": return .lateInitKmemleak
        case let text: throw step.node.error("expected init or late_init, found \"\(text)\"")
        }
    }

    private static func fork(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        let fork = try step.fields()
        return .fork(
            pid: try pid(fork.required("pid")), comm: try fork.required("comm").text("a comm"),
            stack: try fork["stack"]?.address("the address of a stack"))
    }

    private static func module(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        let module = try step.fields()
        let size = try module.required("size").number("a size", in: 1...1 << 24)
        let data = try module["data"]?.mapping("data", keys: ["offset", "size"])
        var range: AddressRange?
        if let data {
            let part = AddressRange(
                start: Address(try data.required("offset").number("an offset")), size: try data.required("size").number("a size", in: 1...1 << 24))
            guard AddressRange(start: Address(0), size: size).contains(part) else {
                throw data.node.error("expected a section inside of the module, which has \(size) bytes")
            }
            range = part
        }
        return .module(try alloc(step), data: range)
    }

    // MARK: Blocks

    /// Of the keys of an allocation each kind of it has its own.
    private static func alloc(_ step: StepNode) throws(ScenarioError) -> Scenario.Alloc {
        let alloc = try step.fields()
        return Scenario.Alloc(
            name: try alloc.required("name").text("a name"),
            size: try alloc.required("size").number("a size", in: 1...1 << 24),
            cache: try alloc["cache"]?.text("a cache's name"), address: try alloc["address"]?.address("an address"),
            backtrace: try alloc["backtrace"]?.text("a backtrace's name"),
            minCount: try minCount(alloc["min_count"]) ?? 1,
            zero: try alloc["zero"]?.flag("zero") ?? true)
    }

    private static func minCount(_ node: YAMLNode?) throws(ScenarioError) -> Int32? {
        try node.map { node throws(ScenarioError) in Int32(try node.number("min_count", in: 0...1000)) }
    }

    private static func sizedHook(_ hook: Scenario.SizedHookStep, _ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        let fields = try step.fields()
        return .sizedHook(
            hook, at: try fields.required("at").text(hook == .scanArea ? "a place in an object" : "a place"),
            size: hook == .updateTrace ? "0" : try fields.required("size").text("a size"),
            minCount: try minCount(fields["min_count"]) ?? 1,
            backtrace: hook == .updateTrace
                ? try fields.required("backtrace").text("a backtrace's name") : try fields["backtrace"]?.text("a backtrace's name"))
    }

    // MARK: Memory

    private static func store(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        let store = try step.fields()
        return .store(
            pointer: try store.required("pointer").text("a place"), at: try store.required("at").text("a place"),
            xor: try store["xor"]?.number("a mask") ?? 0, shift: try store["shift"]?.number("a shift", in: 0...63) ?? 0)
    }

    private static func write(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        let write = try step.fields()
        let place = try write.required("at").text("a place")
        switch (write["hex"], write["text"], write["word"]) {
        case (let hex?, nil, nil): return .bytes(try bytes(hex), at: place)
        case (nil, let text?, nil): return .text(try text.text("text"), at: place)
        case (nil, nil, let word?): return .word(try word.text("a number"), at: place)
        default: throw step.node.error("expected one of \"hex\", \"text\" and \"word\" in write, found none or several")
        }
    }

    private static func bytes(_ node: YAMLNode) throws(ScenarioError) -> [UInt8] {
        let text = try node.text("hexadecimal bytes"), digits = Array(text.utf8).filter { $0 != UInt8(ascii: " ") }
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { first in
            UInt8(String(decoding: digits[first...first + 1], as: UTF8.self), radix: 16)
        }
        guard digits.count == 2 * bytes.count, !digits.contains(UInt8(ascii: "+")), !digits.contains(UInt8(ascii: "-")) else {
            throw node.error("expected pairs of hexadecimal digits, found \"\(text)\"")
        }
        return bytes
    }

    // MARK: Steps of steps, and kmemleak's own

    private static func loop(_ step: StepNode) throws(ScenarioError) -> Scenario.Loop {
        let loop = try step.fields()
        let values: Scenario.Loop.Values
        switch (loop["times"], loop["over"]) {
        case (let times?, nil): values = .numbers(Int(try times.number("a count", in: 0...100_000)))
        case (nil, let over?):
            var texts: [String] = []
            for item in try over.list("texts") { texts.append(try item.text("text")) }
            values = .texts(texts)
        default: throw step.node.error("expected one of \"times\" and \"over\" in repeat, found none or both")
        }
        return Scenario.Loop(
            values: values, variable: try loop["as"]?.text("a name") ?? "i", index: try loop["index"]?.text("a name"),
            steps: try steps(loop.required("steps"), depth: step.depth + 1))
    }

    private static func control(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        guard step.node.isMapping else { return .control(try step.node.text("a command, or a mapping"), error: nil) }
        let control = try step.fields()
        let error = try control["error"].map { node throws(ScenarioError) in
            try name(node, "an errno", in: ScenarioSyntax.errnos)
        }
        return .control(try control.required("write").text("a command"), error: error)
    }

    private static func expect(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        .expect(try ScenarioExpectationReader.expectation(step))
    }

    private static func during(_ step: StepNode) throws(ScenarioError) -> Scenario.Action {
        let during = try step.fields()
        let phase = try during["phase"].map { node throws(ScenarioError) in
            try name(node, "a phase", in: ScenarioSyntax.phases)
        } ?? "roots"
        if let word = during["word"], during["block"] == nil { throw word.error("expected a block whose words to count, found none") }
        return .during(Scenario.During(
            phase: ScenarioSyntax.phases.firstIndex(of: phase) ?? 0, block: try during["block"]?.text("an object or a root"),
            word: Int(try during["word"]?.number("a number of words", in: 0...1 << 30) ?? 0),
            steps: try steps(during.required("steps"), depth: step.depth + 1)))
    }

    /// One of the language's own names.
    private static func name(_ node: YAMLNode, _ what: String, in names: [String]) throws(ScenarioError) -> String {
        let name = try node.text(what)
        guard names.contains(name) else { throw node.error("expected \(what): \(names.joined(separator: ", ")); found \"\(name)\"") }
        return name
    }
}
