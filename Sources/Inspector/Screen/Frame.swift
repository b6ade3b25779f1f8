/// A picture of the screen: rows of cells. Views draw into it; a terminal or a text renderer shows it.
package struct Frame: Equatable, Sendable {
    package let size: Size
    private var cells: [Cell]

    package init(size: Size) {
        self.size = size
        cells = Array(repeating: .blank, count: size.columns * size.rows)
    }

    /// The cell at a place; places outside the frame read as blank and take no writes.
    package subscript(row: Int, column: Int) -> Cell {
        get { contains(row, column) ? cells[row * size.columns + column] : .blank }
        set { if contains(row, column) { cells[row * size.columns + column] = newValue } }
    }

    private func contains(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < size.rows && column >= 0 && column < size.columns
    }

    package var bounds: Area { Area(row: 0, column: 0, columns: size.columns, rows: size.rows) }
}

/// Columns and rows of character cells.
package struct Size: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }
}

/// A rectangle of a frame.
package struct Area: Hashable, Sendable {
    package var row: Int
    package var column: Int
    package var columns: Int
    package var rows: Int

    package init(row: Int, column: Int, columns: Int, rows: Int) {
        self.row = row
        self.column = column
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    package func contains(row: Int, column: Int) -> Bool {
        row >= self.row && row < self.row + rows && column >= self.column && column < self.column + columns
    }

    /// The area without its first `count` rows.
    package func dropFirst(_ count: Int = 1) -> Area {
        Area(row: row + min(count, rows), column: column, columns: columns, rows: rows - count)
    }

    /// The area's first `count` rows.
    package func prefix(_ count: Int) -> Area {
        Area(row: row, column: column, columns: columns, rows: min(rows, count))
    }

    /// The area's first `count` columns.
    package func left(_ count: Int) -> Area {
        Area(row: row, column: column, columns: min(columns, count), rows: rows)
    }

    /// The area's last `count` columns.
    package func right(_ count: Int) -> Area {
        let count = min(columns, max(0, count))
        return Area(row: row, column: column + columns - count, columns: count, rows: rows)
    }
}
