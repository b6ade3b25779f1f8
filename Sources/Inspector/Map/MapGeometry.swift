/// Where a map's parts go in its pane: addresses at the left, cells beside them, and at the bottom what is under the cursor.
package struct MapGeometry: Equatable, Sendable {
    /// Columns left of the cells.
    package let labelColumns: Int
    /// Cells in a row; at least one, even where the pane has no room for it.
    package let columns: Int
    /// Rows of the map; at least one.
    package let rows: Int
    /// Rows that tell what is under the cursor.
    package let detailRows: Int

    /// A margin, "0xffff888004c3a400" and a blank.
    private static let addressColumns = 20

    package init(_ size: Size) {
        labelColumns = size.columns >= Self.addressColumns + 16 ? Self.addressColumns : min(1, size.columns / 2)
        let room = size.columns - labelColumns
        // Addresses of rows are rounder when cells stand in eights.
        columns = max(1, room >= 8 ? room / 8 * 8 : room)
        detailRows = size.rows >= 9 ? 2 : size.rows >= 3 ? 1 : 0
        rows = max(1, size.rows - detailRows)
    }
}
