import HeapModel
import Scanner

/// How a person moves about the map.
package enum MapMovement: Hashable, CaseIterable, Sendable {
    /// By a cell; `left` and `right` go on in the next row.
    case left, right, up, down
    case pageUp, pageDown
    /// To the first and to the last cell of all.
    case start, end
    case nextRegion, previousRegion
}

/// Where in the map a person is.
///
/// `size` is in all of these that of the pane without its heading: the area that `MapView` draws into.
package struct MapState: Sendable {
    /// An address; the cell that holds it is the one under the cursor. In a gap it stands for what comes next.
    package var cursor = Address(0)
    /// One of `MapGrid.zooms`; nil for the finest at which the whole map fits.
    package private(set) var bytesPerCell: UInt64?
    /// The first row that was shown last.
    private var top = 0

    package init(cursor: Address = Address(0)) { self.cursor = cursor }

    package func grid(_ map: AddressMap, in size: Size) -> MapGrid {
        let geometry = MapGeometry(size)
        let zoom = bytesPerCell ?? map.fittingZoom(columns: geometry.columns, rows: geometry.rows)
        return MapGrid(map, bytesPerCell: zoom, columns: geometry.columns)
    }

    /// The first row to show, so that the cursor is in sight, with the heading of its region if that can be.
    package func top(of grid: MapGrid, rows: Int) -> Int {
        guard let row = grid.place(of: cursor)?.row, let first = grid.firstRow(near: cursor) else { return 0 }
        let highest = row - first < rows ? first : row
        return max(0, min(max(top, row - rows + 1), highest, max(0, grid.rowCount - rows)))
    }

    package mutating func move(_ movement: MapMovement, over map: AddressMap, in size: Size) {
        let grid = grid(map, in: size), rows = MapGeometry(size).rows
        guard let place = grid.place(of: cursor) else { return }
        switch movement {
        case .left: step(to: (place.row, place.column - 1), in: grid)
        case .right: step(to: (place.row, place.column + 1), in: grid)
        case .up: go(toRow: place.row - 1, place.column, upwards: true, in: grid)
        case .down: go(toRow: place.row + 1, place.column, upwards: false, in: grid)
        case .pageUp: go(toRow: place.row - max(1, rows - 1), place.column, upwards: true, in: grid)
        case .pageDown: go(toRow: place.row + max(1, rows - 1), place.column, upwards: false, in: grid)
        case .start: cursor = grid.regions[0].start
        case .end: go(toRow: grid.rowCount - 1, .max, upwards: true, in: grid)
        case .nextRegion, .previousRegion: goToRegion(movement == .nextRegion, from: place, in: grid)
        }
        top = top(of: grid, rows: rows)
    }

    /// Halves or doubles the bytes in a cell; the cursor's row stays where it is on the screen if it can.
    package mutating func zoom(in finer: Bool, over map: AddressMap, in size: Size) {
        let grid = grid(map, in: size)
        let zoom = finer ? grid.bytesPerCell / 2 : grid.bytesPerCell * 2
        if MapGrid.zooms.contains(zoom) { set(zoom, from: grid, of: map, in: size) }
    }

    /// Back to the zoom that shows the whole map.
    package mutating func fit(_ map: AddressMap, in size: Size) { set(nil, from: grid(map, in: size), of: map, in: size) }

    private mutating func set(_ zoom: UInt64?, from before: MapGrid, of map: AddressMap, in size: Size) {
        let rows = MapGeometry(size).rows
        let line = (before.place(of: cursor)?.row ?? 0) - top(of: before, rows: rows)
        bytesPerCell = zoom
        let after = grid(map, in: size)
        top = max(0, (after.place(of: cursor)?.row ?? 0) - line)
        top = top(of: after, rows: rows)
    }

    /// To the cell at a row and a column of the pane, or from a heading to its region's first. Returns whether there is one.
    @discardableResult
    package mutating func click(row: Int, column: Int, over map: AddressMap, in size: Size) -> Bool {
        let grid = grid(map, in: size), geometry = MapGeometry(size)
        let line = top(of: grid, rows: geometry.rows) + row
        guard (0..<geometry.rows).contains(row), (0..<grid.rowCount).contains(line) else { return false }
        top = line - row
        if case .heading(let region) = grid.row(line) {
            cursor = region.start
            return true
        }
        guard let address = grid.address(row: line, column: column - geometry.labelColumns) else { return false }
        cursor = address
        return true
    }

    /// To where an object's bytes stand; of a PERCPU object the first CPU's.
    package mutating func show(_ id: ObjectID, in heap: Heap) {
        if let start = heap.contents(of: id).first?.start { cursor = start }
    }

    /// The most urgent object in the cell under the cursor, of those the first; nil when none is there.
    package func objectUnderCursor(_ state: AppState, over map: AddressMap, in size: Size) -> ObjectID? {
        let grid = grid(map, in: size)
        guard let place = grid.place(of: cursor), let range = grid.range(row: place.row, column: place.column) else { return nil }
        return map.urgentObjects(in: range, mark: state.mapMark).first
    }

    // MARK: Steps

    /// To a cell, or to its neighbour in the next row or in the one before when there is none in this.
    private mutating func step(to place: (row: Int, column: Int), in grid: MapGrid) {
        if let address = grid.address(row: place.row, column: place.column) { return cursor = address }
        if place.column < 0 { go(toRow: place.row - 1, .max, upwards: true, in: grid, wraps: true) }
        else { go(toRow: place.row + 1, 0, upwards: false, in: grid, wraps: true) }
    }

    /// To a row, to its last cell if it has fewer; from a heading on to the next row in the same direction, if there is one.
    private mutating func go(toRow target: Int, _ column: Int, upwards: Bool, in grid: MapGrid, wraps: Bool = false) {
        // There is nothing to go on to.
        if wraps, !(0..<grid.rowCount).contains(target) { return }
        let target = min(max(target, 0), grid.rowCount - 1)
        let beyond = upwards && (target > 0 || wraps) ? target - 1 : target + 1
        for row in [target, beyond] where row >= 0 {
            if case .cells(let cells) = grid.row(row) { return cursor = cells[min(column, cells.count - 1)].start }
        }
    }

    private mutating func goToRegion(_ next: Bool, from place: (row: Int, column: Int), in grid: MapGrid) {
        guard let region = grid.region(near: cursor) else { return }
        // Backwards, the first stop is the start of this region.
        let isAtStart = grid.place(of: grid.regions[region].start).map { $0 == place } ?? false
        let target = next ? region + 1 : isAtStart ? region - 1 : region
        if grid.regions.indices.contains(target) { cursor = grid.regions[target].start }
    }
}

extension AppState {
    /// What an object is on the map at the moment shown.
    package var mapMark: (ObjectID) -> MapMark {
        let objects = heap.objects, shades = moment?.shades, leaks = leaks
        return { id in
            let shade = shades?[id] ?? Shade(objects.colour(of: id))
            guard shade == .white else { return MapMark(shade, isLeak: false) }
            let place = leaks.partitioningIndex { $0 >= id }
            return MapMark(shade, isLeak: place < leaks.count && leaks[place] == id)
        }
    }
}
