import HeapModel

/// Draws the whole screen.
package struct Screen {
    private let state: AppState
    private let glyphs: Glyphs

    package init(_ state: AppState, glyphs: Glyphs = Glyphs()) {
        self.state = state
        self.glyphs = glyphs
    }

    package func frame() -> Frame {
        var frame = Frame(size: state.size)
        let minimum = Layout.minimum
        guard state.size.columns >= minimum.columns, state.size.rows >= minimum.rows else {
            frame.put("kmemtop needs \(minimum.columns)x\(minimum.rows),", .strong, row: 0, column: 0)
            frame.put("this is \(state.size.columns)x\(state.size.rows).", row: 1, column: 0)
            return frame
        }
        let layout = state.layout
        HeaderView(state: state, glyphs: glyphs).draw(in: layout.header, on: &frame)
        if let page = state.page {
            draw(page, in: layout.body, on: &frame)
        } else {
            for divider in layout.dividers { frame.fill(divider, glyphs.vertical, .border) }
            for slot in layout.slots { draw(slot, on: &frame) }
        }
        FooterView(state: state).draw(in: layout.footer, on: &frame)
        if !glyphs.isUnicode { frame.useASCII() }
        return frame
    }

    private func draw(_ page: Page, in area: Area, on frame: inout Frame) {
        let end = frame.put(" \(page.heading) ", .activeHeading, row: area.row, column: area.column + 1, in: area)
        frame.put(" \(page.hint) ", .faint, row: area.row, column: end + 1, in: area)
        LinesView(lines: state.lines(of: page), cursor: state.pageCursor, isActive: true, empty: page.empty).draw(in: area.dropFirst(), on: &frame)
        if let search = state.search, search.place == .page { frame.highlight(search.text, in: area.dropFirst()) }
    }

    private func draw(_ slot: Layout.Slot, on frame: inout Frame) {
        let pane = slot.front
        PaneHeading(slot: slot, state: state, glyphs: glyphs).draw(in: slot.area.prefix(1), on: &frame)
        let body = slot.area.dropFirst()
        switch pane {
        case .objects: ObjectsView(state: state, glyphs: glyphs).draw(in: body, on: &frame)
        case .leaks:
            LeaksView(state, state.leakGroups, state.leakState, isFocused: state.focus == .leaks, glyphs: glyphs).draw(in: body, on: &frame)
        case .map:
            MapView(state, state.map, state.mapState, isFocused: state.focus == .map, glyphs: glyphs).draw(in: body, on: &frame)
        case .scan: ScanView(state: state, glyphs: glyphs).draw(in: body, on: &frame)
        case .hex: HexView(state: state, glyphs: glyphs).draw(in: body, on: &frame)
        case .backtrace, .references, .why, .log:
            LinesView(
                lines: state.lines(of: pane), cursor: state.cursorLine(of: pane), isActive: pane == state.focus,
                empty: pane == .log ? "The log is empty." : "No object is selected."
            ).draw(in: body, on: &frame)
        }
        if let search = state.search, search.place == .lines(pane) || pane == .hex && search.place == .hex {
            frame.highlight(search.text, in: body)
        }
    }
}

extension Page {
    fileprivate var heading: String { title.prefix(1).uppercased() + title.dropFirst() }

    fileprivate var hint: String {
        switch self {
        case .help: "arrows scroll, / searches, Esc closes"
        case .configuration, .roots: "arrows scroll, Esc closes"
        case .whatIf: "Enter goes to the object, u takes back, Esc closes"
        case .breakpoints: "Enter goes to the next stop, Delete removes, Esc closes"
        }
    }

    fileprivate var empty: String {
        self == .breakpoints ? "None. b sets one on the selected object, :break on a range, a name, a colour." : ""
    }
}
