/// How many colours a terminal shows.
package enum ColourDepth: Int, Comparable, CaseIterable, Sendable {
    case monochrome = 2, eight = 8, sixteen = 16, palette256 = 256, trueColour = 16_777_216

    /// The depth that a terminal with `colors` colours (terminfo's number) has.
    package init(colors: Int) {
        self = Self.allCases.last { $0.rawValue <= max(2, colors) } ?? .monochrome
    }

    package static func < (left: ColourDepth, right: ColourDepth) -> Bool { left.rawValue < right.rawValue }
}

/// Gives each `Style` its look at a colour depth. Shape and letter say the same again, so no theme is needed to read.
package struct Theme: Sendable {
    /// The themes by the names that a person gives.
    package enum Kind: String, CaseIterable, Sendable {
        /// For a dark ground.
        case dark
        /// For a light ground.
        case light
        /// Bright on black, on any terminal: it paints its own ground.
        case contrast
        /// The terminal's own sixteen colours, at every depth.
        case classic
    }

    package let kind: Kind
    package let depth: ColourDepth
    /// What is behind text and what text is drawn with where a look names no colour, 0xRRGGBB: for pictures.
    package let ground: Int, ink: Int
    /// By the style's raw value.
    private let looks: [Appearance]

    package init(_ kind: Kind = .dark, depth: ColourDepth) {
        let table = kind.table
        self.kind = kind
        self.depth = depth
        ground = table.ground
        ink = table.ink
        looks = Style.allCases.map { table.appearance(of: $0, depth: depth) }
    }

    package subscript(style: Style) -> Appearance { looks[Int(style.rawValue)] }
}

extension Theme.Kind {
    /// The theme for the terminal's ground as `COLORFGBG` tells it ("15;0", "0;default;15"); dark if it does not.
    ///
    /// rxvt began it, and Konsole and others set it: the last number is the ground's in the palette of sixteen.
    package init(colourFGBG: String?) {
        let ground = colourFGBG?.split(separator: ";").last.flatMap { Int($0) }
        self = ground.map { $0 == 7 || (9...15).contains($0) } == true ? .light : .dark
    }

    /// Whether the colours of objects are chosen to stay apart for colour-blind eyes.
    package var isColourBlindSafe: Bool { self != .classic }

    var table: ThemeTable {
        switch self {
        case .dark: .dark
        case .light: .light
        case .contrast: .contrast
        case .classic: .classic
        }
    }
}
