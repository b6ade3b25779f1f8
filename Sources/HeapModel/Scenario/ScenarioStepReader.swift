/// Reads the steps of a scenario.
enum ScenarioStepReader {
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
            guard let read = readers[verb] else {
                let verbs = readers.keys.sorted()
                throw member.key.error("expected a step, found \"\(verb)\"; "
                    + (NearestNames.to(verb, in: verbs).first.map { "did you mean \"\($0)\"?" }
                        ?? "there are \(verbs.joined(separator: ", "))"))
            }
            steps.append(Scenario.Step(action: try read(member.value, depth), line: item.line, column: item.column))
        }
        return steps
    }

    /// Each step by its name.
    private static let readers: [String: @Sendable (YAMLNode, Int) throws(ScenarioError) -> Scenario.Action] = [
        "time": { node, _ throws(ScenarioError) in .time(try node.seconds("a time")) },
        "advance": { node, _ throws(ScenarioError) in .advance(try node.seconds("a time span")) },
        "task": { node, _ throws(ScenarioError) in .task(Int32(try node.number("a pid", in: 0...4_194_304))) },
        "alloc": { node, _ throws(ScenarioError) in try .alloc(alloc(node)) },
        "free": { node, _ throws(ScenarioError) in .free(try node.text("an object's name")) },
        "store": { node, _ throws(ScenarioError) in try store(node) },
        "write": { node, _ throws(ScenarioError) in try write(node) },
        "clear": { node, _ throws(ScenarioError) in .word("0", at: try node.text("a place")) },
        "not_leak": { node, _ throws(ScenarioError) in .annotate(.notLeak, try node.text("an object's name")) },
        "ignore": { node, _ throws(ScenarioError) in .annotate(.ignore, try node.text("an object's name")) },
        "no_scan": { node, _ throws(ScenarioError) in .annotate(.noScan, try node.text("an object's name")) },
        "scan_area": { node, _ throws(ScenarioError) in try scanArea(node) },
        "log": { node, _ throws(ScenarioError) in .log(try node.text("a log line")) },
        "repeat": { node, depth throws(ScenarioError) in try .loop(loop(node, depth)) },
    ]

    private static func alloc(_ node: YAMLNode) throws(ScenarioError) -> Scenario.Alloc {
        let alloc = try node.mapping("alloc", keys: ["name", "size", "cache", "address", "backtrace", "min_count", "zero"])
        return Scenario.Alloc(
            name: try alloc.required("name").text("a name"),
            size: try alloc.required("size").number("a size", in: 1...1 << 24),
            cache: try alloc["cache"]?.text("a cache's name"), address: try alloc["address"]?.address("an address"),
            backtrace: try alloc["backtrace"]?.text("a backtrace's name"),
            minCount: Int32(try alloc["min_count"]?.number("min_count", in: 0...1000) ?? 1),
            zero: try alloc["zero"]?.flag("zero") ?? true)
    }

    private static func store(_ node: YAMLNode) throws(ScenarioError) -> Scenario.Action {
        let store = try node.mapping("store", keys: ["pointer", "at", "xor", "shift"])
        return .store(
            pointer: try store.required("pointer").text("a place"), at: try store.required("at").text("a place"),
            xor: try store["xor"]?.number("a mask") ?? 0, shift: try store["shift"]?.number("a shift", in: 0...63) ?? 0)
    }

    private static func write(_ node: YAMLNode) throws(ScenarioError) -> Scenario.Action {
        let write = try node.mapping("write", keys: ["at", "hex", "text", "word"])
        let place = try write.required("at").text("a place")
        switch (write["hex"], write["text"], write["word"]) {
        case (let hex?, nil, nil): return .bytes(try bytes(hex), at: place)
        case (nil, let text?, nil): return .text(try text.text("text"), at: place)
        case (nil, nil, let word?): return .word(try word.text("a number"), at: place)
        default: throw node.error("expected one of \"hex\", \"text\" and \"word\" in write, found none or several")
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

    private static func scanArea(_ node: YAMLNode) throws(ScenarioError) -> Scenario.Action {
        let area = try node.mapping("scan_area", keys: ["at", "size"])
        return .scanArea(at: try area.required("at").text("a place in an object"), size: try area.required("size").text("a size"))
    }

    private static func loop(_ node: YAMLNode, _ depth: Int) throws(ScenarioError) -> Scenario.Loop {
        let loop = try node.mapping("repeat", keys: ["times", "over", "as", "index", "steps"])
        let values: Scenario.Loop.Values
        switch (loop["times"], loop["over"]) {
        case (let times?, nil): values = .numbers(Int(try times.number("a count", in: 0...100_000)))
        case (nil, let over?):
            var texts: [String] = []
            for item in try over.list("texts") { texts.append(try item.text("text")) }
            values = .texts(texts)
        default: throw node.error("expected one of \"times\" and \"over\" in repeat, found none or both")
        }
        return Scenario.Loop(
            values: values, variable: try loop["as"]?.text("a name") ?? "i", index: try loop["index"]?.text("a name"),
            steps: try steps(loop.required("steps"), depth: depth + 1))
    }
}
