import Scanner
import Testing

@testable import Inspector

/// Every pane as it looks on screens of three sizes and with each number of colours, kept as text.
struct PaneFrameTests {
    static let sizes = [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40), Size(columns: 200, rows: 60)]

    /// A pane in a scene that has something to show there.
    struct Scene: Sendable, CustomTestStringConvertible {
        let pane: Pane
        var source = "hub-probe"
        let keys: String
        var testDescription: String { pane.title }

        func state(_ size: Size) throws -> AppState {
            var state = try opened(source, columns: size.columns, rows: size.rows)
            for key in keys.split(separator: " ") {
                // Words are typed, single characters and names of keys are pressed.
                if let key = Key(parsing: key) { state.apply(.key(key)) } else { key.forEach { state.apply(.key(.character($0))) } }
            }
            state.press("\(pane.rawValue)")
            return state
        }

        /// The pane alone, with its heading.
        func frame(_ size: Size) throws -> Frame {
            let state = try state(size), whole = Screen(state).frame()
            let area = try #require(state.layout.area(of: pane))
            var part = Frame(size: Size(columns: area.columns, rows: area.rows))
            for row in 0..<area.rows {
                for column in 0..<area.columns { part[row, column] = whole[area.row + row, area.column + column] }
            }
            return part
        }
    }

    static let scenes = [
        Scene(pane: .objects, keys: "S m b down down / usb_ enter"), Scene(pane: .leaks, keys: "S 2 enter"),
        Scene(pane: .map, keys: "s space } } . . . ."), Scene(pane: .scan, keys: "s space } } . . . ."),
        Scene(pane: .hex, keys: "S g hub0 enter"), Scene(pane: .backtrace, keys: "S M looks space real enter"),
        Scene(pane: .references, keys: "S g hub0 enter"), Scene(pane: .why, source: "stale-stack", keys: "t S L"),
        Scene(pane: .log, keys: "S d enter"),
    ]

    @Test func everyPaneHasAScene() { #expect(Set(Self.scenes.map(\.pane)) == Set(Pane.allCases)) }

    @Test(arguments: scenes)
    func thePaneAtThreeSizes(scene: Scene) throws {
        let pictures = try Self.sizes.map { size in "\(size.columns)x\(size.rows)\n\(try scene.frame(size).text)\n\n" }
        try GoldenFrames("pane-\(scene.pane.title)", text: pictures.joined()).expectAsKept()
    }

    @Test(arguments: ColourDepth.allCases)
    func thePanesInColour(depth: ColourDepth) throws {
        let theme = Theme(.dark, depth: depth)
        let pictures = try Self.scenes.map { scene in
            "\(scene.pane.title)\n" + (try scene.frame(Self.sizes[0])).ansi(theme).replacing("\u{1b}", with: "␛") + "\n\n"
        }
        try GoldenFrames("colours-\(depth.rawValue)", text: pictures.joined()).expectAsKept()
    }

    /// The whole screen before, in the middle of, and after a scan.
    @Test(arguments: [("start", ""), ("scan", "s space } } . . . ."), ("end", "S L")])
    func theScreenAtThreeSizes(name: String, keys: String) throws {
        let pictures = try Self.sizes.map { size in
            var state = try opened(columns: size.columns, rows: size.rows)
            state.press(keys)
            return "\(size.columns)x\(size.rows)\n\(Screen(state).frame().text)\n\n"
        }
        try GoldenFrames("screen-\(name)", text: pictures.joined()).expectAsKept()
    }

    /// However little room there is.
    @Test func noSizeBreaksAPane() throws {
        for scene in Self.scenes {
            var state = try scene.state(Self.sizes[0])
            for size in [(0, 0), (1, 1), (79, 24), (80, 24), (81, 25), (116, 29), (116, 30), (180, 48), (500, 120)] {
                state.apply(.resize(Size(columns: size.0, rows: size.1)))
                #expect(Screen(state).frame().size == state.size)
            }
        }
    }
}
