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
            let body = Area(row: layout.header.rows, column: 0, columns: state.size.columns,
                rows: state.size.rows - layout.header.rows - 1)
            view(of: page).draw(in: body, on: &frame)
        } else {
            for (pane, area) in layout.areas { draw(pane, in: area, on: &frame) }
        }
        FooterView(state: state).draw(in: layout.footer, on: &frame)
        return frame
    }

    private func view(of page: AppState.Page) -> PageView {
        switch page {
        case .help: PageView(title: "Help", lines: HelpView(glyphs: glyphs).lines, scroll: state.pageScroll)
        case .configuration:
            PageView(
                title: "Configuration",
                lines: ConfigurationView(
                    configuration: KernelConfiguration(state.heap.profile, state.kmemleak.options), columns: state.size.columns
                ).lines,
                scroll: state.pageScroll)
        }
    }

    private func draw(_ pane: Pane, in area: Area, on frame: inout Frame) {
        PaneHeading(pane: pane, state: state, glyphs: glyphs).draw(in: area.prefix(1), on: &frame)
        let body = area.dropFirst()
        switch pane {
        case .objects: ObjectsView(state: state, glyphs: glyphs).draw(in: body, on: &frame)
        case .scan: ScanView(state: state, glyphs: glyphs).draw(in: body, on: &frame)
        case .hex: HexView(state: state, glyphs: glyphs).draw(in: body, on: &frame)
        case .backtrace: BacktraceView(state: state).draw(in: body, on: &frame)
        case .log: LogView(state: state).draw(in: body, on: &frame)
        }
    }
}
