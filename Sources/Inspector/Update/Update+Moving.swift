import HeapModel
import Scanner

// What the arrows and Enter do in the pane that has the keys.
extension AppState {
    mutating func move(_ movement: Movement) {
        if let page {
            let count = lines(of: page).count
            return pageCursor = min(max(0, pageCursor.saturatingAdd(rows(movement, page: pageRows))), max(0, count - 1))
        }
        let distance = rows(movement, page: max(1, visibleRows(of: focus) - 1))
        switch focus {
        case .objects: moveSelection(by: distance)
        case .leaks: moveInLeaks(movement)
        case .map: moveInMap(movement)
        case .scan: stepByArrow(movement)
        case .hex: moveInHex(movement, page: max(1, visibleRows(of: .hex) - 1))
        case .backtrace, .references, .why, .log: moveCursor(of: focus, by: distance)
        }
    }

    /// Rows that fit under a page's heading.
    var pageRows: Int { max(1, layout.body.rows - 1) }

    private func rows(_ movement: Movement, page: Int) -> Int {
        switch movement {
        case .left, .right: 0
        case .up: -1
        case .down: 1
        case .pageUp: -page
        case .pageDown: page
        case .start: .min
        case .end: .max
        }
    }

    private mutating func moveCursor(of pane: Pane, by distance: Int) {
        let last = max(0, lines(of: pane).count - 1)
        let line = min(max(0, cursorLine(of: pane).saturatingAdd(distance)), last)
        // A log that stands at its end goes on following it.
        cursors[pane] = pane == .log && line == last ? nil : line
    }

    /// The line of a list that the cursor is on.
    func cursorLine(of pane: Pane) -> Int {
        let last = max(0, lines(of: pane).count - 1)
        return min(cursors[pane] ?? (pane == .log ? last : 0), last)
    }

    /// In the scan the arrows step: by words to the sides, by references up and down, by objects with the page keys.
    private mutating func stepByArrow(_ movement: Movement) {
        if let objection = objection(to: .step(.word, .forwards)) { return complain(objection) }
        switch movement {
        case .left: step(.word, .backwards)
        case .right: step(.word, .forwards)
        case .up: step(.reference, .backwards)
        case .down: step(.reference, .forwards)
        case .pageUp: step(.object, .backwards)
        case .pageDown: step(.object, .forwards)
        case .start: jump(to: .tick(0))
        case .end: jump(to: .tick(.max))
        }
    }

    // MARK: Bytes

    private mutating func moveInHex(_ movement: Movement, page: Int) {
        guard let size = hexSize, size > 0 else { return }
        let word = UInt64(heap.profile.wordSize), width = hexRowWidth
        let last = (size - 1) / word * word
        let distance = { (rows: Int) in UInt64(rows) * width }
        hex.cursor = switch movement {
        case .left: hex.cursor - min(hex.cursor, word)
        case .right: hex.cursor + word
        case .up: hex.cursor >= width ? hex.cursor - width : hex.cursor
        case .down: hex.cursor + width <= last ? hex.cursor + width : hex.cursor
        case .pageUp: hex.cursor - min(hex.cursor / width * width, distance(page))
        case .pageDown: hex.cursor + distance(page)
        case .start: 0
        case .end: last
        }
        hex.cursor = min(hex.cursor, last)
    }

    mutating func changeRowWidth() {
        hex.changeWidth()
        say(hex.rowWidth.map { "\($0) bytes in a row." } ?? "As many bytes in a row as fit.")
    }

    /// The word under the cursor of the bytes: its value and the objects it points into.
    var wordUnderCursor: (word: UInt64, targets: WordTargets)? {
        guard let start = hexStart else { return nil }
        let wordSize = UInt64(heap.profile.wordSize)
        let address = Address((start.rawValue &+ hex.cursor) / wordSize * wordSize)
        return heap.memory.word(at: address, size: Int(wordSize)).map { ($0, index.targets(of: $0)) }
    }

    // MARK: Enter

    /// Why Enter can do nothing where the cursor is.
    var openObjection: String? {
        if page == .whatIf { return jumpOnPage == nil ? "This line leads nowhere." : nil }
        if page != nil { return page == .breakpoints && !breakpoints.isEmpty ? nil : "Enter does nothing here." }
        return switch focus {
        case .objects: selection == nil ? "No object is selected." : nil
        case .hex: wordUnderCursor == nil ? "There is no word under the cursor." : nil
        case .leaks: leaks.isEmpty ? "There is no leak to open." : nil
        case .map: nil
        case .references, .why:
            lines(of: focus).isEmpty || lines(of: focus)[cursorLine(of: focus)].jump == nil ? "This line leads nowhere." : nil
        case .scan, .backtrace, .log: "Enter does nothing here."
        }
    }

    mutating func open() {
        if page == .breakpoints { return seekToStop(of: pageCursor) }
        if let jump = jumpOnPage {
            show(nil)
            return self.jump(to: jump)
        }
        switch focus {
        case .objects: focus(on: .hex)
        case .hex: followPointer()
        case .leaks: openLeak()
        case .map: openMapCell()
        case .references, .why: lines(of: focus)[cursorLine(of: focus)].jump.map { jump(to: $0) }
        case .scan, .backtrace, .log: break
        }
    }

    private var jumpOnPage: Jump? {
        let lines = page.map { self.lines(of: $0) } ?? []
        return lines.indices.contains(pageCursor) ? lines[pageCursor].jump : nil
    }

    private mutating func followPointer() {
        guard let (word, targets) = wordUnderCursor else { return }
        guard let target = targets.first(where: { _ in true }) else { return look(at: Address(word)) }
        jump(to: .object(target, offset: offset(of: word, in: target)))
    }

    private func offset(of word: UInt64, in target: ObjectID) -> UInt64 { word &- heap.objects.pointers[target.index].rawValue }

    mutating func jump(to place: Jump) {
        switch place {
        case .object(let id, let offset): visit(id, offset: offset)
        case .address(let address): look(at: address)
        case .tick(let tick):
            showLastScan()
            playback?.isPlaying = false
            seek(to: min(max(0, tick), playback?.recording.lastTick ?? 0))
            finishIfAtEnd()
            bringToFront(.scan)
        }
    }

    // MARK: Leaks and map

    /// Of the leaks that pass the filter.
    var leakGroups: LeakGroups {
        let shown = list.filter == nil ? leaks : leaks.filter { list.row(of: $0) != nil }
        return LeakGroups(shown, in: heap, by: leakState.order, causes: leakState.grouping == .cause ? causes : nil)
    }

    private var leakTableRows: Int { LeaksView.visibleRows(in: Size(columns: 0, rows: visibleRows(of: .leaks))) }

    private mutating func moveInLeaks(_ movement: Movement) {
        leakState.move(movement, in: leakGroups, rows: leakTableRows)
        selectLeakUnderCursor()
    }

    private mutating func selectLeakUnderCursor() {
        if let id = leakState.object(in: leakGroups) {
            isFollowing = false
            select(id)
        }
    }

    mutating func clickLeak(line: Int) {
        if leakState.click(line: line, in: leakGroups, rows: leakTableRows) { selectLeakUnderCursor() }
    }

    mutating func sortLeaks() {
        leakState.changeOrder(in: leakGroups, of: self, rows: leakTableRows)
        say("Leaks by \(leakState.order.title).")
    }

    mutating func changeGrouping() {
        let before = leakGroups
        leakState.changeGrouping()
        updateCauses()
        leakState.follow(from: before, to: leakGroups, rows: leakTableRows)
        say(leakState.grouping == .cause ? "Leaks by cause: what no other one points at, with what falls with it." : "Leaks by backtrace.")
    }

    /// Opens or closes the group under the cursor; from a leak, shows its bytes.
    private mutating func openLeak() {
        let groups = leakGroups
        guard let row = leakState.row(in: groups) else { return }
        switch groups.rows(open: leakState.open)[row] {
        case .group: leakState.toggle(in: groups, rows: leakTableRows)
        case .object(let id, _):
            visit(id)
            focus(on: .hex)
        }
    }

    /// Of the pane without its heading.
    var mapSize: Size {
        let area = layout.area(of: .map) ?? layout.body
        return Size(columns: area.columns, rows: area.rows - 1)
    }

    private mutating func moveInMap(_ movement: Movement) { mapState.move(MapMovement(movement), over: map, in: mapSize) }

    mutating func zoomMap(_ direction: Direction) { mapState.zoom(in: direction == .forwards, over: map, in: mapSize) }

    private mutating func openMapCell() {
        if let id = mapState.objectUnderCursor(self, over: map, in: mapSize) {
            visit(id)
            bringToFront(.hex)
        } else {
            look(at: mapState.cursor)
        }
    }
}

extension MapMovement {
    fileprivate init(_ movement: Movement) {
        self = switch movement {
        case .up: .up
        case .down: .down
        case .left: .left
        case .right: .right
        case .pageUp: .pageUp
        case .pageDown: .pageDown
        case .start: .start
        case .end: .end
        }
    }
}
