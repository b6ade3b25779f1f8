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
        let room = area.columns - end - 4
        if let note = notes.first(where: { TextWidth.columns(of: $0) <= room }), !note.isEmpty {
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

    private var noteStyle: Style { [.objects, .leaks].contains(slot.front) && state.list.filter != nil ? .match : .faint }

    /// The first that has room is shown.
    private var notes: [String] {
        switch slot.front {
        case .objects: listNotes
        case .leaks: state.leaks.isEmpty ? [] : [state.leakState.grouping.title + "by \(state.leakState.order.title)" + (state.list.filter.map { ": \($0.text)" } ?? "")]
        case .map: [MapView.note(state.map, state.mapState, in: state.mapSize)]
        case .scan: [state.playback.map { ($0.isPlaying ? glyphs.play + " " : "paused, ") + $0.speedLabel } ?? "the present"]
        case .hex: hexNotes
        case .backtrace, .references, .why: [subject]
        case .log: [state.logFilter.isEmpty ? "\(state.visibleLog.count) line\(state.visibleLog.count == 1 ? "" : "s")" : "lines with \(state.logFilter)"]
        }
    }

    private var listNotes: [String] {
        let list = state.list
        guard let filter = list.filter else {
            let order = "\(list.rows.count) by \(list.order.column.label)"
            return [order + (state.isFollowing && state.playback != nil ? ", following" : ""), order, "\(list.rows.count)"]
        }
        return ["\(list.rows.count) of \(list.objectCount): \(filter.text)", "\(list.rows.count) of \(list.objectCount)"]
    }

    private var subject: String { state.selection.map(state.shortLabel) ?? "" }

    private var hexNotes: [String] {
        let name = state.viewedMemory?.name ?? subject, bits = state.heap.profile.wordSize * 8
        return ["\(name), \(bits)-bit words, little-endian", "\(name), \(bits)-bit, little-endian", name]
    }
}
