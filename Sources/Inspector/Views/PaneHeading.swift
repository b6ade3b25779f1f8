/// The line above a pane: its number and name; where panes share a place, all their names as tabs.
struct PaneHeading {
    let pane: Pane
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        frame.fill(area, glyphs.horizontal, .border)
        var column = area.column + 1
        for tab in tabs {
            let style: Style = tab == state.focus ? .activeHeading : tab == pane ? .strong : .faint
            column = frame.put(" \(tab.rawValue) \(tab.title) ", style, row: area.row, column: column, in: area)
            column += 1
        }
        let note = note
        if !note.isEmpty {
            let start = area.column + area.columns - TextWidth.columns(of: note) - 3
            if start > column { frame.put(" \(note) ", .faint, row: area.row, column: start, in: area) }
        }
    }

    private var tabs: [Pane] {
        pane == .objects || !state.layout.hasTabs ? [pane] : Pane.allCases.filter { $0 != .objects }
    }

    private var note: String {
        switch pane {
        case .objects: "\(state.rows.count) by \(state.order.rawValue)"
        case .scan: state.playback.map { "\($0.isPlaying ? glyphs.play : glyphs.pause) \($0.speedLabel)" } ?? ""
        case .hex, .backtrace: state.selection.map { state.heap.objects.pointers[$0.index].description } ?? ""
        case .log: "\(state.visibleLog.count) lines"
        }
    }
}
