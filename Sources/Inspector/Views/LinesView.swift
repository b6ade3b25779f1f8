/// A pane or page that is a list of lines with a cursor, which stays in the middle where the list is longer than the area.
struct LinesView {
    let lines: [Line]
    let cursor: Int
    /// Whether the pane has the keys.
    let isActive: Bool
    var empty = ""

    func draw(in area: Area, on frame: inout Frame) {
        guard !lines.isEmpty else {
            frame.put(empty, .faint, row: area.row, column: area.column + 1, in: area)
            return
        }
        let top = Self.top(count: lines.count, cursor: cursor, rows: area.rows)
        for (row, line) in lines.dropFirst(top).prefix(area.rows).enumerated() {
            frame.put(line.text, row: area.row + row, column: area.column + 1, in: area)
            if top + row == cursor, isActive {
                frame.tint(Area(row: area.row + row, column: area.column, columns: area.columns, rows: 1), .selection)
            }
        }
    }

    /// The first line shown.
    static func top(count: Int, cursor: Int, rows: Int) -> Int { max(0, min(cursor - rows / 2, count - rows)) }
}
