/// The keys, those of the pane that has them first, from the table of keys; what the colours mean; the filter language.
struct HelpLines {
    let focus: Pane
    let columns: Int

    var lines: [Line] {
        let here = Keymap.bindings.filter { $0.places.contains(.pane(focus)) }
        return heading("Here, in the pane \(focus.title)") + hints + here.map { line($0, withPlace: false) }
            + [Line([])] + colours
            + Binding.Group.allCases.flatMap { group -> [Line] in
                let bindings = Keymap.bindings.filter { $0.group == group && !$0.places.contains(.pane(focus)) }
                return bindings.isEmpty ? [] : [Line([])] + heading(group.rawValue) + bindings.map { line($0, withPlace: true) }
            }
            + [Line([])] + heading("Filters (f) and searches (/)") + filters
    }

    /// What the arrows do where they do not simply move a cursor.
    private var hints: [Line] {
        let text: String? = switch focus {
        case .scan: "arrows step: left and right by words, up and down by references, page keys by objects"
        case .hex: "arrows move from word to word"
        case .map: "arrows move from cell to cell"
        case .objects, .leaks, .backtrace, .references, .why, .log: nil
        }
        return text.map { [Line([StyledText("  " + $0)])] } ?? []
    }

    private func heading(_ text: String) -> [Line] { [Line([StyledText(text, .heading)])] }

    private func line(_ binding: Binding, withPlace: Bool) -> Line {
        let keys = binding.keys.map(\.label).joined(separator: " ")
        return Line([
            StyledText("  " + keys.padded(14), .key), StyledText(withPlace ? binding.place : "", .faint), StyledText(binding.help),
        ])
    }

    private var colours: [Line] {
        let glyphs = Glyphs()
        return heading("Colours") + [
            (glyphs.mark(.white), .white, "not reached: fewer references than it needs"),
            (glyphs.mark(.white, isLeak: true), .leak, "not reached, and reported as a leak"),
            (glyphs.mark(.gray), .gray, "reached, waiting on the gray list to be scanned"),
            (glyphs.mark(.scanned), .scanned, "reached and scanned (textbooks call it black; kmemleak still says gray)"),
            (glyphs.mark(.ignored), .ignored, "ignored: neither scanned nor reported (what kmemleak calls black)"),
        ].map { (mark: String, style: Style, text: String) in Line([StyledText("  \(mark)  ", style), StyledText(text)]) }
            + [Line([StyledText("  On the map", .faint), StyledText("  L", .leak), StyledText(" a leak  "), StyledText("◎◑◉", .strong), StyledText(" several colours in a cell  "), StyledText("▪", .root), StyledText(" a root  "), StyledText("·", .free), StyledText(" free")])]
            + [Line([StyledText("  In the present, when no scan is looked at, there is no gray list: what was reached is gray.", .faint)])]
    }

    private var filters: [Line] {
        FilterField.table.map { Line([StyledText("  " + $0.example.padded(26), .key), StyledText($0.help)]) }
    }
}
