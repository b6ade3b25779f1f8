extension Frame {
    /// Writes text from a place on, cleaned, clipped to `area`.
    /// - Returns: the column behind the text.
    @discardableResult
    package mutating func put(
        _ text: String, _ style: Style = .text, row: Int, column: Int, in area: Area? = nil
    ) -> Int {
        let area = area ?? bounds
        let end = area.column + area.columns
        guard row >= area.row, row < area.row + area.rows else { return column }
        var column = column
        for character in TextWidth.clean(text) {
            let width = TextWidth.columns(of: character)
            guard column + width <= end else { break }
            if column >= area.column {
                self[row, column] = Cell(String(character), style)
                if width == 2 { self[row, column + 1] = Cell("", style) }
            }
            column += width
        }
        return column
    }

    /// Gives the cells of an area a style, leaving their text.
    package mutating func tint(_ area: Area, _ style: Style) {
        for row in area.row..<area.row + area.rows {
            for column in area.column..<area.column + area.columns { self[row, column].style = style }
        }
    }

    /// Shows where a text occurs in an area, whatever its case.
    package mutating func highlight(_ text: String, in area: Area) {
        let wanted = text.lowercased().map(String.init)
        guard !wanted.isEmpty else { return }
        for row in area.row..<area.row + area.rows {
            let cells = (area.column..<area.column + area.columns).map { self[row, $0].text.lowercased() }
            guard cells.count >= wanted.count else { return }
            for start in 0...(cells.count - wanted.count) where cells[start..<start + wanted.count].elementsEqual(wanted) {
                tint(Area(row: row, column: area.column + start, columns: wanted.count, rows: 1), .match)
            }
        }
    }

    /// Fills an area with one character.
    package mutating func fill(_ area: Area, _ text: String = " ", _ style: Style = .text) {
        for row in area.row..<area.row + area.rows {
            for column in area.column..<area.column + area.columns { self[row, column] = Cell(text, style) }
        }
    }
}

/// A run of text with one meaning; lines on the screen are made of several.
package struct StyledText: Equatable, Sendable {
    package let text: String
    package let style: Style

    package init(_ text: String, _ style: Style = .text) {
        self.text = text
        self.style = style
    }
}

extension Frame {
    /// Writes spans one after the other on a row of an area.
    @discardableResult
    package mutating func put(_ spans: [StyledText], row: Int, column: Int? = nil, in area: Area) -> Int {
        spans.reduce(column ?? area.column) { put($1.text, $1.style, row: row, column: $0, in: area) }
    }
}
