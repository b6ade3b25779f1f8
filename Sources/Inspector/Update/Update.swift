import HeapModel
import Scanner

extension AppState {
    /// The one way in which the state changes: something happened.
    package mutating func apply(_ event: Event) {
        switch event {
        case .key(let key): apply(key)
        case .click(let row, let column): click(row: row, column: column, isDouble: false)
        case .doubleClick(let row, let column): click(row: row, column: column, isDouble: true)
        case .wheel(let rows, let row, let column): wheel(rows, row: row, column: column)
        case .resize(let size):
            self.size = size
            // In another arrangement the pane with the keys may share its place with one that was used later.
            bringToFront(focus)
        case .tick(let microseconds): pass(microseconds: microseconds)
        case .told(let text, let isError): message = Message(text: text, isError: isError)
        }
        updateRows()
        updateCauses()
        updateRootTable()
        updateRelations()
    }

    private mutating func apply(_ key: Key) {
        if prompt != nil { return type(key) }
        message = nil
        guard let binding = Keymap.binding(for: key, at: place) else { return complain(nothing(key)) }
        if let objection = objection(to: binding.action) { return complain(objection) }
        if page != nil, !binding.action.isForPages { show(nil) }
        apply(binding.action)
    }

    /// What has the keys.
    var place: Binding.Place { page.map(Binding.Place.page) ?? .pane(focus) }

    private func nothing(_ key: Key) -> String {
        let places = Keymap.places(for: key).map { place in
            if case .pane(let pane) = place { "\(pane.rawValue) \(pane.title)" } else { place.title }
        }
        return places.isEmpty ? "\(key.label) does nothing. ? shows the keys."
            : "\(key.label) means something in \(places.joined(separator: ", ")) only."
    }

    package mutating func apply(_ action: Action) {
        switch action {
        case .scanAnimated: startScan(animated: true)
        case .scanAtOnce: startScan(animated: false)
        case .playPause: playPause()
        case .changeSpeed(let direction): changeSpeed(direction)
        case .step(let stride, let direction): step(stride, direction)
        case .seekToChange(let direction): seekToChange(direction)
        case .showPresent: showHeap()
        case .toggleBreakpoint: toggleBreakpoint()
        case .seekToBreakpoint(let direction): seekToBreakpoint(direction)
        case .deleteBreakpoint: deleteBreakpoint(String(pageCursor + 1))

        case .control(let command): write(command)
        case .toggleStackScanning: write(.stack(!kmemleak.heap.scansStacks))
        case .toggleAutomaticScanning: write(.automatic(!kmemleak.isAutomatic))
        case .changeClock(let direction): changeClock(direction)
        case .undo: undo()

        case .move(let movement): move(movement)
        case .open: open()
        case .back: goBack()
        case .selectNextLeak(let direction): selectNextLeak(direction)
        case .selectNextMark: selectNextMark()
        case .toggleMark: toggleMark()
        case .toggleFollowing: toggleFollowing()
        case .nextMatch(let direction): goToNextMatch(direction)
        case .sortByNextColumn: sortByNextColumn()
        case .reverseOrder: reverseOrder()
        case .changeRowWidth: changeRowWidth()
        case .changeGrouping: changeGrouping()
        case .zoomMap(let direction): zoomMap(direction)

        case .focus(let pane): focus(on: pane)
        case .focusNext(let direction): focusNext(direction)
        case .zoomPane: zoomPane()
        case .moveBorder(let axis, let direction): moveBorder(axis, direction)
        case .changeTheme: changeTheme()
        case .show(let page): show(self.page == page ? nil : page)
        case .ask(let kind): ask(kind)
        case .copyPlace: copyPlace()
        case .cancel: cancel()
        case .quit: if page == nil { wantsToQuit = true } else { show(nil) }
        }
    }

    /// Esc: puts away what lies on top, one thing at a time.
    private mutating func cancel() {
        if page != nil { return show(nil) }
        if search != nil { return search = nil }
        switch focus {
        case .log where !logFilter.isEmpty: logFilter = ""
        case .objects where list.filter != nil, .leaks where list.filter != nil: filterObjects(nil)
        default: if isZoomed { zoomPane() }
        }
    }

    /// Whether the footer shows an action: it can do something now, and kmemleak would take it.
    func isOffered(_ action: Action) -> Bool {
        switch action {
        case .scanAnimated, .scanAtOnce, .toggleStackScanning, .toggleAutomaticScanning: kmemleak.heap.isEnabled
        default: objection(to: action) == nil
        }
    }

    /// Why an action can do nothing now; nil when it can. What is written to the control file is kmemleak's to refuse.
    package func objection(to action: Action) -> String? {
        switch action {
        case .step, .playPause, .changeSpeed, .seekToChange:
            kmemleak.recording == nil ? "There is no scan to step through yet: press s." : nil
        case .seekToBreakpoint:
            kmemleak.recording == nil ? "There is no scan to step through yet: press s."
                : breakpoints.isEmpty ? "There is no breakpoint: b sets one on the selected object." : nil
        case .showPresent:
            playback == nil ? "This is the present: no scan is being looked at." : nil
        case .changeClock:
            machine.scenario == nil ? "The clock of a capture stands still."
                : machine.failure.map { "The kernel stopped on an error: \($0)" }
        case .toggleMark, .toggleBreakpoint, .ask(.note):
            selection == nil ? "No object is selected." : nil
        case .deleteBreakpoint:
            breakpoints.isEmpty ? "There is no breakpoint." : nil
        case .selectNextLeak:
            leaks.isEmpty ? "No leak is known at this moment." : nil
        case .selectNextMark:
            list.rows.contains(where: isMarked) ? nil : "No object is marked: m marks the selected one."
        case .nextMatch:
            search == nil ? "Nothing has been searched for: / does." : nil
        case .back:
            history.isEmpty && viewedMemory == nil ? "There is nothing to go back to." : nil
        case .undo:
            journal.canTakeBack ? nil : "There is nothing to undo."
        case .open:
            openObjection
        case .show(.configuration):
            machine.scenario == nil ? "A capture does not tell how its kernel was configured." : nil
        case .show(.whatIf):
            whatIf == nil ? "Nothing is supposed: i does." : nil
        case .show(.roots):
            recordingTold == nil ? "There is no scan yet: press s." : nil
        case .moveBorder(let axis, _):
            borders(axis).isEmpty ? "There is no such border to move here." : nil
        case .scanAnimated, .scanAtOnce, .control, .toggleStackScanning, .toggleAutomaticScanning, .move, .toggleFollowing,
            .sortByNextColumn, .reverseOrder, .changeRowWidth, .changeGrouping, .zoomMap, .focus, .focusNext, .zoomPane, .changeTheme, .show,
            .ask, .copyPlace, .cancel, .quit:
            nil
        }
    }
}

extension Action {
    /// Whether a page stays open.
    fileprivate var isForPages: Bool {
        switch self {
        case .move, .nextMatch, .ask(.search), .show, .cancel, .open, .deleteBreakpoint, .quit, .changeTheme, .undo: true
        default: false
        }
    }
}
