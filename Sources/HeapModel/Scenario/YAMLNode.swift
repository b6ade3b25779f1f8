import Yams

/// A YAML node that knows its file, with reads that fail at its line and column.
package struct YAMLNode {
    let file: String
    private let node: Node

    /// Larger files are refused: a scenario is written by hand.
    private static let sizeLimit = 1 << 20

    init(_ bytes: [UInt8], file: String) throws(ScenarioError) {
        guard let node = try Self.document(bytes, file: file, what: "a scenario", sizeLimit: Self.sizeLimit) else {
            throw ScenarioError(file: file, line: 1, column: 1, message: "expected a scenario, found nothing")
        }
        self = node
    }

    /// What a whole file says, which messages call `what`; nil when there is nothing but comments in it.
    package static func document(
        _ bytes: [UInt8], file: String, what: String, sizeLimit: Int
    ) throws(ScenarioError) -> YAMLNode? {
        let refuse = { (message: String) in ScenarioError(file: file, line: 1, column: 1, message: message) }
        guard bytes.count <= sizeLimit else {
            throw refuse("\(what) has at most \(sizeLimit) bytes, this file has \(bytes.count)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refuse("expected \(what) in UTF-8, found other bytes")
        }
        if let alias = alias(in: bytes) {
            throw ScenarioError(
                file: file, line: alias.line, column: alias.column, message: "expected no YAML alias, found \"*\(alias.name)\"")
        }
        do {
            // Without rules that tell what a scalar is: all are read as texts.
            return try Yams.compose(yaml: text, .basic).map { YAMLNode($0, file: file) }
        } catch let error as YamlError {
            throw located(error, file: file)
        } catch {
            throw refuse("expected YAML: \(error)")
        }
    }

    private init(_ node: Node, file: String) {
        self.node = node
        self.file = file
    }

    /// The first `*name` whose `&name` stands anywhere in the file, counted from 1.
    ///
    /// Aliases let a short file stand for an endless tree, and the parser already walks that tree. Asking only for the
    /// same name with `&` somewhere refuses every alias that could resolve, whatever stands around it.
    private static func alias(in bytes: [UInt8]) -> (name: String, line: Int, column: Int)? {
        guard bytes.contains(UInt8(ascii: "*")), bytes.contains(UInt8(ascii: "&")) else { return nil }
        var anchors: Set<[UInt8]> = []
        var aliases: [(name: [UInt8], line: Int, column: Int)] = []
        var line = 1, lineStart = 0
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"): (line, lineStart) = (line + 1, index + 1)
            case UInt8(ascii: "&"): anchors.insert(name(in: bytes[(index + 1)...]))
            case UInt8(ascii: "*"): aliases.append((name(in: bytes[(index + 1)...]), line, index - lineStart + 1))
            default: break
            }
        }
        return aliases.first { !$0.name.isEmpty && anchors.contains($0.name) }.map {
            (String(decoding: $0.name, as: UTF8.self), $0.line, $0.column)
        }
    }

    /// The characters of an anchor at the start of `bytes`.
    private static func name(in bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.prefix { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        })
    }

    private static func located(_ error: YamlError, file: String) -> ScenarioError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            ScenarioError(file: file, line: mark.line, column: mark.column, message: "expected YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            ScenarioError(
                file: file, line: context.mark.line, column: context.mark.column,
                message: "expected each key once, found \(keys.map { "\"\($0)\"" }.joined(separator: ", ")) again")
        case .reader(let problem, _, _, _):
            ScenarioError(file: file, line: 1, column: 1, message: "expected YAML: \(problem)")
        default:
            ScenarioError(file: file, line: 1, column: 1, message: "expected YAML: \(error)")
        }
    }

    var line: Int { node.mark?.line ?? 1 }
    var column: Int { node.mark?.column ?? 1 }

    package func error(_ message: String) -> ScenarioError {
        ScenarioError(file: file, line: line, column: column, message: message)
    }

    /// What the node is, for "found …".
    private var found: String {
        switch node {
        // A text that is no YAML at all is one long scalar.
        case .scalar(let scalar): "\"\(scalar.string.prefix(60))\(scalar.string.count > 60 ? "…" : "")\""
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    // MARK: Reads

    var isMapping: Bool { node.mapping != nil }
    var isList: Bool { node.sequence != nil }

    func list(_ what: String, atMost limit: Int = .max) throws(ScenarioError) -> [YAMLNode] {
        guard let sequence = node.sequence else { throw error("expected a list of \(what), found \(found)") }
        guard sequence.count <= limit else { throw error("expected at most \(limit) \(what), found \(sequence.count)") }
        return sequence.map { YAMLNode($0, file: file) }
    }

    /// Members in the order of the file.
    package func members(_ what: String) throws(ScenarioError) -> [(key: YAMLNode, value: YAMLNode)] {
        guard let mapping = node.mapping else { throw error("expected \(what) as a mapping, found \(found)") }
        return mapping.map { (YAMLNode($0.key, file: file), YAMLNode($0.value, file: file)) }
    }

    /// A mapping that may have only these keys.
    package func mapping(_ what: String, keys: [String]) throws(ScenarioError) -> YAMLMapping {
        var values: [String: YAMLNode] = [:]
        for (key, value) in try members(what) {
            let name = try key.text("a key")
            guard keys.contains(name) else {
                let near = NearestNames.to(name, in: keys).first
                throw key.error("\(what) has no \"\(name)\"; " + (near.map { "did you mean \"\($0)\"?" } ?? "it has \(keys.joined(separator: ", "))"))
            }
            guard values[name] == nil else { throw key.error("\"\(name)\" stands here twice") }
            values[name] = value
        }
        return YAMLMapping(node: self, what: what, values: values)
    }

    package func text(_ what: String) throws(ScenarioError) -> String {
        guard let scalar = node.scalar else { throw error("expected \(what), found \(found)") }
        return scalar.string
    }

    func number(_ what: String, in range: ClosedRange<UInt64> = 0...UInt64.max) throws(ScenarioError) -> UInt64 {
        guard let value = Expression.number(try text(what)), range.contains(value) else {
            let bounds = range == 0...UInt64.max ? "a number" : "a number from \(range.lowerBound) to \(range.upperBound)"
            throw error("expected \(what) as \(bounds), found \(found)")
        }
        return value
    }

    package func address(_ what: String) throws(ScenarioError) -> Address { Address(try number(what)) }

    func seconds(_ what: String) throws(ScenarioError) -> Microseconds {
        guard let time = Microseconds(seconds: try text(what)), time <= Scenario.timeLimit else {
            throw error("expected \(what) in seconds with at most six places, up to 1000000000; found \(found)")
        }
        return time
    }

    package func decimal(_ what: String, in range: ClosedRange<Double>) throws(ScenarioError) -> Double {
        let text = try text(what)
        // No signs, exponents or names of infinity: what a person writes.
        guard text.allSatisfy({ $0 == "." || ("0"..."9").contains($0) }), let value = Double(text), range.contains(value) else {
            throw error("expected \(what) as a number from \(range.lowerBound) to \(range.upperBound), found \"\(text)\"")
        }
        return value
    }

    package func flag(_ what: String) throws(ScenarioError) -> Bool {
        switch try text(what) {
        case "true": return true
        case "false": return false
        default: throw error("expected \(what) as true or false, found \(found)")
        }
    }
}

extension YAMLNode {
    /// One of a few words.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ what: String) throws(ScenarioError) -> Choice {
        let text = try text(what)
        guard let choice = Choice(rawValue: text) else {
            throw error("expected \(what): \(Choice.allCases.map(\.rawValue).joined(separator: ", ")); found \"\(text)\"")
        }
        return choice
    }
}

/// The members of a mapping whose keys are known.
package struct YAMLMapping {
    let node: YAMLNode
    fileprivate let what: String
    fileprivate let values: [String: YAMLNode]

    fileprivate init(node: YAMLNode, what: String, values: [String: YAMLNode]) {
        self.node = node
        self.what = what
        self.values = values
    }

    package subscript(key: String) -> YAMLNode? { values[key] }

    func required(_ key: String) throws(ScenarioError) -> YAMLNode {
        guard let value = values[key] else { throw node.error("\(what) needs \"\(key)\"") }
        return value
    }
}
