import HeapModel
import Scanner

@testable import Inspector

extension AppState {
    /// What is wrong with the state that must be right after every event, in words; nil when nothing is.
    /// - Parameter rows: whether the order of the rows, and whether all pass the filter, is looked at too: it takes longest.
    func brokenInvariant(rows: Bool = true) -> String? {
        brokenSelection ?? (rows ? brokenOrder : nil) ?? brokenScroll ?? brokenCursor ?? brokenScan ?? brokenLayout ?? brokenInput
    }

    private var brokenSelection: String? {
        let rows = list.rows, flags = heap.objects.flags
        if let row = rows.first(where: { $0.index >= flags.count || !flags[$0.index].contains(.allocated) }) {
            return "object \(row.index) is in the list and not alive"
        }
        guard let selection else { return rows.isEmpty ? nil : "nothing is selected" }
        if selection.index >= flags.count { return "object \(selection.index) of \(flags.count) is selected" }
        if list.filter == nil, list.row(of: selection) == nil { return "object \(selection.index) is selected but not in the list" }
        return nil
    }

    // MARK: Rows

    private var brokenOrder: String? {
        let rows = list.order.isReversed ? list.rows.reversed() : list.rows
        let isSorted = isSorted(rows)
        if !isSorted { return "the rows are not in the order of \(list.order)" }
        guard list.filter?.dependsOnTime != true else { return nil }
        let flags = heap.objects.flags
        let alive = heap.objects.ids.filter { flags[$0.index].contains(.allocated) }
        let expected = list.filter.map { facts.matching($0, among: alive) } ?? alive
        return list.rows.count == expected.count && Set(list.rows) == Set(expected) ? nil : "the rows are not those that pass the filter"
    }

    /// Equal ones stand in the order of creation.
    private func isSorted(_ rows: [ObjectID]) -> Bool {
        let objects = heap.objects
        func ascend<Key: Comparable>(_ key: (ObjectID) -> Key) -> Bool {
            let keys = rows.map { (key($0), $0) }
            return zip(keys, keys.dropFirst()).allSatisfy(<)
        }
        return switch list.order.column {
        case .mark: ascend { isLeak($0) ? -1 : Shade.allCases.firstIndex(of: shade(of: $0))! }
        case .address: ascend { objects.pointers[$0.index] }
        case .size: ascend { -Int(objects.sizes[$0.index]) }
        case .count: ascend { -max(0, count(of: $0)) }
        case .age: ascend { $0 }
        case .pid: ascend { UInt32(bitPattern: objects.pids[$0.index]) }
        case .flags: ascend { -Int(objects.flags[$0.index].rawValue) }
        case .comm: ascend { objects.comms[$0.index].string }
        case .site: ascend { label(of: $0) }
        }
    }

    private var brokenScroll: String? {
        let top = scroll[.objects] ?? 0, visible = max(1, visibleRows(of: .objects) - 1)
        if top < 0 || top > max(0, list.rows.count - visible) { return "\(list.rows.count) rows are scrolled to row \(top), \(visible) are seen" }
        if layout.area(of: .objects) != nil, let row = selection.flatMap(list.row), !(top..<top + visible).contains(row) {
            return "row \(row) is selected, \(visible) are seen from \(top) on"
        }
        return nil
    }

    // MARK: Cursors

    private var brokenCursor: String? {
        if let size = hexSize, hex.cursor >= max(1, size) { return "the cursor is at byte \(hex.cursor) of \(size)" }
        if let (pane, line) = cursors.first(where: { $0.value < 0 }) { return "line \(line) of \(pane.title)" }
        if [.backtrace, .references, .why, .log].contains(focus) {
            let line = cursorLine(of: focus), count = lines(of: focus).count
            if !(0..<max(1, count)).contains(line) { return "line \(line) of \(count) in \(focus.title)" }
        }
        if let page, case let count = lines(of: page).count, !(0..<max(1, count)).contains(pageCursor) {
            return "line \(pageCursor) of \(count) in \(page.title)"
        }
        let groups = leakGroups, lines = groups.rows(open: leakState.open).count
        if let row = leakState.row(in: groups), !(0..<lines).contains(row) { return "line \(row) of \(lines) in leaks" }
        if zip(history, history.dropFirst()).contains(where: ==) { return "an object is twice in a row in the history" }
        return nil
    }

    // MARK: Scan

    private var brokenScan: String? {
        if let playback, !(0...playback.recording.lastTick).contains(playback.tick) {
            return "tick \(playback.tick) of \(playback.recording.lastTick)"
        }
        if playback?.isPlaying == true, playback?.isAtEnd == true { return "it plays on at the end" }
        if zip(stops, stops.dropFirst()).contains(where: { $0.tick > $1.tick }) { return "the stops are not ascending" }
        if let last = (playback?.recording ?? kmemleak.recording)?.lastTick, let stop = stops.last, stop.tick > last { return "a stop behind the end" }
        if stops.contains(where: { !breakpoints.indices.contains($0.breakpoint) }) { return "a stop of no breakpoint" }
        return nil
    }

    // MARK: Screen

    private var brokenLayout: String? {
        guard size.columns >= Layout.minimum.columns, size.rows >= Layout.minimum.rows else { return nil }
        let layout = layout, areas = layout.slots.map(\.area) + layout.dividers
        if layout.area(of: focus) == nil { return "\(focus.title) has the keys and is not seen" }
        if recent.count != Pane.allCases.count || Set(recent).count != recent.count { return "the panes used last are \(recent)" }
        for (place, area) in areas.enumerated() {
            if area.columns == 0 || area.rows == 0 || !layout.body.contains(area) { return "\(area) in the body \(layout.body)" }
            if areas[..<place].contains(where: area.overlaps) { return "\(area) lies over another" }
        }
        // Disjoint and inside, so that as many cells as the body has are the body.
        let cells = areas.reduce(0) { $0 + $1.columns * $1.rows }
        return cells == layout.body.columns * layout.body.rows ? nil : "\(cells) cells of the body have an owner"
    }

    // MARK: What was typed

    private var brokenInput: String? {
        if let prompt, !(0...prompt.text.count).contains(prompt.cursor) { return "character \(prompt.cursor) of \(prompt.text.debugDescription)" }
        // The entries before were the last once.
        guard let last = journal.entries.last?.deed.text else { return nil }
        if last.contains(";") { return "the journal's \(last) would be two commands" }
        switch PromptCommand(parsing: last) {
        case .advance(let seconds) where Microseconds(seconds: seconds) != nil: return nil
        case .control(let text) where (try? ControlCommand(parsing: text).text) == text: return nil
        case let command: return "the journal's \(last) is read as \(command)"
        }
    }
}

extension Area {
    fileprivate func contains(_ other: Area) -> Bool {
        other.row >= row && other.row + other.rows <= row + rows && other.column >= column && other.column + other.columns <= column + columns
    }

    fileprivate func overlaps(_ other: Area) -> Bool {
        row < other.row + other.rows && other.row < row + rows && column < other.column + other.columns && other.column < column + columns
    }
}
