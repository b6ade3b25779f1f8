import HeapModel

/// Something that takes its time while the state from before stays on the screen.
package struct Work: Equatable, Sendable {
    package let name: String
    /// Since it began.
    package let seconds: Double
    /// From 0 to 1; 0 of work that does not tell how far it is.
    package let fraction: Double

    package init(_ name: String, seconds: Double = 0, fraction: Double = 0) {
        (self.name, self.seconds, self.fraction) = (name, seconds, fraction)
    }

    /// A line for the foot of the screen.
    package var line: String {
        let tenths = Int(seconds * 10), time = "\(tenths / 10).\(tenths % 10) s"
        guard fraction > 0 else { return "\(name): \(time)  Esc stops it" }
        let length = 20, full = min(length, Int(fraction * Double(length)))
        let bar = String(repeating: "|", count: full) + String(repeating: " ", count: length - full)
        return "\(name) [\(bar)] \(Int(fraction * 100)) %  \(time)  Esc stops it"
    }
}

extension Work {
    /// The screen while there is nothing else to show.
    package func frame(_ size: Size) -> Frame {
        var frame = Frame(size: size)
        let column = max(0, (size.columns - TextWidth.columns(of: line)) / 2)
        frame.put([StyledText(line)], row: size.rows / 2, column: column, in: frame.bounds)
        return frame
    }
}

extension AppState {
    /// Whether the state may take longer over this than a person likes to wait for an answer.
    package func mayTakeLong(_ event: Event) -> Bool {
        switch event {
        case .key, .click, .doubleClick: kmemleak.heap.objects.count >= 50_000 && !isAtHand(event) || isMovingTheClock(event)
        case .wheel, .resize, .tick, .told: false
        }
    }

    /// Whether an event puts the cursor of a pane elsewhere for which nothing has to be found out anew, however many objects,
    /// leaks and lines there are.
    private func isAtHand(_ event: Event) -> Bool {
        guard case .move? = action(of: event), page == nil, !showsRelations else { return false }
        return [.objects, .hex, .backtrace].contains(focus)
    }

    /// How long that takes is for the scenario to say, however few objects there are.
    private func isMovingTheClock(_ event: Event) -> Bool {
        guard event == .key(.named(.enter)), case .command? = prompt?.kind, case .advance? = prompt.map({ PromptCommand(parsing: $0.text) })
        else { return false }
        return true
    }

    /// What to call the work on an event.
    package func workName(_ event: Event) -> String {
        guard case .key(let key) = event else { return "Working" }
        if let prompt { return prompt.kind.label + prompt.text }
        let label = Keymap.binding(for: key, at: place)?.label
        return label.map { "\(key.label) \($0)" } ?? key.label
    }

    /// Whether an event only moves about on the screen, so that it can be followed while there is work: what it does to the
    /// state from before, it will do to the one that the work leads to.
    package func onlyMoves(_ event: Event) -> Bool {
        switch event {
        case .wheel, .resize: return true
        default: break
        }
        return switch action(of: event) {
        case .move, .focus, .focusNext, .zoomPane, .show(.help), .quit: true
        default: false
        }
    }

    /// What a key does where it is pressed.
    private func action(of event: Event) -> Action? {
        guard case .key(let key) = event, prompt == nil else { return nil }
        return Keymap.binding(for: key, at: place)?.action
    }
}
