/// A page of text that lies over the panes.
struct PageView {
    let title: String
    let lines: [[StyledText]]
    let scroll: Int

    func draw(in area: Area, on frame: inout Frame) {
        let end = frame.put(" \(title) ", .activeHeading, row: area.row, column: area.column + 1, in: area)
        frame.put(" arrows scroll, Esc closes ", .faint, row: area.row, column: end + 1, in: area)
        let body = area.dropFirst()
        let top = min(scroll, max(0, lines.count - body.rows))
        for (row, line) in lines.dropFirst(top).prefix(body.rows).enumerated() {
            frame.put(line, row: body.row + row, column: body.column + 1, in: body)
        }
    }
}
