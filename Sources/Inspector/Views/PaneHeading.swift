/// The line above a slot: number and name of the pane in it, and as tabs those behind it.
struct PaneHeading {
    let slot: Layout.Slot
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        frame.fill(area, glyphs.horizontal, .border)
        for tab in Self.tabs(of: slot) {
            let style: Style = tab.pane != slot.front ? .faint : tab.pane == state.focus ? .activeHeading : .strong
            frame.put(tab.label, style, row: area.row, column: area.column + tab.column, in: area)
        }
        let end = (Self.tabs(of: slot).last.map { $0.column + $0.label.count } ?? 0) + 1
        let note = String(note.prefix(max(0, area.columns - end - 4)))
        if note.count > 3 {
            frame.put(" \(note) ", noteStyle, row: area.row, column: area.column + area.columns - TextWidth.columns(of: note) - 3, in: area)
        }
    }

    /// The names of a slot's panes and where they stand; short where there are many.
    private static func tabs(of slot: Layout.Slot) -> [(pane: Pane, label: String, column: Int)] {
        var column = 1
        return slot.panes.map { pane in
            let isTight = slot.panes.count > 6
            let label = " \(pane.rawValue) \(pane.title)" + (isTight ? "" : " ")
            defer { column += label.count + (isTight ? 0 : 1) }
            return (pane, label, column)
        }
    }

    /// The pane whose name is at a column of the screen.
    static func tab(at column: Int, in slot: Layout.Slot) -> Pane? {
        tabs(of: slot).first { ($0.column..<$0.column + $0.label.count).contains(column - slot.area.column) }?.pane
    }

    private var noteStyle: Style { slot.front == .objects && state.list.filter != nil ? .match : .faint }

    private var note: String {
        switch slot.front {
        case .objects: listNote
        case .leaks: state.leaks.isEmpty ? "" : "by \(state.leakState.order.title)"
        case .map: MapView.note(state.map, state.mapState, in: state.mapSize)
        case .scan: state.playback.map { ($0.isPlaying ? glyphs.play + " " : "paused, ") + $0.speedLabel } ?? "the present"
        case .hex: hexNote
        case .backtrace, .references, .why: subject
        case .log: state.logFilter.isEmpty ? "\(state.visibleLog.count) lines" : "lines with \(state.logFilter)"
        }
    }

    private var listNote: String {
        let list = state.list
        let following = state.isFollowing && state.playback != nil ? ", following" : ""
        guard let filter = list.filter else { return "\(list.rows.count) by \(list.order.column.label)\(following)" }
        return "\(list.rows.count) of \(list.objectCount): \(filter.text)"
    }

    private var subject: String { state.selection.map(state.shortLabel) ?? "" }

    private var hexNote: String {
        let name = state.viewedMemory?.name ?? subject
        return "\(name), \(state.heap.profile.wordSize * 8)-bit words, little-endian"
    }
}
