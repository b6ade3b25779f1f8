import HeapModel

/// Where in the table of leaks a person is.
///
/// `rows` is in all of these how many lines of the table are seen: `LeaksView.visibleRows(in:)`.
package struct LeaksState: Sendable {
    package private(set) var order = LeakOrder.bytes
    package private(set) var grouping = LeakGrouping.backtrace
    package private(set) var open: Set<LeakGroup.Key> = []
    /// The line under the cursor; the last one where there are fewer by now.
    private var cursor = 0
    /// The first line that was shown last.
    private var top = 0

    package init() {}

    /// The line under the cursor; nil when there is none.
    package func row(in groups: LeakGroups) -> Int? {
        let count = groups.rows(open: open).count
        return count == 0 ? nil : min(cursor, count - 1)
    }

    /// The leak under the cursor, of a group its first.
    package func object(in groups: LeakGroups) -> ObjectID? {
        guard let row = row(in: groups) else { return nil }
        switch groups.rows(open: open)[row] {
        case .object(let id, _): return id
        case .group(let key): return groups[key]?.objects.first
        }
    }

    /// The first line to show, so that the cursor is in sight.
    package func top(in groups: LeakGroups, rows: Int) -> Int {
        guard let row = row(in: groups) else { return 0 }
        let last = max(0, groups.rows(open: open).count - rows)
        return max(0, min(max(top, row - max(1, rows) + 1), row, last))
    }

    package mutating func move(_ movement: Movement, in groups: LeakGroups, rows: Int) {
        guard let row = row(in: groups) else { return }
        let last = groups.rows(open: open).count - 1, page = max(1, rows - 1)
        let target = switch movement {
        case .left, .right: row
        case .up: row - 1
        case .down: row + 1
        case .pageUp: row - page
        case .pageDown: row + page
        case .start: 0
        case .end: last
        }
        cursor = min(max(0, target), last)
        top = top(in: groups, rows: rows)
    }

    /// Opens or closes the group under the cursor; from one of its leaks the cursor goes up to it.
    package mutating func toggle(in groups: LeakGroups, rows: Int) {
        guard let row = row(in: groups) else { return }
        let key = groups.rows(open: open)[row].key
        if open.remove(key) == nil { open.insert(key) }
        cursor = groups.rows(open: open).firstIndex(of: .group(key)) ?? 0
        top = top(in: groups, rows: rows)
    }

    /// Sorts by something else; the cursor stays on its line.
    /// - Parameter groups: as sorted until now.
    package mutating func changeOrder(in groups: LeakGroups, of state: AppState, rows: Int) {
        order = order.next
        guard let row = row(in: groups) else { return }
        let line = groups.rows(open: open)[row], sorted = LeakGroups(state, by: order)
        cursor = sorted.rows(open: open).firstIndex(of: line) ?? 0
        top = top(in: sorted, rows: rows)
    }

    mutating func changeGrouping() { grouping = grouping == .cause ? .backtrace : .cause }

    /// To the group that the object under the cursor has now.
    mutating func follow(from before: LeakGroups, to groups: LeakGroups, rows: Int) {
        let id = object(in: before)
        let key = groups.groups.first { group in id.map(group.objects.contains) ?? false }?.key
        cursor = key.flatMap { groups.rows(open: open).firstIndex(of: .group($0)) } ?? 0
        top = top(in: groups, rows: rows)
    }

    /// To a line of the table that is seen, counted from the first one shown. Returns whether there is one.
    @discardableResult
    package mutating func click(line: Int, in groups: LeakGroups, rows: Int) -> Bool {
        let target = top(in: groups, rows: rows) + line
        guard (0..<rows).contains(line), target < groups.rows(open: open).count else { return false }
        (cursor, top) = (target, target - line)
        return true
    }

    /// To an object; its group is opened if need be. Nothing happens when it is no leak.
    package mutating func show(_ id: ObjectID, in groups: LeakGroups, rows: Int) {
        guard let group = groups.groups.first(where: { $0.objects.contains(id) }) else { return }
        open.insert(group.key)
        cursor = groups.rows(open: open).firstIndex(of: .object(id, group.key)) ?? 0
        top = top(in: groups, rows: rows)
    }
}
