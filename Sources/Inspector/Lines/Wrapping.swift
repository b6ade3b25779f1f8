extension [StyledText] {
    /// Broken between words into rows of at most so many columns, all but the first indented. A blank stands between spans
    /// that do not bring one.
    func wrapped(columns: Int, indent: Int = 0) -> [[StyledText]] {
        var rows: [[StyledText]] = [[]]
        var column = 0
        for span in self {
            for word in span.text.split(separator: " ", omittingEmptySubsequences: true) {
                let width = TextWidth.columns(of: word)
                if column > 0, column + 1 + width > columns {
                    rows.append([StyledText(String(repeating: " ", count: indent))])
                    column = indent
                } else if column > 0 {
                    rows[rows.count - 1].append(StyledText(" ", span.style))
                    column += 1
                }
                rows[rows.count - 1].append(StyledText(String(word), span.style))
                column += width
            }
        }
        return rows
    }
}
