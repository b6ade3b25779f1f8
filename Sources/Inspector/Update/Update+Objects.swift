import HeapModel
import Scanner

// Which object is selected, and which are in the list in what order.
extension AppState {
    mutating func select(_ id: ObjectID) {
        if selection != id {
            hex.cursor = 0
            for pane in Pane.details { cursors[pane] = nil }
        }
        selection = id
        keepSelectionVisible()
    }

    /// Selects an object that a person asked for; Backspace comes back to the one before.
    mutating func visit(_ id: ObjectID, offset: UInt64 = 0) {
        isFollowing = false
        if let selection, selection != id, case let start = heap.objects.pointers[selection.index], history.last != start {
            history.append(start)
        }
        if list.row(of: id) == nil, list.filter != nil {
            filterObjects(nil)
            say("The filter hid this object and was dropped.")
        }
        select(id)
        leaveMemory()
        hex.cursor = offset / UInt64(heap.profile.wordSize) * UInt64(heap.profile.wordSize)
    }

    /// The bytes are the selected object's again.
    private mutating func leaveMemory() {
        if viewedMemory != nil { hex.cursor = 0 }
        viewedMemory = nil
    }

    mutating func goBack() {
        if viewedMemory != nil { return leaveMemory() }
        while let address = history.popLast() {
            guard let id = index.object(containing: address) else { continue }
            isFollowing = false
            return select(id)
        }
        say("The objects looked at before are gone.")
    }

    mutating func keepSelectionVisible() {
        guard let row = selection.flatMap(list.row) else { return scroll[.objects] = 0 }
        let visible = max(1, visibleRows(of: .objects) - 1)
        let top = scroll[.objects] ?? 0
        scroll[.objects] = max(0, min(max(top, row - visible + 1), row, max(0, list.rows.count - visible)))
    }

    mutating func moveSelection(by distance: Int) {
        isFollowing = false
        leaveMemory()
        guard !list.rows.isEmpty else { return }
        let current = selection.flatMap(list.row) ?? (distance > 0 ? -1 : 0)
        select(list.rows[min(max(0, current.saturatingAdd(distance)), list.rows.count - 1)])
    }

    mutating func selectNextLeak(_ direction: Direction) {
        let leaks = leaks
        guard let first = leaks.first, let last = leaks.last else { return }
        let current = selection ?? last
        visit(direction == .forwards ? leaks.first { $0 > current } ?? first : leaks.last { $0 < current } ?? last)
    }

    // MARK: Order and filter

    mutating func sortByNextColumn() {
        if focus == .leaks { return sortLeaks() }
        sort(list.order.next)
    }

    mutating func reverseOrder() {
        list.order.isReversed.toggle()
        sort(list.order)
    }

    mutating func sort(_ order: ObjectOrder) {
        list.order = order
        list.update(self)
        keepSelectionVisible()
        let by = order.column == .age ? "age, which is the order of creation" : order.column.label
        say("Objects by \(by)\(order.isReversed ? ", reversed" : "").")
    }

    /// Shows only the objects that a filter lets through; the selection stays if it can.
    mutating func filterObjects(_ filter: ObjectFilter?) {
        list.filter = filter
        list.update(self)
        if selection.flatMap(list.row) == nil, let first = list.rows.first { select(first) }
        keepSelectionVisible()
    }

    mutating func toggleFollowing() {
        followsScans.toggle()
        isFollowing = followsScans
        say(isFollowing ? "The selection follows the scan." : "The selection stays.")
        if isFollowing { follow() }
    }

    // MARK: Marks

    /// The notebook's page for this source.
    private func entry(of id: ObjectID) -> Notebook.Entry? { notebook[source, heap.objects.pointers[id.index]] }

    func isMarked(_ id: ObjectID) -> Bool { entry(of: id)?.isMarked == true }
    func note(of id: ObjectID) -> String? { entry(of: id).flatMap { $0.note.isEmpty ? nil : $0.note } }

    mutating func toggleMark() {
        guard let selection else { return }
        notebook.setMark(!isMarked(selection), at: heap.objects.pointers[selection.index], in: source)
        effects.append(.saveNotes)
    }

    mutating func write(note text: String) {
        guard let selection else { return }
        notebook.setNote(text, at: heap.objects.pointers[selection.index], in: source)
        effects.append(.saveNotes)
        say(text.isEmpty ? "The note is gone." : "Noted.")
    }

    mutating func selectNextMark() {
        let current = selection.flatMap(list.row) ?? -1
        let marked = list.rows.indices.filter { isMarked(list.rows[$0]) }
        guard let row = marked.first(where: { $0 > current }) ?? marked.first else { return }
        visit(list.rows[row])
    }
}

extension Int {
    /// A distance may be as long as a list can be.
    func saturatingAdd(_ distance: Int) -> Int {
        let (sum, overflowed) = addingReportingOverflow(distance)
        return overflowed ? (distance > 0 ? .max : .min) : sum
    }
}
