import HeapModel
import Scanner

/// The leaks of the moment as a tree of two levels: backtraces, and the objects that leaked there.
package struct LeaksView {
    private let state: AppState
    private let groups: LeakGroups
    private let place: LeaksState
    private let isFocused: Bool
    private let glyphs: Glyphs

    /// - Parameters:
    ///   - groups: of the moment shown, sorted by `place.order`.
    ///   - isFocused: whether the pane has the keys.
    package init(_ state: AppState, _ groups: LeakGroups, _ place: LeaksState, isFocused: Bool, glyphs: Glyphs) {
        (self.state, self.groups, self.place, self.isFocused, self.glyphs) = (state, groups, place, isFocused, glyphs)
    }

    /// How many lines of the table are seen in an area; the head is above them if there is room, the totals are below.
    package static func visibleRows(in size: Size) -> Int { max(1, size.rows - headRows(size.rows) - footRows(size.rows)) }

    /// How many rows of an area stand above the table.
    package static func headRows(_ rows: Int) -> Int { rows >= 4 ? 1 : 0 }
    private static func footRows(_ rows: Int) -> Int { rows >= 2 ? 1 : 0 }

    package func draw(in area: Area, on frame: inout Frame) {
        guard area.rows > 0, area.columns > 0 else { return }
        guard !groups.groups.isEmpty else {
            for (row, line) in reason.enumerated() { frame.put(line, .faint, row: area.row + row, column: area.column + 1, in: area) }
            return
        }
        let visible = Self.visibleRows(in: Size(columns: area.columns, rows: area.rows))
        let columns = Columns(area.columns), head = Self.headRows(area.rows)
        if head > 0 { frame.put(columns.head(place.order), row: area.row, in: area.prefix(1)) }
        let table = area.dropFirst(head).prefix(visible)
        let rows = groups.rows(open: place.open), top = place.top(in: groups, rows: visible), cursor = place.row(in: groups)
        for (line, row) in rows.dropFirst(top).prefix(visible).enumerated() {
            frame.put(text(of: row, columns), row: table.row + line, in: table)
            if top + line == cursor {
                frame.tint(Area(row: table.row + line, column: area.column, columns: area.columns, rows: 1), isFocused ? .selection : .dimSelection)
            }
        }
        let foot = area.dropFirst(head + visible)
        frame.put(totals, row: foot.row, column: foot.column + 1, in: foot)
    }

    private func text(of row: LeakRow, _ columns: Columns) -> [StyledText] {
        switch row {
        case .group(let key): groups[key].map { text(of: $0, columns) } ?? []
        case .object(let id, _): text(of: id, columns)
        }
    }

    private func text(of group: LeakGroup, _ columns: Columns) -> [StyledText] {
        let others = group.comms.count > 1 ? " +\(group.comms.count - 1)" : ""
        return columns.line(
            StyledText(place.open.contains(group.key) ? glyphs.open : glyphs.closed, .key),
            count: StyledText(String(group.objects.count), .leak), bytes: StyledText(ByteSize(group.bytes).description),
            age: age(group.oldest), site: site(of: group),
            comm: StyledText((group.comms.first?.string ?? "") + others))
    }

    /// What falls with a cause is told first: there may be no room for more.
    private func site(of group: LeakGroup) -> StyledText {
        let site = group.site ?? "no backtrace was kept"
        return StyledText(group.note.map { "\($0)  \(site)" } ?? site, group.site == nil && group.note == nil ? .faint : .strong)
    }

    /// The address takes the place of the allocation site, which all objects of a group share.
    private func text(of id: ObjectID, _ columns: Columns) -> [StyledText] {
        let object = state.heap.objects[id], place = object.pointer.description + object.kind.reportSuffix
        let named = state.names[object.pointer].map { "\(place)  \($0)" } ?? place
        return columns.line(
            StyledText(" "), count: StyledText(glyphs.mark(state.shade(of: id), isLeak: state.isLeak(id)), .leak),
            bytes: StyledText(ByteSize(object.size).description), age: age(object.jiffies),
            site: StyledText(TextWidth.columns(of: named) <= columns.siteColumns ? named : place),
            comm: StyledText("\(object.comm.string)/\(object.pid)"))
    }

    private func age(_ jiffies: Jiffies) -> StyledText {
        StyledText(Age(of: jiffies, at: state.kmemleak.heap.jiffies, hz: state.heap.profile.hz).description, .faint)
    }

    private var totals: [StyledText] {
        [
            StyledText(counted(groups.groups.count, place.grouping.noun) + ", ", .faint), StyledText(counted(groups.count, "leak"), .leak),
            StyledText(", \(ByteSize(groups.bytes))", .faint),
        ]
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)" + (count == 1 ? "" : "s") }

    /// Why there is no leak to show.
    private var reason: [String] {
        if !state.leaks.isEmpty { return ["No leak passes the filter; Esc shows all."] }
        guard let moment = state.moment else {
            if !state.kmemleak.heap.isEnabled { return ["kmemleak is off: nothing is scanned."] }
            return state.kmemleak.scanCount == 0
                ? ["No scan yet, so no leak is known.", "s scans and shows every word, S shows the result at once."]
                : ["No leak is known at present."]
        }
        if moment.phase != .report {
            return ["The scan has not come to its report yet: it is at \(moment.phase.title).", "White objects are no leaks until then."]
        }
        return state.playback?.isAtEnd == true
            ? ["No leak: nothing that is at least 5 s old stayed white."]
            : ["No leak at this moment: the report has just begun."]
    }
}

/// What of the table there is room for.
private struct Columns {
    private let commColumns: Int
    private let hasAge: Bool
    private let hasBytes: Bool
    /// What the others leave to the allocation site.
    let siteColumns: Int

    init(_ columns: Int) {
        (hasBytes, hasAge) = (columns >= 24, columns >= 36)
        commColumns = columns >= 72 ? 19 : columns >= 54 ? 13 : 0
        siteColumns = max(0, columns - 8 - (hasBytes ? 9 : 0) - (hasAge ? 7 : 0) - commColumns)
    }

    func line(
        _ marker: StyledText, count: StyledText, bytes: StyledText, age: StyledText, site: StyledText, comm: StyledText
    ) -> [StyledText] {
        [marker, right(count, 5)] + (hasBytes ? [right(bytes, 9)] : []) + (hasAge ? [right(age, 7)] : [])
            + [StyledText("  "), left(site, siteColumns)] + (commColumns > 0 ? [StyledText(" "), left(comm, commColumns - 1)] : [])
    }

    /// What the table is sorted by stands out.
    func head(_ order: LeakOrder) -> [StyledText] {
        func title(_ text: String, _ own: LeakOrder?) -> StyledText { StyledText(text, own == order ? .strong : .faint) }
        return line(
            StyledText(" "), count: title("count", .count), bytes: title("size", .bytes), age: title("oldest", .age),
            site: title("allocated in", nil), comm: title("comm", nil))
    }

    private func right(_ text: StyledText, _ columns: Int) -> StyledText { StyledText(text.text.leftPadded(columns), text.style) }
    private func left(_ text: StyledText, _ columns: Int) -> StyledText {
        StyledText(TextWidth.clean(text.text).padded(columns), text.style)
    }
}

extension Glyphs {
    fileprivate var open: String { isUnicode ? "▾" : "-" }
    fileprivate var closed: String { isUnicode ? "▸" : "+" }
}
