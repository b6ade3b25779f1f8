import HeapModel

/// The shapes on the screen, in Unicode and for terminals without it.
package struct Glyphs: Sendable {
    package let isUnicode: Bool

    package init(isUnicode: Bool = true) { self.isUnicode = isUnicode }

    /// Shape and letter of an object's colour: neither needs a coloured screen.
    package func mark(_ shade: Shade, isLeak: Bool = false) -> String {
        switch shade {
        case .white: isUnicode ? (isLeak ? "○L" : "○W") : (isLeak ? "oL" : "oW")
        case .gray: isUnicode ? "◐G" : "cG"
        case .scanned: isUnicode ? "●S" : "*S"
        case .ignored: isUnicode ? "■I" : "#I"
        }
    }

    package func shape(_ shade: Shade) -> String { String(mark(shade).prefix(1)) }

    package var horizontal: String { isUnicode ? "─" : "-" }
    package var vertical: String { isUnicode ? "│" : "|" }
    package var up: String { isUnicode ? "▲" : "^" }
    package var down: String { isUnicode ? "▼" : "v" }
    package var marked: String { isUnicode ? "◆" : "+" }
    package var breakpoint: String { isUnicode ? "◉" : "@" }
    package var note: String { isUnicode ? "»" : ">" }
    package var arrow: String { isUnicode ? "→" : "->" }
    package var longArrow: String { isUnicode ? "──▶" : "-->" }
    package var full: String { isUnicode ? "█" : "#" }
    package var light: String { isUnicode ? "░" : "." }
    package var play: String { isUnicode ? "▶" : ">" }
    package var pause: String { isUnicode ? "‖" : "=" }
}

extension Frame {
    /// For terminals without Unicode: every sign of the program's own that is not ASCII becomes the one that stands for it.
    /// What comes from outside is left to the terminal.
    mutating func useASCII() {
        for row in 0..<size.rows {
            for column in 0..<size.columns {
                if let sign = Self.ascii[self[row, column].text] { self[row, column].text = sign }
            }
        }
    }

    private static let ascii = [
        "→": ">", "←": "<", "↑": "^", "↓": "v", "…": ".", "–": "-", "·": ".", "┊": ":", "◎": "O", "◑": "C", "◉": "@", "▪": "=",
        "○": "o", "◐": "c", "●": "*", "■": "#", "▶": ">", "‖": "=", "│": "|", "─": "-",
    ]
}

extension Style {
    /// The style of an object's colour.
    package init(_ shade: Shade, isLeak: Bool = false) {
        self = switch shade {
        case .white: isLeak ? .leak : .white
        case .gray: .gray
        case .scanned: .scanned
        case .ignored: .ignored
        }
    }
}
