/// Where each pane goes: pure arithmetic on the screen's size, the borders' places and which panes were used last.
package struct Layout: Equatable, Sendable {
    /// Smaller than this the screen says how much it needs.
    package static let minimum = Size(columns: 80, rows: 24)
    /// What a part keeps, wherever its border is moved.
    private static let least = Size(columns: 36, rows: 4)
    private static let headerRows = 3

    package let header: Area
    package let body: Area
    /// The last row: keys, a message, or what is being typed.
    package let footer: Area
    package private(set) var slots: [Slot] = []
    /// The columns between parts that stand side by side.
    package private(set) var dividers: [Area] = []

    /// A place for panes: the one that is shown, and those behind its tabs.
    package struct Slot: Equatable, Sendable {
        package let panes: [Pane]
        package let front: Pane
        package let area: Area
    }

    /// - Parameters:
    ///   - shares: the first part's share of each split that the person moved, by the split's name.
    ///   - recent: all panes, those used last first.
    ///   - zoomed: the pane that has the whole body.
    package init(size: Size, shares: [String: Double] = [:], recent: [Pane] = Pane.allCases, zoomed: Pane? = nil) {
        header = Area(row: 0, column: 0, columns: size.columns, rows: Self.headerRows)
        footer = Area(row: size.rows - 1, column: 0, columns: size.columns, rows: 1)
        body = Area(row: Self.headerRows, column: 0, columns: size.columns, rows: size.rows - Self.headerRows - 1)
        if let zoomed {
            slots = [Slot(panes: Pane.allCases, front: zoomed, area: body)]
        } else {
            place(ScreenClass(size).arrangement, in: body, shares, recent)
        }
    }

    private mutating func place(_ arrangement: Arrangement, in area: Area, _ shares: [String: Double], _ recent: [Pane]) {
        switch arrangement {
        case .slot(let panes):
            slots.append(Slot(panes: panes, front: recent.first(where: panes.contains) ?? panes[0], area: area))
        case .split(let split, let first, let second):
            let share = shares[split.name] ?? split.share
            switch split.axis {
            case .rows:
                let rows = Self.part(share, of: area.rows, least: Self.least.rows)
                place(first, in: area.prefix(rows), shares, recent)
                place(second, in: area.dropFirst(rows), shares, recent)
            case .columns:
                let columns = Self.part(share, of: area.columns - 1, least: Self.least.columns)
                dividers.append(Area(row: area.row, column: area.column + columns, columns: 1, rows: area.rows))
                place(first, in: area.left(columns), shares, recent)
                place(second, in: area.right(area.columns - columns - 1), shares, recent)
            }
        }
    }

    private static func part(_ share: Double, of cells: Int, least: Int) -> Int {
        max(min(Int((Double(cells) * share).rounded()), cells - least), min(least, cells))
    }

    /// Where a pane is; nil when it is behind another one.
    package func area(of pane: Pane) -> Area? { slots.first { $0.front == pane }?.area }

    package func slot(of pane: Pane) -> Slot? { slots.first { $0.panes.contains(pane) } }

    /// The slot under a cell of the screen.
    package func slot(row: Int, column: Int) -> Slot? { slots.first { $0.area.contains(row: row, column: column) } }
}
