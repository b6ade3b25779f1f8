extension Frame {
    /// The frame as text with ANSI colour sequences (SGR), for a terminal or a pager.
    package func ansi(_ theme: Theme) -> String {
        (0..<size.rows).map { row in
            runs(ofRow: row).map { "\u{1b}[\(theme[$0.style].sgr(theme.depth))m" + $0.text }.joined() + "\u{1b}[0m"
        }.joined(separator: "\n")
    }
}

extension Appearance {
    /// The parameters of a Select Graphic Rendition sequence, beginning with a reset.
    fileprivate func sgr(_ depth: ColourDepth) -> String {
        var codes = ["0"]
        if isBold { codes.append("1") }
        if isDim { codes.append("2") }
        if isUnderlined { codes.append("4") }
        if isReverse { codes.append("7") }
        if let foreground { codes.append(Self.colour(foreground, base: 3, depth)) }
        if let background { codes.append(Self.colour(background, base: 4, depth)) }
        return codes.joined(separator: ";")
    }

    private static func colour(_ number: Int, base: Int, _ depth: ColourDepth) -> String {
        switch depth {
        case .trueColour: "\(base)8;2;\(number >> 16 & 0xff);\(number >> 8 & 0xff);\(number & 0xff)"
        case .palette256: "\(base)8;5;\(number)"
        // 30 to 37 and 40 to 47; the bright ones are 90 to 97 and 100 to 107.
        case .monochrome, .eight, .sixteen: "\(number + base * 10 + (number < 8 ? 0 : 52))"
        }
    }
}
