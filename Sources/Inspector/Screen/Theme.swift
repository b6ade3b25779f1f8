/// How many colours a terminal shows.
package enum ColourDepth: Int, Comparable, CaseIterable, Sendable {
    case monochrome = 2, eight = 8, sixteen = 16, palette256 = 256, trueColour = 16_777_216

    /// The depth that a terminal with `colors` colours (terminfo's number) has.
    package init(colors: Int) {
        self = Self.allCases.last { $0.rawValue <= max(2, colors) } ?? .monochrome
    }

    package static func < (left: ColourDepth, right: ColourDepth) -> Bool { left.rawValue < right.rawValue }
}

/// How a cell looks: palette numbers and attributes, ready for a terminal.
package struct Appearance: Hashable, Sendable {
    /// Number in the terminal's palette, 0xRRGGBB in true colour; nil its default.
    package var foreground: Int?
    package var background: Int?
    package var isBold = false
    package var isDim = false
    package var isReverse = false
    package var isUnderlined = false

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
}

/// Gives each `Style` its look at a colour depth.
///
/// Hues are chosen to stay apart for colour-blind eyes (blue, yellow-orange, grays); shape and letter say the same again.
package struct Theme: Sendable {
    package let depth: ColourDepth

    package init(depth: ColourDepth) { self.depth = depth }

    package subscript(style: Style) -> Appearance {
        switch depth {
        case .monochrome: Self.monochrome(style)
        case .eight, .sixteen: Self.basic(style)
        case .palette256: Self.palette(style)
        case .trueColour: Self.trueColour(Self.palette(style))
        }
    }

    private static func monochrome(_ style: Style) -> Appearance {
        switch style {
        case .selection, .cursor, .phaseNow, .activeHeading: Appearance(reverse: true)
        case .strong, .heading, .key, .warning, .error, .leak, .gray: Appearance(bold: true)
        case .dimSelection: Appearance(underlined: true)
        case .faint, .border, .phaseAhead, .ignored: Appearance(dim: true)
        case .text, .footer, .prompt, .white, .scanned, .phaseDone, .wordRead: Appearance()
        }
    }

    /// The eight colours that every colour terminal has.
    private static func basic(_ style: Style) -> Appearance {
        let (red, green, yellow, blue, cyan) = (1, 2, 3, 4, 6)
        return switch style {
        case .text, .footer, .prompt, .white: Appearance()
        case .faint, .border, .phaseAhead, .ignored: Appearance(dim: true)
        case .strong: Appearance(bold: true)
        case .heading: Appearance(cyan)
        case .activeHeading: Appearance(cyan, bold: true, reverse: true)
        case .selection: Appearance(reverse: true)
        case .dimSelection: Appearance(underlined: true)
        case .key: Appearance(cyan, bold: true)
        case .warning: Appearance(yellow, bold: true)
        case .error, .leak: Appearance(red, bold: true)
        case .gray: Appearance(yellow, bold: true)
        case .scanned: Appearance(blue, bold: true)
        case .phaseDone: Appearance(green)
        case .phaseNow: Appearance(yellow, bold: true, reverse: true)
        case .cursor: Appearance(yellow, bold: true, reverse: true)
        case .wordRead: Appearance(cyan)
        }
    }

    private static func palette(_ style: Style) -> Appearance {
        switch style {
        case .text: Appearance()
        case .faint: Appearance(243)
        case .strong: Appearance(bold: true)
        case .heading: Appearance(110)
        case .activeHeading: Appearance(233, on: 110, bold: true)
        case .border: Appearance(239)
        case .selection: Appearance(255, on: 24)
        case .dimSelection: Appearance(on: 236)
        case .key: Appearance(117, bold: true)
        case .footer: Appearance(247)
        case .prompt: Appearance(bold: true)
        case .warning: Appearance(220)
        case .error: Appearance(209, bold: true)
        case .white: Appearance(255, bold: true)
        case .gray: Appearance(178, bold: true)
        case .scanned: Appearance(75)
        case .ignored: Appearance(240)
        case .leak: Appearance(203, bold: true)
        case .phaseDone: Appearance(75)
        case .phaseNow: Appearance(233, on: 178, bold: true)
        case .phaseAhead: Appearance(240)
        case .cursor: Appearance(233, on: 220, bold: true)
        case .wordRead: Appearance(67)
        }
    }

    private static func trueColour(_ appearance: Appearance) -> Appearance {
        var appearance = appearance
        appearance.foreground = appearance.foreground.map(rgb)
        appearance.background = appearance.background.map(rgb)
        return appearance
    }

    /// The value that xterm's 256-colour palette has at `index` (16 and up).
    package static func rgb(palette index: Int) -> Int {
        guard index < 232 else { return (8 + (index - 232) * 10) * 0x010101 }
        let level = { (step: Int) in step == 0 ? 0 : 55 + step * 40 }
        let cube = index - 16
        return level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6)
    }
}
