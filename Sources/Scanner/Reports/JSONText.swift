/// JSON with its members in the order in which they are given.
package indirect enum JSONText {
    case number(Int)
    case unsigned(UInt64)
    /// A number as it is written.
    case decimal(String)
    case boolean(Bool)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])

    /// One line, or indented by two blanks a level when `indent` is given.
    package func rendered(indent: Int? = nil) -> String {
        switch self {
        case .number(let value): String(value)
        case .unsigned(let value): String(value)
        case .decimal(let text): text
        case .boolean(let value): String(value)
        case .string(let text): Self.quoted(text)
        case .array(let items): Self.block("[", items.map { $0.rendered(indent: indent.map { $0 + 1 }) }, "]", indent)
        case .object(let members):
            Self.block("{", members.map { Self.quoted($0) + ": " + $1.rendered(indent: indent.map { $0 + 1 }) }, "}", indent)
        }
    }

    private static func block(_ open: String, _ items: [String], _ close: String, _ indent: Int?) -> String {
        guard let indent, !items.isEmpty else { return open + items.joined(separator: ", ") + close }
        let outer = "\n" + String(repeating: "  ", count: indent)
        return open + outer + "  " + items.joined(separator: "," + outer + "  ") + outer + close
    }

    /// Escapes what RFC 8259 wants escaped: quotes, backslashes and control characters.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1f}", "\u{7f}":
                quoted += "\\u00" + HexRow.digits(UInt8(scalar.value))
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
