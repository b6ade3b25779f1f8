import HeapModel

/// The kernel log, long lines broken.
struct LogLines {
    let state: AppState
    let columns: Int

    var lines: [Line] {
        state.visibleLog.flatMap { line in
            let stamp = line.time.logStamp
            let style: Style = line.text.contains("suspected memory leaks") ? .leak : line.text.hasPrefix("kmemleak:") ? .strong : .text
            let width = stamp.count + 1
            guard TextWidth.columns(of: line.text) + width > columns else {
                return [Line([StyledText(stamp + " ", .faint), StyledText(line.text, style)])]
            }
            let rows = [StyledText(line.text, style)].wrapped(columns: columns - width)
            return rows.enumerated().map { number, row in
                Line([StyledText(number == 0 ? stamp + " " : String(repeating: " ", count: width), .faint)] + row)
            }
        }
    }
}
