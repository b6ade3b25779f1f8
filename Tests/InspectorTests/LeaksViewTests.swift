import HeapModel
import Scanner
import Testing

@testable import Inspector

struct LeaksViewTests {
    private func text(_ state: AppState, size: Size = Size(columns: 78, rows: 12), glyphs: Glyphs = Glyphs()) -> String {
        var frame = Frame(size: size), place = LeaksState()
        let groups = LeakGroups(state)
        place.toggle(in: groups, rows: LeaksView.visibleRows(in: size))
        LeaksView(state, groups, place, isFocused: true, glyphs: glyphs).draw(in: frame.bounds, on: &frame)
        return frame.text
    }

    /// `busy` loses its first block only when a while has passed.
    @Test(arguments: [("hub-probe", 0), ("busy", 30), ("percpu", 0), ("sample-module", 0)])
    func theLeaksAfterAScan(scenario: String, seconds: Int) throws {
        var state = try opened(scenario)
        state.press(":")
        state.type("advance \(seconds)")
        state.press("S")
        let groups = LeakGroups(state)
        var place = LeaksState()
        place.toggle(in: groups, rows: 9)
        try GoldenFrames("leaks-\(scenario)") { area, frame in
            LeaksView(state, groups, place, isFocused: true, glyphs: Glyphs()).draw(in: area, on: &frame)
        }.expectAsKept()
    }

    @Test func whatTheFilterHidesIsStillLost() throws {
        var state = try opened()
        state.press("S f")
        state.type("size>512")
        func shows(_ text: String) -> Bool { Screen(state, glyphs: Glyphs()).frame().text.contains(text) }
        state.press("2")
        #expect(state.leaks.count == 3 && shows(" No leak passes the filter; Esc shows all."))
        state.press("esc")
        #expect(!shows("No leak") && state.list.filter == nil)
    }

    @Test func theLineUnderTheCursorIsMarked() throws {
        var state = try opened()
        state.press("S")
        for (isFocused, style) in [(true, Style.selection), (false, .dimSelection)] {
            var frame = Frame(size: Size(columns: 40, rows: 6))
            LeaksView(state, LeakGroups(state), LeaksState(), isFocused: isFocused, glyphs: Glyphs()).draw(in: frame.bounds, on: &frame)
            #expect((0..<6).map { frame[$0, 5].style == style } == [false, true, false, false, false, false])
        }
    }

    @Test func withoutUnicodeAllIsASCII() throws {
        var state = try opened()
        state.press("S")
        let text = text(state, glyphs: Glyphs(isUnicode: false))
        let isASCII = text.allSatisfy(\.isASCII)
        #expect(isASCII)
        #expect(text.contains("\n-    2  1.0 KiB") && text.contains("\n    oL    512 B") && text.contains("\n+    1    512 B"))
    }

    @Test func whereThereIsNoLeakThePaneSaysWhy() throws {
        var state = try opened()
        #expect(text(state).hasPrefix(" No scan yet, so no leak is known.\n s scans"))
        state.press("s space } } }")
        #expect(text(state).hasPrefix(" The scan has not come to its report yet: it is at modified.\n"))
        state.press("S c y")
        #expect(text(state).hasPrefix(" No leak is known at present.\n"))
        state.press("S")
        #expect(text(state).hasPrefix(" No leak: nothing that is at least 5 s old stayed white.\n"))
        state.press(":")
        state.type("off")
        state.type("yes")
        #expect(text(state).hasPrefix(" kmemleak is off: nothing is scanned.\n"))
    }

    @Test func noSizeBreaksIt() throws {
        var state = try opened("sample-module")
        for keys in ["", "S"] {
            state.press(keys)
            for columns in [0, 1, 2, 7, 20, 30, 40, 60, 100, 300] {
                for rows in 0...6 {
                    let lines = text(state, size: Size(columns: columns, rows: rows)).split(separator: "\n", omittingEmptySubsequences: false)
                    #expect(lines.count == max(1, rows) && lines.allSatisfy { TextWidth.columns(of: $0) <= columns })
                }
            }
        }
    }
}
