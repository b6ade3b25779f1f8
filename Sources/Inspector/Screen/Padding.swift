extension String {
    /// Blanks up to a number of columns; what is too long is cut.
    func padded(_ columns: Int) -> String {
        var text = "", width = 0
        for character in self {
            guard width + TextWidth.columns(of: character) <= columns else { break }
            text.append(character)
            width += TextWidth.columns(of: character)
        }
        return text + String(repeating: " ", count: columns - width)
    }

    func leftPadded(_ columns: Int) -> String { String(repeating: " ", count: max(0, columns - count)) + self }
}
