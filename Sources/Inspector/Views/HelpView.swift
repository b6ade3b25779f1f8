/// The keys, from the table of keys, and what the colours mean.
struct HelpView {
    let glyphs: Glyphs

    var lines: [[StyledText]] {
        var lines: [[StyledText]] = [
            [StyledText("Colours", .heading)],
            [StyledText("  \(glyphs.mark(.white))  ", .white), StyledText("not reached: fewer references than it needs")],
            [StyledText("  \(glyphs.mark(.white, isLeak: true))  ", .leak), StyledText("not reached, and reported as a leak")],
            [StyledText("  \(glyphs.mark(.gray))  ", .gray), StyledText("reached, waiting on the gray list to be scanned")],
            [StyledText("  \(glyphs.mark(.scanned))  ", .scanned), StyledText("reached and scanned (textbooks call it black; kmemleak still says gray)")],
            [StyledText("  \(glyphs.mark(.ignored))  ", .ignored), StyledText("ignored: neither scanned nor reported (what kmemleak calls black)")],
        ]
        for group in Binding.Group.allCases {
            lines.append([])
            lines.append([StyledText(group.rawValue, .heading)])
            for binding in Keymap.bindings where binding.group == group {
                let keys = binding.keys.map(\.label).joined(separator: " ")
                lines.append([StyledText("  " + keys.padded(14), .key), StyledText(binding.help)])
            }
        }
        return lines
    }
}
