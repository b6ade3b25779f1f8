/// A directed graph in the language of Graphviz, written in the order in which it is told of.
///
/// Everything that is told may come from a file that is not to be trusted: names are quoted and cleaned here.
struct DotGraph {
    private var lines: [String] = []
    private var depth = 1

    /// Attributes with a value that needs no quotes, or one that is told to a person.
    enum Value {
        case plain(String)
        case text([String])
    }

    typealias Attributes = KeyValuePairs<String, Value?>

    /// A line for who reads the file.
    mutating func comment(_ text: String) { add("// " + Self.clean(text)) }

    mutating func defaults(of kind: String, _ attributes: Attributes) { add(kind + Self.list(attributes) + ";") }

    mutating func node(_ name: String, _ attributes: Attributes) { add(name + Self.list(attributes) + ";") }

    mutating func edge(from source: String, to target: String, _ attributes: Attributes) {
        add("\(source) -> \(target)\(Self.list(attributes));")
    }

    /// A frame around what `body` tells of.
    mutating func cluster(_ name: String, label: [String], _ body: (inout DotGraph) -> Void) {
        add("subgraph cluster_\(name) {")
        depth += 1
        add("label=\(Self.quoted(label)); style=dashed;")
        body(&self)
        depth -= 1
        add("}")
    }

    var text: String { "digraph kmemleak {\n" + lines.map { $0 + "\n" }.joined() + "}\n" }

    private mutating func add(_ line: String) { lines.append(String(repeating: "  ", count: depth) + line) }

    private static func list(_ attributes: Attributes) -> String {
        let told = attributes.compactMap { name, value in value.map { "\(name)=\(text(of: $0))" } }
        return told.isEmpty ? "" : " [" + told.joined(separator: ", ") + "]"
    }

    private static func text(of value: Value) -> String {
        switch value {
        case .plain(let text): text
        case .text(let lines): quoted(lines)
        }
    }

    /// Lines of a label as one string. Graphviz takes backslashes for escapes, and `&` for the beginning of an entity.
    private static func quoted(_ lines: [String]) -> String {
        let lines = lines.map { line in
            clean(line).unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
        }
        return "\"" + lines.joined(separator: "\\n") + "\""
    }

    private static let escapes: [Unicode.Scalar: String] = ["\\": "\\\\", "\"": "\\\"", "&": "&amp;"]

    /// At most this many characters of a name.
    private static let longest = 96

    /// Without what breaks lines or turns the direction of writing, and cut where nobody reads on.
    private static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longest) { scalars.append(isHarmless(scalar) ? scalar : "\u{fffd}") }
        if text.unicodeScalars.count > longest { scalars.append("…") }
        return String(scalars)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
        default: true
        }
    }
}
