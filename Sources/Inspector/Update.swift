import HeapModel
import Scanner

extension AppState {
    /// The one way in which the state changes: something happened.
    package mutating func apply(_ event: Event) {
        switch event {
        case .key(let key): apply(key)
        case .click(let row, let column), .doubleClick(let row, let column): click(row: row, column: column)
        case .wheel(let rows, let row, let column): wheel(rows, row: row, column: column)
        case .resize(let size):
            self.size = size
            keepSelectionVisible()
        case .tick(let microseconds): advance(microseconds: microseconds)
        }
    }

    private mutating func apply(_ key: Key) {
        if prompt != nil { return type(key) }
        message = nil
        guard let binding = Keymap.binding(for: key) else {
            return complain("\(key.label) does nothing here. ? shows the keys.")
        }
        if let objection = objection(to: binding.action) { return complain(objection) }
        apply(binding.action)
    }

    package mutating func apply(_ action: Action) {
        switch action {
        case .scanAnimated: startScan(animated: true)
        case .scanAtOnce: startScan(animated: false)
        case .control(let command): write(command)
        case .toggleStackScanning: write(.stack(!kmemleak.heap.scansStacks))
        case .playPause: playPause()
        case .step(let stride, let direction): step(stride, direction)
        case .changeSpeed(let direction): changeSpeed(direction)
        case .toggleAutomaticScanning: write(.automatic(!kmemleak.isAutomatic))
        case .changeClock(let direction): changeClock(direction)
        case .showPresent: showHeap()
        case .seekToReach: seekToReach()
        case .move(let movement): move(movement)
        case .focus(let pane): focus(on: pane)
        case .focusNext(let direction): focusNext(direction)
        case .inspect: focus(on: .hex)
        case .selectNextLeak(let direction): selectNextLeak(direction)
        case .changeOrder: changeOrder()
        case .ask(let kind): ask(kind)
        case .toggleHelp: show(page == .help ? nil : .help)
        case .cancel: show(nil)
        case .quit: wantsToQuit = true
        }
    }

    /// Whether the footer shows an action: it can do something now, and kmemleak would take it.
    func isOffered(_ action: Action) -> Bool {
        switch action {
        case .control(.clear): true
        case .scanAnimated, .scanAtOnce, .control, .toggleStackScanning, .toggleAutomaticScanning: kmemleak.heap.isEnabled
        default: objection(to: action) == nil
        }
    }

    /// Why an action can do nothing now; nil when it can. What is written to the control file is kmemleak's to refuse.
    package func objection(to action: Action) -> String? {
        switch action {
        case .step, .playPause, .changeSpeed, .seekToReach:
            kmemleak.recording == nil ? "There is no scan to step through yet: press s." : nil
        case .showPresent:
            playback == nil ? "This is the present: no scan is being looked at." : nil
        case .changeClock:
            machine.scenario == nil ? "The clock of a capture stands still."
                : machine.failure.map { "The kernel stopped on an error: \($0)" }
        case .scanAnimated, .scanAtOnce, .control, .toggleStackScanning, .toggleAutomaticScanning:
            nil
        case .inspect:
            selection == nil ? "No object is selected." : nil
        case .selectNextLeak:
            leaks.isEmpty ? "No leak is known at this moment." : nil
        case .move, .focus, .focusNext, .changeOrder, .ask, .toggleHelp, .cancel, .quit:
            nil
        }
    }
}
