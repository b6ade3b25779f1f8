/// How a cell looks: colours and attributes, ready for a terminal.
package struct Appearance: Hashable, Sendable {
    /// Number in the terminal's palette, 0xRRGGBB in true colour; nil its default.
    package var foreground: Int?
    package var background: Int?
    package var isBold: Bool
    package var isDim: Bool
    package var isReverse: Bool
    package var isUnderlined: Bool

    package init(
        _ foreground: Int? = nil, on background: Int? = nil, bold: Bool = false, dim: Bool = false, reverse: Bool = false,
        underlined: Bool = false
    ) {
        self.foreground = foreground
        self.background = background
        isBold = bold
        isDim = dim
        isReverse = reverse
        isUnderlined = underlined
    }

    /// The appearance with other numbers for its colours.
    func mapColours(_ transform: (Int) -> Int) -> Appearance {
        var mapped = self
        mapped.foreground = foreground.map(transform)
        mapped.background = background.map(transform)
        return mapped
    }

    /// The appearance with these colours where it leaves them to the terminal.
    func filled(ink: Int, ground: Int) -> Appearance {
        var filled = self
        filled.foreground = foreground ?? ink
        filled.background = background ?? ground
        return filled
    }

    /// For eight colours: bold stands for the bright ones. Bright black would be invisible as bold black, and is dim.
    var withoutBrightColours: Appearance {
        var plain = mapColours { $0 & 7 }
        if foreground == 8 {
            plain.foreground = nil
            plain.isDim = true
        } else if let foreground, foreground > 8 {
            plain.isBold = true
        }
        return plain
    }
}
