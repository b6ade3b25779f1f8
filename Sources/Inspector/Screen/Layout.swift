/// Where each pane goes: pure arithmetic on the screen's size.
package struct Layout: Equatable, Sendable {
    /// Smaller than this the screen says how much it needs.
    package static let minimum = Size(columns: 80, rows: 24)
    /// From this width on, panes stand side by side.
    package static let wideColumns = 116
    private static let headerRows = 3

    package let header: Area
    /// The last row: keys, a message, or what is being typed.
    package let footer: Area
    package let areas: [Pane: Area]
    /// Whether one pane at a time is shown below the objects.
    package let hasTabs: Bool

    package init(size: Size, lowerPane: Pane) {
        header = Area(row: 0, column: 0, columns: size.columns, rows: Self.headerRows)
        footer = Area(row: size.rows - 1, column: 0, columns: size.columns, rows: 1)
        let body = Area(row: Self.headerRows, column: 0, columns: size.columns, rows: size.rows - Self.headerRows - 1)
        hasTabs = size.columns < Self.wideColumns || size.rows < 30
        areas = hasTabs ? Self.stacked(body, lowerPane) : Self.sideBySide(body)
    }

    private static func stacked(_ body: Area, _ lower: Pane) -> [Pane: Area] {
        let top = max(8, body.rows * 2 / 5)
        return [.objects: body.prefix(top), lower: body.dropFirst(top)]
    }

    private static func sideBySide(_ body: Area) -> [Pane: Area] {
        let left = min(body.columns / 2 - 1, 100)
        let column = { (from: Int, to: Int) in
            Area(row: body.row, column: from, columns: to - from, rows: body.rows)
        }
        let leftColumn = column(0, left), rightColumn = column(left + 1, body.columns)
        let log = max(6, body.rows / 4)
        let scan = max(14, body.rows * 2 / 5)
        let backtrace = max(7, min(18, (body.rows - scan) / 2))
        let hex = body.rows - scan - backtrace
        return [
            .objects: leftColumn.prefix(body.rows - log), .log: leftColumn.dropFirst(body.rows - log),
            .scan: rightColumn.prefix(scan), .hex: rightColumn.dropFirst(scan).prefix(hex),
            .backtrace: rightColumn.dropFirst(scan + hex),
        ]
    }

    /// The pane under a cell of the screen.
    package func pane(row: Int, column: Int) -> (Pane, Area)? {
        areas.first { $0.value.contains(row: row, column: column) }.map { ($0.key, $0.value) }
    }
}
