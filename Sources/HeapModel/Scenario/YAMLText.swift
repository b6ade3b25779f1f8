/// Texts as YAML writes them: what `YAMLNode` reads back is the same, scalar by scalar.
package enum YAMLText {
    /// As it is when it is made of plain characters only, else between double quotes.
    package static func scalar(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { plain.contains($0) } && text.first.map { $0 != "-" } ?? false
        return isPlain ? text : quoted(text)
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".unicodeScalars)

    /// Between double quotes, on one line.
    package static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"", "\\": "\\" + String(scalar)
        // Beside `&name`, `*name` would pass for an alias: `YAMLNode` looks for them whatever stands around.
        case "*": hexadecimal(scalar)
        case _ where isPrintable(scalar): String(scalar)
        default: hexadecimal(scalar)
        }
    }

    /// YAML 1.1, 5.1: characters that may stand in a file; the line ends of Unicode are left out.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
