import HeapModel
import Scanner

/// The address space in cells: where objects, roots and nothing are, and at the bottom what is under the cursor.
package struct MapView {
    private let state: AppState
    private let map: AddressMap
    private let place: MapState
    private let isFocused: Bool
    private let glyphs: Glyphs

    /// - Parameters:
    ///   - map: of the heap on the screen, `state.heap`.
    ///   - isFocused: whether the pane has the keys.
    package init(_ state: AppState, _ map: AddressMap, _ place: MapState, isFocused: Bool, glyphs: Glyphs) {
        (self.state, self.map, self.place, self.isFocused, self.glyphs) = (state, map, place, isFocused, glyphs)
    }

    /// For the pane's heading: "64 B a cell".
    package static func note(_ map: AddressMap, _ place: MapState, in size: Size) -> String {
        ByteSize(place.grid(map, in: size).bytesPerCell).shortDescription + " a cell"
    }

    /// In a heap of more objects than this not each one is looked at: of cells that hold many, only some are. A leak is not
    /// missed, though.
    var mostObjects = 100_000

    package func draw(in area: Area, on frame: inout Frame) {
        guard area.rows > 0, area.columns > 0 else { return }
        guard !map.regions.isEmpty else {
            frame.put("No object is tracked, and no root is known.", .faint, row: area.row, column: area.column + 1, in: area)
            return
        }
        let size = Size(columns: area.columns, rows: area.rows)
        let geometry = MapGeometry(size), grid = place.grid(map, in: size)
        let top = place.top(of: grid, rows: geometry.rows)
        let rows = top..<min(grid.rowCount, top + geometry.rows)
        let cellsArea = area.prefix(geometry.rows)
        for number in rows {
            let row = area.row + number - top
            switch grid.row(number) {
            case .heading(let region): drawHeading(region, row: row, geometry, in: cellsArea, on: &frame)
            case .cells(let cells): drawTexts(cells, row: row, geometry, in: cellsArea, on: &frame)
            }
        }
        drawCells(grid, rows, geometry, in: cellsArea, on: &frame)
        drawDetails(grid, in: area.dropFirst(geometry.rows), on: &frame)
    }

    // MARK: Rows

    /// The gap before the region stands where other rows have their address.
    private func drawHeading(
        _ region: AddressMap.Region, row: Int, _ geometry: MapGeometry, in area: Area, on frame: inout Frame
    ) {
        if geometry.labelColumns > 1, region.gapBelow > 0 {
            frame.put(gap(region), .faint, row: row, column: area.column + 1, in: area)
        }
        let room = area.columns - geometry.labelColumns
        frame.put(title(region, room), row: row, column: area.column + geometry.labelColumns, in: area)
    }

    /// The address; beside few cells the heading of their region, and then what is left of the row for the gap before it.
    private func drawTexts(
        _ cells: MapGrid.Cells, row: Int, _ geometry: MapGeometry, in area: Area, on frame: inout Frame
    ) {
        if geometry.labelColumns > 1 {
            let label = cells.start.description.leftPadded(geometry.labelColumns - 2)
            frame.put(label, .faint, row: row, column: area.column + 1, in: area)
        }
        guard cells.hasHeading else { return }
        let column = area.column + geometry.labelColumns + cells.count + 1
        let end = frame.put(title(cells.region, area.column + area.columns - column), row: row, column: column, in: area)
        guard cells.region.gapBelow > 0 else { return }
        frame.put(glyphs.gap, .faint, row: row, column: area.column, in: area)
        let gap = gap(cells.region), start = area.column + area.columns - TextWidth.columns(of: gap)
        if start > end + 1 { frame.put(gap, .faint, row: row, column: start, in: area) }
    }

    private func gap(_ region: AddressMap.Region) -> String { "\(glyphs.gap) \(ByteSize(region.gapBelow)) empty" }

    /// The name, and as much of size and number of objects as there is room for.
    private func title(_ region: AddressMap.Region, _ room: Int) -> [StyledText] {
        let name = region.name.map { $0 + "  " } ?? "", count = region.objectCount
        let objects = count == 0 ? "" : ", \(count) object" + (count == 1 ? "" : "s")
        let facts = ["\(region.size)\(objects)", "\(region.size)"].first { TextWidth.columns(of: name + $0) <= room }
        return [StyledText(name, .heading), StyledText(facts ?? "", .faint)]
    }

    private func drawCells(
        _ grid: MapGrid, _ rows: Range<Int>, _ geometry: MapGeometry, in area: Area, on frame: inout Frame
    ) {
        let mark = state.mapMark
        let cursor = grid.place(of: place.cursor), scanned = scanCursor.flatMap(grid.place)
        let selected = state.selection.map(state.heap.contents) ?? []
        let isSmall = map.regions.reduce(0) { $0 + $1.objectCount } <= mostObjects
        let limit = isSmall ? Int.max : max(100, mostObjects / (rows.count * grid.columns))
        lazy var leaks = leakPlaces(grid, rows)
        for number in rows {
            guard case .cells(let cells) = grid.row(number) else { continue }
            for column in 0..<cells.count {
                let contents = map.contents(of: cells[column], limit: limit, mark: mark)
                let found = contents.isEstimate && leaks.contains(number * grid.columns + column) ? .leak : contents.mark
                let here = { (place: (row: Int, column: Int)?) in place?.row == number && place?.column == column }
                let style: Style = here(cursor) && isFocused ? .selection
                    : here(scanned) ? .cursor
                    : here(cursor) || selected.contains { $0.overlaps(cells[column]) } ? .dimSelection
                    : Style(found)
                frame.put(
                    glyphs.cell(found, isMixed: contents.isMixed), style,
                    row: area.row + number - rows.lowerBound, column: area.column + geometry.labelColumns + column, in: area)
            }
        }
    }

    /// The word that the watched scan is at.
    private var scanCursor: Address? {
        if case .word(let address)? = state.moment?.step { address } else { nil }
    }

    /// The cells, as row times columns plus column, where leaks start and end: what an estimate must not miss.
    private func leakPlaces(_ grid: MapGrid, _ rows: Range<Int>) -> Set<Int> {
        let ends = state.leaks.lazy.flatMap(state.heap.contents).flatMap(\.closedRanges)
            .flatMap { [$0.lowerBound, $0.upperBound] }
        return ends.reduce(into: []) { places, end in
            guard let place = grid.place(of: Address(end)), rows.contains(place.row) else { return }
            places.insert(place.row * grid.columns + place.column)
        }
    }

    // MARK: What is under the cursor

    private func drawDetails(_ grid: MapGrid, in area: Area, on frame: inout Frame) {
        guard area.rows > 0, let cell = grid.place(of: place.cursor), let range = grid.range(row: cell.row, column: cell.column)
        else { return }
        let contents = map.contents(of: range, limit: mostObjects, mark: state.mapMark)
        let summary = summary(of: contents), names = names(in: range)
        let lines = area.rows == 1 ? [summary + [StyledText("  ")] + names] : [summary, names]
        for (line, texts) in lines.enumerated() {
            frame.put(fitting(texts, area.columns - 1), row: area.row + line, column: area.column + 1, in: area)
        }
    }

    /// As many texts as there is room for, none cut but the first.
    private func fitting(_ texts: [StyledText], _ columns: Int) -> [StyledText] {
        // The blanks behind the last one may go.
        var room = columns + 2
        let whole = texts.prefix { text in
            room -= TextWidth.columns(of: text.text)
            return room >= 0
        }
        return Array(texts.prefix(max(1, whole.count)))
    }

    /// "0xffff888004c3a400 +512 B  1 leak  3 scanned  128 B free".
    private func summary(of contents: CellContents) -> [StyledText] {
        let about = contents.isEstimate ? "about " : ""
        let counts = MapMark.ofObjects.filter { contents.count($0) > 0 }.map { mark in
            StyledText("  \(about)\(contents.count(mark)) \(mark.title(contents.count(mark)))", Style(mark))
        }
        let bytes = [MapMark.root, .free].filter { contents.bytes($0) > 0 }.map { mark in
            StyledText("  \(ByteSize(contents.bytes(mark))) \(mark.title)", Style(mark))
        }
        let range = contents.range
        return [StyledText(range.start.description, .strong), StyledText(" +\(ByteSize(range.size))", .faint)] + counts + bytes
    }

    /// The most urgent objects, and the roots.
    private func names(in range: AddressRange) -> [StyledText] {
        let roots = state.heap.roots.filter { $0.range.overlaps(range) }.map { StyledText($0.label + "  ") }
        let mark = state.mapMark
        let objects = map.urgentObjects(in: range, mark: mark).prefix(20).map { id in
            let mark = mark(id)
            return StyledText("\(glyphs.cell(mark)) \(state.shortLabel(of: id))  ", Style(mark))
        }
        return objects + roots
    }
}
