import HeapModel
import Scanner

// Panes: which has the keys, which is in front, where the borders are; and the mouse.
extension AppState {
    package var layout: Layout {
        Layout(size: size, shares: settings.layout[screenClass] ?? [:], recent: recent, zoomed: isZoomed ? focus : nil)
    }

    private var screenClass: String { ScreenClass(size).rawValue }

    /// Rows under a pane's heading; none when the pane is behind another one.
    func visibleRows(of pane: Pane) -> Int { max(0, (layout.area(of: pane)?.rows ?? 1) - 1) }

    mutating func focus(on pane: Pane) {
        focus = pane
        bringToFront(pane)
        search = nil
    }

    /// Shows a pane where it shares its place with others; the keys stay, unless they were with one of those.
    mutating func bringToFront(_ pane: Pane) {
        guard let slot = layout.slot(of: pane) else { return }
        if isZoomed || slot.panes.contains(focus) { focus = pane }
        recent.removeAll { $0 == pane }
        recent.insert(pane, at: 0)
        keepSelectionVisible()
    }

    mutating func focusNext(_ direction: Direction) {
        let all = Pane.allCases
        let place = focus.rawValue - 1 + (direction == .forwards ? 1 : all.count - 1)
        focus(on: all[place % all.count])
    }

    /// Gives the pane with the keys the whole body, or no more.
    mutating func zoomPane() {
        isZoomed.toggle()
        keepSelectionVisible()
    }

    /// Lays a page over the panes, or takes it away.
    mutating func show(_ page: Page?) {
        self.page = page
        pageCursor = 0
        search = nil
    }

    /// At the first start of all.
    package mutating func welcome() {
        guard !settings.hintsSeen else { return }
        settings.hintsSeen = true
        effects.append(.saveHint)
        say("Welcome. s watches a scan, Space pauses it, . and , step, 1 to 9 are the panes, ? shows all keys, q leaves.")
        message?.timeLeft = 30_000_000
    }

    // MARK: Borders

    /// The borders on an axis that lie beside the pane with the keys, the nearest last.
    func borders(_ axis: Arrangement.Axis) -> [(split: Arrangement.Split, isFirst: Bool)] {
        isZoomed ? [] : (ScreenClass(size).arrangement.path(to: focus) ?? []).filter { $0.split.axis == axis }
    }

    mutating func moveBorder(_ axis: Arrangement.Axis, _ direction: Direction) {
        guard let (split, isFirst) = borders(axis).last else { return }
        let step = (direction == .forwards) == isFirst ? 0.04 : -0.04
        let share = settings.layout[screenClass]?[split.name] ?? split.share
        let moved = ((share + step) * 100).rounded() / 100
        settings.layout[screenClass, default: [:]][split.name] = min(max(0.1, moved), 0.9)
        effects.append(.saveSettings)
        keepSelectionVisible()
    }

    package var themeKind: Theme.Kind { settings.theme ?? terminalTheme }

    mutating func changeTheme() {
        let all = Theme.Kind.allCases
        let next = all[((all.firstIndex(of: themeKind) ?? 0) + 1) % all.count]
        settings.theme = next
        effects.append(.saveSettings)
        say("Theme \(next.rawValue).")
    }

    // MARK: Mouse

    mutating func click(row: Int, column: Int, isDouble: Bool) {
        guard prompt == nil, page == nil else { return }
        message = nil
        if row < layout.header.rows { return clickHeader(row: row, column: column) }
        guard let slot = layout.slot(row: row, column: column) else { return }
        if row == slot.area.row {
            let tab = PaneHeading.tab(at: column, in: slot)
            return focus(on: tab ?? slot.front)
        }
        let pane = slot.front
        if focus != pane { focus(on: pane) }
        click(line: row - slot.area.row - 1, column: column, in: pane, slot.area.dropFirst())
        if isDouble, objection(to: .open) == nil { open() }
    }

    private mutating func click(line: Int, column: Int, in pane: Pane, _ area: Area) {
        switch pane {
        case .objects where line == 0:
            if let clicked = ObjectsView.column(at: column - area.column, columns: area.columns) {
                sort(ObjectOrder(column: clicked, isReversed: list.order.column == clicked && !list.order.isReversed))
            }
        case .objects:
            let row = line - 1 + (scroll[.objects] ?? 0)
            if list.rows.indices.contains(row) { moveSelection(by: row - (selection.flatMap(list.row) ?? 0)) }
        case .leaks:
            clickLeak(line: line - LeaksView.headRows(area.rows))
        case .map: mapState.click(row: line, column: column - area.column, over: map, in: mapSize)
        case .hex: if let offset = HexView.offset(at: line, column - area.column, self, area) { hex.cursor = offset }
        case .backtrace, .references, .why, .log:
            let top = LinesView.top(count: lines(of: pane).count, cursor: cursorLine(of: pane), rows: area.rows)
            if lines(of: pane).indices.contains(top + line) { cursors[pane] = top + line }
        case .scan: break
        }
    }

    /// A phase of the strip takes the scan there.
    private mutating func clickHeader(row: Int, column: Int) {
        guard row == HeaderView.stripRow, kmemleak.recording != nil,
            let phase = HeaderView(state: self, glyphs: Glyphs()).phase(at: column)
        else { return }
        showLastScan()
        if let tick = playback?.recording.phases.first(where: { $0.phase == phase })?.tick { jump(to: .tick(tick)) }
    }

    mutating func wheel(_ count: Int, row: Int, column: Int) {
        guard prompt == nil else { return }
        let before = focus
        if page == nil, let slot = layout.slot(row: row, column: column) { focus = slot.front }
        // The wheel does not step the scan.
        if page != nil || focus != .scan {
            for _ in 0..<abs(count) { move(count > 0 ? .down : .up) }
        }
        focus = before
    }
}
