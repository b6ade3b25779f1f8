/// How text from anywhere is made fit for a screen: no control characters, and as many columns as it really takes.
package enum TextWidth {
    /// Columns that a terminal gives to the character: 2 for wide ones (East Asian, emoji), else 1.
    package static func columns(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first, scalar.value >= 0x1100 else { return 1 }
        return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    package static func columns(of text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// Unicode's East Asian Width W and F, as ranges of blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    /// Control characters, separators and lone combining or invisible marks become `·`, so that nothing from outside
    /// can steer a terminal or shift its columns.
    package static func clean(_ text: some StringProtocol) -> String {
        var cleaned = ""
        for character in text {
            cleaned.append(character.unicodeScalars.allSatisfy(isHarmless) && isVisible(character) ? character : "·")
        }
        return cleaned
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func isVisible(_ character: Character) -> Bool {
        switch character.unicodeScalars.first?.properties.generalCategory {
        case .nonspacingMark?, .enclosingMark?, .spacingMark?, nil: false
        default: true
        }
    }
}
