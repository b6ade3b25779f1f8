import Foundation
import Yams

/// As much of JSON Schema as the scenario schema uses, over YAML.
struct SchemaValidator {
    private let root: [String: Any]

    init(_ root: [String: Any]) { self.root = root }

    /// Where a document does not fit, in words; empty when it does.
    func faults(in node: Node) -> [String] { faults(node, root, "") }

    private func faults(_ node: Node, _ schema: [String: Any], _ path: String) -> [String] {
        if let reference = schema["$ref"] as? String {
            let name = reference.components(separatedBy: "/").last ?? ""
            let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any]
            return target.map { faults(node, $0, path) } ?? ["\(path): no definition \(name)"]
        }
        if let choices = schema["anyOf"] as? [[String: Any]] {
            let all = choices.map { faults(node, $0, path) }
            if !all.contains([]) { return all.min { $0.count < $1.count } ?? [] }
        }
        var found: [String] = []
        if let choices = schema["oneOf"] as? [[String: Any]] {
            let fitting = choices.count { faults(node, $0, path).isEmpty }
            if fitting != 1 { found.append("\(path): fits \(fitting) of what it has to fit one of") }
        }
        if let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map({ [$0] }), !types.contains(where: { matches(node, $0) }) {
            return ["\(path): not \(types.joined(separator: " or "))"]
        }
        if let words = schema["enum"] as? [Any] {
            let texts = words.map { "\($0)" }
            if !texts.contains(node.string ?? "") { found.append("\(path): not one of \(texts)") }
        }
        if let pattern = schema["pattern"] as? String, node.string?.range(of: pattern, options: .regularExpression) == nil {
            found.append("\(path): not \(pattern)")
        }
        if let minimum = schema["minimum"] as? Double, let value = node.float, value < minimum { found.append("\(path): too small") }
        if let mapping = node.mapping { found += faults(mapping, schema, path) }
        if let items = schema["items"] as? [String: Any] {
            for (place, item) in (node.sequence.map(Array.init) ?? []).enumerated() { found += faults(item, items, "\(path)[\(place)]") }
        }
        return found
    }

    private func faults(_ mapping: Node.Mapping, _ schema: [String: Any], _ path: String) -> [String] {
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        var found = (schema["required"] as? [String] ?? []).filter { key in !mapping.keys.contains { $0.string == key } }.map { "\(path): no \($0)" }
        if let least = schema["minProperties"] as? Int, mapping.count < least { found.append("\(path): nothing there") }
        for (key, value) in mapping {
            let name = key.string ?? ""
            if let property = properties[name] {
                found += faults(value, property, "\(path).\(name)")
            } else if let rest = schema["additionalProperties"] as? [String: Any] {
                found += faults(value, rest, "\(path).\(name)")
            } else if schema["additionalProperties"] as? Bool == false {
                found.append("\(path): \(name) is unknown")
            }
        }
        return found
    }

    /// By the type that YAML gives a scalar.
    private func matches(_ node: Node, _ type: String) -> Bool {
        switch type {
        case "object": node.mapping != nil
        case "array": node.sequence != nil
        case "integer": node.scalar != nil && node.tag.description.hasSuffix(":int")
        case "number": node.scalar != nil && (node.tag.description.hasSuffix(":int") || node.tag.description.hasSuffix(":float"))
        case "boolean": node.scalar != nil && node.tag.description.hasSuffix(":bool")
        case "string": node.scalar != nil && (node.tag.description.hasSuffix(":str") || node.tag.description.hasSuffix(":timestamp"))
        default: false
        }
    }
}
