import HeapModel
import Scanner

/// The table of tracked objects; asks only for the rows that are seen.
struct ObjectsView {
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        let columns = ObjectColumn.fitting(area.columns)
        frame.put(heading(columns), row: area.row, in: area)
        let body = area.dropFirst()
        let rows = state.list.rows
        guard !rows.isEmpty else {
            let text = state.list.filter == nil ? "No object is tracked." : "No object passes the filter; Esc shows all."
            frame.put(text, .faint, row: body.row, column: body.column + 1, in: body)
            return
        }
        let top = state.scroll[.objects] ?? 0
        for line in 0..<body.rows {
            guard top + line < rows.count else { break }
            draw(rows[top + line], columns, row: body.row + line, in: body, on: &frame)
        }
    }

    private func draw(_ id: ObjectID, _ columns: [ObjectColumn], row: Int, in area: Area, on frame: inout Frame) {
        let gutter = gutter(id)
        let end = frame.put(gutter.text, gutter.style, row: row, column: area.column, in: area)
        frame.put(columns.flatMap { cell($0, of: id) }.flatMap(matchesShown), row: row, column: end, in: area)
        guard id == state.selection else { return }
        let line = Area(row: row, column: area.column + 4, columns: area.columns - 4, rows: 1)
        frame.tint(line, state.focus == .objects ? .selection : .dimSelection)
    }

    /// In front of the row: a breakpoint, a mark, or nothing.
    private func gutter(_ id: ObjectID) -> StyledText {
        if state.breakpoints.contains(where: { $0.isOn(state.heap.objects.pointers[id.index]) }) {
            return StyledText(glyphs.breakpoint, .breakpoint)
        }
        return state.isMarked(id) ? StyledText(glyphs.marked, .mark) : StyledText(" ")
    }

    private func cell(_ column: ObjectColumn, of id: ObjectID) -> [StyledText] {
        let objects = state.heap.objects, row = id.index
        let isLeak = state.isLeak(id), shade = state.shade(of: id)
        let own = Style(shade, isLeak: isLeak)
        let text: (String, Style) = switch column {
        case .mark: (glyphs.mark(shade, isLeak: isLeak), own)
        case .address: (objects.pointers[row].description, .text)
        case .size: (String(objects.sizes[row]), .text)
        case .count: ("\(state.count(of: id))/\(state.minCount(of: id))", own)
        case .age: (Age(of: objects.jiffies[row], at: state.kmemleak.heap.jiffies, hz: state.heap.profile.hz).description, .faint)
        case .comm: (objects.comms[row].string, .text)
        case .pid: (String(objects.pids[row]), .faint)
        case .flags: (Self.flags(objects.flags[row]), .faint)
        case .site: (state.label(of: id), .text)
        }
        guard let width = column.width else { return [StyledText(text.0, text.1)] + note(of: id) }
        return [StyledText(column.isNumber || column == .count ? text.0.leftPadded(width) : text.0.padded(width), text.1), StyledText(" ")]
    }

    /// What a search looks for stands out.
    private func matchesShown(_ span: StyledText) -> [StyledText] {
        guard state.search?.place == .objects, let filter = state.search?.filter else { return [span] }
        var pieces: [StyledText] = [], end = span.text.startIndex
        for range in filter.highlights(in: span.text) {
            pieces.append(StyledText(String(span.text[end..<range.lowerBound]), span.style))
            pieces.append(StyledText(String(span.text[range]), .match))
            end = range.upperBound
        }
        return pieces + [StyledText(String(span.text[end...]), span.style)]
    }

    private func note(of id: ObjectID) -> [StyledText] {
        state.note(of: id).map { [StyledText("  \(glyphs.note) " + $0, .mark)] } ?? []
    }

    /// Those that say something, short: "noscan phys".
    private static func flags(_ flags: ObjectFlags) -> String {
        let table: [(ObjectFlags, String)] = [(.noScan, "noscan"), (.fullScan, "full"), (.phys, "phys"), (.perCPU, "percpu")]
        return table.filter { flags.contains($0.0) }.map(\.1).joined(separator: " ")
    }

    // MARK: Heading

    private func heading(_ columns: [ObjectColumn]) -> [StyledText] {
        [StyledText(" ")] + columns.flatMap { column -> [StyledText] in
            let isSorted = column == state.list.order.column
            let title = column.title + (isSorted && column != .mark ? (state.list.order.isReversed ? glyphs.down : glyphs.up) : "")
            guard let width = column.width else { return [StyledText(title, isSorted ? .strong : .column)] }
            let padded = column.isNumber || column == .count ? title.leftPadded(width) : title.padded(width)
            return [StyledText(padded, isSorted ? .strong : .column), StyledText(" ")]
        }
    }

    /// The table's column at a cell of a pane that is so wide.
    static func column(at place: Int, columns: Int) -> ObjectColumn? {
        var end = 1
        return ObjectColumn.fitting(columns).first { column in
            end += (column.width ?? columns) + 1
            return place < end
        }
    }
}

extension AppState {
    /// The object's colour at the moment shown.
    package func shade(of id: ObjectID) -> Shade {
        if let moment { return moment.shade(of: id) }
        return Shade(heap.objects.colour(of: id))
    }

    package func count(of id: ObjectID) -> Int32 { moment?.count(of: id) ?? heap.objects.counts[id.index] }

    func minCount(of id: ObjectID) -> Int32 { heap.objects.minCounts[id.index] }

    package func isLeak(_ id: ObjectID) -> Bool {
        moment?.isLeak(id) ?? (heap.objects.flags[id.index].contains(.reported) && heap.isUnreferenced(id))
    }

    /// The object in a word or two: its name in the scenario, else the function that allocated it, else its address.
    func shortLabel(of id: ObjectID) -> String {
        let address = heap.objects.pointers[id.index]
        return names[address] ?? heap.allocationSite(of: id).flatMap { heap.symbols.function($0) } ?? address.description
    }

    /// What the object is called where there is room for a few words: its name in the scenario, then where it was allocated.
    func label(of id: ObjectID) -> String {
        let name = names[heap.objects.pointers[id.index]]
        let site = heap.allocationSite(of: id).map { heap.symbols[$0] ?? $0.description }
        return [name, site].compactMap { $0 }.joined(separator: "  ")
    }
}
