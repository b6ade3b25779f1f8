/// Text as roff reads it, for mdoc pages.
enum Roff {
    /// Running text: one sentence or less on a line, none longer than a terminal is wide.
    static func prose(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { paragraph in
            paragraph.isEmpty ? ".Pp\n" : lines(paragraph).map { $0 + "\n" }.joined()
        }.joined()
    }

    /// One argument of a macro: never taken for a macro, a delimiter or several words.
    static func word(_ text: String) -> String {
        // Delimiters are single characters, and macros have two or three.
        let escaped = (text.count <= 3 || text.hasPrefix(".") ? nothing : "") + escape(text)
        return text.contains(" ") ? "\"\(escaped)\"" : escaped
    }

    /// Takes no room, and makes what follows ordinary text.
    private static let nothing = "\\&"

    /// A full line; a control character in its first column would make it a request.
    private static func escapeLine(_ text: String) -> String {
        (text.hasPrefix(".") || text.hasPrefix("'") ? nothing : "") + escape(text)
    }

    private static func escape(_ text: String) -> String { text.unicodeScalars.map(escape).joined() }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\\": "\\e"
        // These are typographic: a hyphen, quotation marks and accents.
        case "-": "\\-"
        case "'": "\\(aq"
        case "\"": "\\(dq"
        case "`": "\\(ga"
        case "^": "\\(ha"
        case "~": "\\(ti"
        case _ where scalar.isASCII: String(scalar)
        default: "\\[u" + hexadecimal(scalar.value) + "]"
        }
    }

    /// Upper case, at least four digits.
    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Escapes come on top.
    private static let width = 70

    /// Breaks after sentences, and before words that would reach too far.
    private static func lines(_ paragraph: Substring) -> [String] {
        let words = paragraph.split(separator: " ")
        var lines: [String] = [], line = ""
        for (index, word) in words.enumerated() {
            line += (line.isEmpty ? "" : " ") + word
            let next = index + 1 < words.count ? words[index + 1] : nil
            let isSentence = word.count > 1 && isStop(word.last) && next?.first?.isUppercase ?? true
            if isSentence || line.count + 1 + (next?.count ?? 0) > width || next == nil {
                // roff takes a stop at the end of a line for the end of a sentence.
                lines.append(escapeLine(line) + (isSentence || !isStop(word.last) ? "" : nothing))
                line = ""
            }
        }
        return lines
    }

    private static func isStop(_ character: Character?) -> Bool { character.map { ".?!".contains($0) } ?? false }
}
