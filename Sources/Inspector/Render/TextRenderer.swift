extension Frame {
    /// The frame as plain text, a line a row, without blanks at the ends.
    package var text: String {
        (0..<size.rows).map { row in
            var line = (0..<size.columns).map { self[row, $0].text }.joined()
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
