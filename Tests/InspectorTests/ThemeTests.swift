@testable import Inspector
import Testing

/// Every theme at every depth can be read, and tells the colours of objects apart.
struct ThemeTests {
    private static let objects: [Style] = [.white, .gray, .scanned, .ignored, .leak]
    /// Ornament, which nobody has to read.
    private static let ornaments: Set<Style> = [.border, .free]

    @Test(arguments: Theme.Kind.allCases)
    func everyStyleIsInEveryTable(kind: Theme.Kind) {
        let all = Set(Style.allCases)
        #expect(Set(kind.table.basic.keys) == all && Set(ThemeTable.monochrome.keys) == all)
        if let rich = kind.table.rich { #expect(Set(rich.keys) == all) }
    }

    @Test(arguments: Theme.Kind.allCases, ColourDepth.allCases)
    func coloursOfObjectsStayApartAtEveryDepth(kind: Theme.Kind, depth: ColourDepth) {
        let theme = Theme(kind, depth: depth)
        #expect(Set(Self.objects.map { theme[$0] }).count == Self.objects.count)
    }

    @Test(arguments: Theme.Kind.allCases, ColourDepth.allCases)
    func coloursAreThoseThatTheDepthHas(kind: Theme.Kind, depth: ColourDepth) {
        let theme = Theme(kind, depth: depth)
        let numbers = Style.allCases.flatMap { [theme[$0].foreground, theme[$0].background] }.compactMap { $0 }
        #expect(numbers.allSatisfy { (0..<depth.rawValue).contains($0) })
        #expect(numbers.isEmpty == (depth == .monochrome))
    }

    @Test func withoutBrightColoursBoldTakesTheirPlace() {
        #expect(Theme(.dark, depth: .sixteen)[.gray] == Appearance(11))
        #expect(Theme(.dark, depth: .eight)[.gray] == Appearance(3, bold: true))
        #expect(Theme(.classic, depth: .eight)[.ignored] == Appearance(dim: true), "bold black would be black")
    }

    @Test(arguments: Theme.Kind.allCases.filter(\.isColourBlindSafe), [ColourDepth.palette256, .trueColour])
    func coloursOfObjectsStayApartForEveryEye(kind: Theme.Kind, depth: ColourDepth) {
        let theme = Theme(kind, depth: depth)
        for eye in ColourVision.allCases {
            for (index, left) in Self.objects.enumerated() {
                for right in Self.objects[(index + 1)...] {
                    let distance = eye.distance(theme.inkInFull(left), theme.inkInFull(right))
                    #expect(distance > 18, "\(left) and \(right) with \(eye)")
                }
            }
        }
    }

    /// Why the light theme's leaks are not red.
    @Test func theMeasureCanSayNo() {
        let (red, ochre) = (0xd70000, 0x875f00)
        #expect(ColourVision.normal.distance(red, ochre) > 18 && ColourVision.deuteranopia.distance(red, ochre) < 18)
    }

    @Test(arguments: [(Theme.Kind.dark, 4.5), (.light, 4.5), (.contrast, 7)], [ColourDepth.palette256, .trueColour])
    func textCanBeRead(_ goal: (kind: Theme.Kind, contrast: Double), depth: ColourDepth) {
        let theme = Theme(goal.kind, depth: depth)
        for style in Style.allCases where !Self.ornaments.contains(style) {
            let contrast = ColourVision.contrast(theme.inkInFull(style), theme.groundInFull(style))
            #expect(contrast >= goal.contrast, "\(style)")
        }
    }

    @Test func theContrastThemePaintsItsOwnGround() {
        for depth in ColourDepth.allCases where depth > .monochrome {
            let theme = Theme(.contrast, depth: depth)
            #expect(Style.allCases.allSatisfy { theme[$0].foreground != nil && theme[$0].background != nil })
        }
    }

    @Test func theGroundIsToldByTheEnvironment() {
        let told: [(String?, Theme.Kind)] = [
            (nil, .dark), ("", .dark), ("15;0", .dark), ("0;15", .light), ("0;default;15", .light), ("0;7", .light),
            ("7;8", .dark), ("15;default", .dark), ("12;6", .dark), ("0;99", .dark),
        ]
        for (value, kind) in told { #expect(Theme.Kind(colourFGBG: value) == kind, "\(value ?? "not set")") }
    }

    @Test func thePaletteIsXtermsAndTheNearestOfItsColoursIsFound() {
        #expect(Palette.rgb(16) == 0 && Palette.rgb(231) == 0xffffff && Palette.rgb(178) == 0xd7af00)
        #expect(Palette.rgb(232) == 0x080808 && Palette.rgb(255) == 0xeeeeee && Palette.rgb(9) == 0xff0000)
        #expect((16..<256).allSatisfy { Palette.rgb(Palette.nearest(to: Palette.rgb($0))) == Palette.rgb($0) })
        #expect(Palette.nearest(to: 0xd8b001) == 178)
    }

    @Test func picturesHaveTheThemesColours() {
        var frame = Frame(size: Size(columns: 4, rows: 1))
        frame.put("ab", .gray, row: 0, column: 0)
        #expect(frame.svg().contains("fill=\"#16181d\"") && frame.svg().contains("fill=\"#d7af00\""))
        #expect(frame.svg(.light).contains("fill=\"#ffffff\"") && frame.svg(.light).contains("fill=\"#875f00\""))
        #expect(frame.ansi(Theme(.light, depth: .palette256)).hasPrefix("\u{1b}[0;1;38;5;94mab"))
        #expect(frame.ansi(Theme(.dark, depth: .sixteen)).hasPrefix("\u{1b}[0;93mab"))
        #expect(frame.ansi(Theme(.dark, depth: .eight)).hasPrefix("\u{1b}[0;1;33mab"))
    }
}

extension Theme {
    /// 0xRRGGBB of what a style's text is drawn with and stands on, where the terminal has the theme's ground.
    fileprivate func inkInFull(_ style: Style) -> Int { inFull(self[style].foreground) ?? ink }
    fileprivate func groundInFull(_ style: Style) -> Int { inFull(self[style].background) ?? ground }

    private func inFull(_ number: Int?) -> Int? {
        number.map { depth == .trueColour ? $0 : Palette.rgb($0) }
    }
}
