/// The kernel log; its end, unless it was scrolled.
struct LogView {
    let state: AppState

    func draw(in area: Area, on frame: inout Frame) {
        let log = state.visibleLog
        let top = state.scroll[.log] ?? max(0, log.count - area.rows)
        for (row, line) in log.dropFirst(top).prefix(area.rows).enumerated() {
            let stamp = line.time.logStamp + " "
            let style: Style = line.text.contains("suspected memory leaks") ? .leak : line.text.hasPrefix("kmemleak:") ? .strong : .text
            frame.put([StyledText(stamp, .faint), StyledText(line.text, style)], row: area.row + row, column: area.column + 1, in: area)
        }
    }
}
