/// A theme as it is written down: a look for every style, once in full and once in sixteen colours.
struct ThemeTable: Sendable {
    /// What the terminal shows where a look names no colour, 0xRRGGBB.
    let ground: Int, ink: Int
    /// Whether these are painted, and not left to the terminal.
    var paintsGround = false
    /// Colours are 0xRRGGBB; nil: only the sixteen.
    let rich: [Style: Appearance]?
    /// Colours are 0 to 15. Where there are eight, bold stands for 9 to 15.
    let basic: [Style: Appearance]

    func appearance(of style: Style, depth: ColourDepth) -> Appearance {
        let full = depth >= .palette256 ? rich?[style] : nil
        let table = depth == .monochrome ? Self.monochrome : basic
        var look = full ?? table[style] ?? Appearance()
        if paintsGround, depth != .monochrome {
            look = full == nil ? look.filled(ink: 7, ground: 0) : look.filled(ink: ink, ground: ground)
        }
        return switch depth {
        case .monochrome, .sixteen: look
        case .eight: look.withoutBrightColours
        case .palette256: full == nil ? look : look.mapColours(Palette.nearest)
        case .trueColour: full == nil ? look.mapColours(Palette.rgb) : look
        }
    }

    /// Attributes alone, for every theme: what is not reached is underlined, what waits is bold.
    static let monochrome: [Style: Appearance] = [
        .text: Appearance(),
        .faint: Appearance(dim: true),
        .strong: Appearance(bold: true),
        .heading: Appearance(bold: true),
        .activeHeading: Appearance(reverse: true),
        .column: Appearance(underlined: true),
        .border: Appearance(dim: true),
        .selection: Appearance(reverse: true),
        .dimSelection: Appearance(underlined: true),
        .key: Appearance(bold: true),
        .footer: Appearance(),
        .prompt: Appearance(),
        .warning: Appearance(bold: true),
        .error: Appearance(bold: true),
        .white: Appearance(underlined: true),
        .gray: Appearance(bold: true),
        .scanned: Appearance(),
        .ignored: Appearance(dim: true),
        .leak: Appearance(bold: true, underlined: true),
        .root: Appearance(bold: true),
        .free: Appearance(dim: true),
        .phaseDone: Appearance(),
        .phaseNow: Appearance(reverse: true),
        .phaseAhead: Appearance(dim: true),
        .cursor: Appearance(reverse: true),
        .wordRead: Appearance(),
        .arrow: Appearance(bold: true),
        .match: Appearance(bold: true, reverse: true),
        .mark: Appearance(reverse: true, underlined: true),
        .changed: Appearance(bold: true, underlined: true),
        .breakpoint: Appearance(bold: true, reverse: true),
    ]
}
