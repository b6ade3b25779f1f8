/// A strict reader of the part of Graphviz' language that is written here: what it takes, `dot` takes too.
struct DotText {
    private(set) var nodes: [String: [String: String]] = [:]
    /// In their order.
    private(set) var names: [String] = []
    private(set) var edges: [(from: String, to: String, attributes: [String: String])] = []
    /// The nodes in each frame, by its label.
    private(set) var clusters: [String: [String]] = [:]
    private(set) var comments: [String] = []

    private var rest: Substring.UnicodeScalarView

    /// What stands at a place where it should not.
    struct Unexpected: Error { let text: String }

    init(_ text: String) throws {
        rest = text[...].unicodeScalars
        try expect("digraph")
        _ = try word()
        try expect("{")
        try statements(in: nil)
        skip()
        guard rest.isEmpty else { throw unexpected }
    }

    private var unexpected: Unexpected { Unexpected(text: String(String.UnicodeScalarView(rest.prefix(60)))) }

    private mutating func statements(in cluster: String?) throws {
        var label = cluster, members: [String] = []
        while !take("}") {
            let name = try word()
            if name == "subgraph" {
                _ = try word()
                try expect("{")
                try statements(in: "")
            } else if take("=") {
                if name == "label" { label = try word() } else { _ = try word() }
            } else if take("->") {
                let target = try word()
                edges.append((name, target, try attributes()))
            } else {
                let attributes = try attributes()
                if !["graph", "node", "edge"].contains(name) {
                    guard nodes[name] == nil else { throw Unexpected(text: "\(name) a second time") }
                    nodes[name] = attributes
                    names.append(name)
                    members.append(name)
                }
            }
            _ = take(";")
        }
        if cluster != nil { clusters[label ?? ""] = members }
    }

    private mutating func attributes() throws -> [String: String] {
        var attributes: [String: String] = [:]
        guard take("[") else { return [:] }
        while !take("]") {
            let name = try word()
            try expect("=")
            attributes[name] = try word()
            _ = take(",")
        }
        return attributes
    }

    /// A name, a number or a quoted string, without its quotes, as it is written.
    private mutating func word() throws -> String {
        skip()
        if take("\"") {
            var word = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                guard scalar.value >= 0x20 else { throw unexpected }
                word.append(scalar)
                if scalar == "\\", let next = rest.popFirst() { word.append(next) }
            }
            return String(word)
        }
        let word = rest.prefix { $0 == "_" || $0 == "." || ("0"..."9").contains($0) || ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
        guard !word.isEmpty else { throw unexpected }
        rest = rest.dropFirst(word.count)
        return String(String.UnicodeScalarView(word))
    }

    private mutating func expect(_ text: String) throws { if !take(text) { throw unexpected } }

    private mutating func take(_ text: String) -> Bool {
        skip()
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }

    private mutating func skip() {
        while let scalar = rest.first {
            if scalar == " " || scalar == "\n" {
                rest = rest.dropFirst()
            } else if rest.starts(with: "//".unicodeScalars) {
                comments.append(String(String.UnicodeScalarView(rest.prefix { $0 != "\n" })))
                rest = rest.drop { $0 != "\n" }
            } else {
                return
            }
        }
    }
}
