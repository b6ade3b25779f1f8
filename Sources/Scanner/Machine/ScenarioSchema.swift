import HeapModel

/// The scenario language as a JSON Schema (draft 2020-12), which editors complete and check YAML by.
///
/// Made of `ScenarioSyntax`, as the reader is: what the schema takes is what the reader knows.
package enum ScenarioSchema {
    package static var text: String { schema.rendered(indent: 0) + "\n" }

    private static var schema: JSONText {
        .object([
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("kmemtop scenario")),
            ("$defs", .object([("step", step), ("number", number), ("seconds", seconds), ("text", text(of: "string", "number", "boolean"))])),
        ] + members(of: ScenarioSyntax.top))
    }

    /// A mapping with a single key.
    private static var step: JSONText {
        .object([("anyOf", .array(ScenarioSyntax.steps.map { .object(members(of: [$0.required])) }))])
    }

    /// YAML reads a number in quotes as text; the scenario reader does not mind.
    private static var number: JSONText { number("integer", orTextLike: "^(0[xX][0-9a-fA-F]+|[0-9]+)$") }

    private static var seconds: JSONText { number("number", orTextLike: "^[0-9]+([.][0-9]{1,6})?$") }

    private static func number(_ type: String, orTextLike pattern: String) -> JSONText {
        .object([("anyOf", .array([
            .object([("type", .string(type)), ("minimum", .number(0))]),
            .object([("type", .string("string")), ("pattern", .string(pattern))]),
        ]))])
    }

    private static func text(of types: String...) -> JSONText { .object([("type", .array(types.map { .string($0) }))]) }

    private static func reference(_ name: String) -> JSONText { .object([("$ref", .string("#/$defs/\(name)"))]) }

    private static func members(of fields: [ScenarioSyntax.Field], oneOf keys: [String] = []) -> [(String, JSONText)] {
        let required = fields.filter(\.isRequired), choices = keys.map { JSONText.object([("required", .array([.string($0)]))]) }
        return [
            ("type", .string("object")),
            ("properties", .object(fields.map { ($0.name, described(schema(of: $0.shape), $0.note)) })),
        ] + (required.isEmpty ? [] : [("required", .array(required.map { .string($0.name) }))])
            + (choices.isEmpty ? [] : [("oneOf", .array(choices))])
            // What needs no key in particular, as an expectation, is not empty all the same.
            + (required.isEmpty ? [("minProperties", .number(1))] : [])
            + [("additionalProperties", .boolean(false))]
    }

    private static func described(_ schema: JSONText, _ note: String) -> JSONText {
        guard case .object(let members) = schema else { return schema }
        return .object([("description", .string(note))] + members)
    }

    private static func schema(of shape: ScenarioSyntax.Shape) -> JSONText {
        switch shape {
        case .text: reference("text")
        case .number: reference("number")
        case .seconds: reference("seconds")
        case .flag: .object([("type", .string("boolean"))])
        // What looks like a number is one to YAML: style: 6.1.
        case .choice(let words):
            .object([("enum", .array(words.map { .string($0) } + words.filter { Double($0) != nil }.map { .decimal($0) }))])
        case .list(let shape): .object([("type", .string("array")), ("items", schema(of: shape))])
        case .table(let shape): .object([("type", .string("object")), ("additionalProperties", schema(of: shape))])
        case .mapping(let fields, let keys): .object(members(of: fields, oneOf: keys))
        case .either(let shapes): .object([("anyOf", .array(shapes.map(schema)))])
        case .steps: .object([("type", .string("array")), ("items", reference("step"))])
        }
    }
}

extension ScenarioSyntax.Field {
    fileprivate var required: Self { Self(name, shape, note, isRequired: true) }
}
