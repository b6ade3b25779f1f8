import HeapModel
import Scanner

extension AppState {
    mutating func move(_ movement: Movement) {
        if page != nil { return pageScroll = max(0, pageScroll + distance(movement, page: size.rows - 3)) }
        let pageRows = max(1, visibleRows(of: focus) - 1)
        switch focus {
        case .objects:
            isFollowing = false
            let current = selection.flatMap(row) ?? 0
            let row = min(max(0, current + distance(movement, page: pageRows)), rows.count - 1)
            if rows.indices.contains(row) { select(rows[row]) }
        case .scan, .hex, .backtrace, .log:
            let last = max(0, lineCount(of: focus) - visibleRows(of: focus))
            let current = scroll[focus] ?? (focus == .log ? last : 0)
            let line = min(max(0, current + distance(movement, page: pageRows)), last)
            // A log scrolled to its end goes on following it.
            scroll[focus] = focus == .log && line == last ? nil : line
        }
    }

    private func distance(_ movement: Movement, page: Int) -> Int {
        switch movement {
        case .up: -1
        case .down: 1
        case .pageUp: -page
        case .pageDown: page
        case .start: -(1 << 40)
        case .end: 1 << 40
        }
    }

    mutating func select(_ id: ObjectID) {
        if selection != id { scroll[.hex] = nil; scroll[.backtrace] = nil }
        selection = id
        keepSelectionVisible()
    }

    mutating func keepSelectionVisible() {
        guard let row = selection.flatMap(row) else { return }
        let visible = max(1, visibleRows(of: .objects))
        let top = scroll[.objects] ?? 0
        scroll[.objects] = max(0, min(max(top, row - visible + 1), row, max(0, rows.count - visible)))
    }

    mutating func selectNextLeak(_ direction: Direction) {
        let leaks = leaks
        guard let first = leaks.first, let last = leaks.last else { return }
        isFollowing = false
        let current = selection ?? last
        select(direction == .forwards ? leaks.first { $0 > current } ?? first : leaks.last { $0 < current } ?? last)
    }

    mutating func changeOrder() {
        order = order.next
        rows = order.sorted(heap.objects)
        keepSelectionVisible()
        say("Objects by \(order.rawValue).")
    }

    /// Lays a page over the panes, or takes it away.
    mutating func show(_ page: Page?) {
        self.page = page
        pageScroll = 0
    }

    mutating func focus(on pane: Pane) {
        focus = pane
        if pane != .objects { lowerPane = pane }
    }

    mutating func focusNext(_ direction: Direction) {
        let all = Pane.allCases
        let place = focus.rawValue - 1 + (direction == .forwards ? 1 : all.count - 1)
        focus(on: all[place % all.count])
    }

    mutating func click(row: Int, column: Int) {
        guard prompt == nil, page == nil, let (pane, area) = layout.pane(row: row, column: column) else { return }
        message = nil
        focus(on: pane)
        let line = row - area.row - 1 + (scroll[.objects] ?? 0)
        if pane == .objects, row > area.row, rows.indices.contains(line) {
            isFollowing = false
            select(rows[line])
        }
    }

    mutating func wheel(_ count: Int, row: Int, column: Int) {
        guard prompt == nil else { return }
        let before = focus
        if page == nil, let (pane, _) = layout.pane(row: row, column: column) { focus = pane }
        for _ in 0..<abs(count) { move(count > 0 ? .down : .up) }
        focus = before
    }

    package var layout: Layout { Layout(size: size, lowerPane: lowerPane) }

    func visibleRows(of pane: Pane) -> Int { max(0, (layout.areas[pane]?.rows ?? 1) - 1) }

    private func lineCount(of pane: Pane) -> Int {
        switch pane {
        case .objects: rows.count
        case .scan: 0
        case .hex: HexView.lineCount(self)
        case .backtrace: BacktraceView.lineCount(self)
        case .log: visibleLog.count
        }
    }
}
