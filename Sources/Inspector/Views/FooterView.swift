/// The foot of the screen: what takes its time, what is being typed, else a message, else the keys that matter. It grows upwards over the panes.
struct FooterView {
    let state: AppState

    func draw(in area: Area, on frame: inout Frame) {
        if let work = state.work {
            draw([[StyledText(work.line, .warning)]], above: area, on: &frame)
        } else if let prompt = state.prompt {
            draw(prompt, in: area, on: &frame)
        } else if let message = state.message {
            let rows = [StyledText(message.text, message.isError ? .error : .warning)].wrapped(columns: area.columns - 2)
            draw(rows, above: area, on: &frame)
        } else {
            drawKeys(in: area, on: &frame)
        }
    }

    /// The last row is the footer's own.
    private func draw(_ rows: [[StyledText]], above area: Area, on frame: inout Frame) {
        let first = area.row - rows.count + 1
        for (number, row) in rows.enumerated() {
            let line = Area(row: first + number, column: area.column, columns: area.columns, rows: 1)
            frame.fill(line)
            frame.put(row, row: line.row, column: line.column + 1, in: line)
        }
    }

    private func draw(_ prompt: Prompt, in area: Area, on frame: inout Frame) {
        let label = prompt.kind.label
        let room = max(1, area.columns - TextWidth.columns(of: label) - 1)
        // The part with the cursor is shown.
        let skipped = max(0, prompt.cursor - room + 1)
        let text = String(prompt.text.dropFirst(skipped))
        let column = frame.put([StyledText(label, .key)], row: area.row, in: area)
        frame.put(text, .prompt, row: area.row, column: column, in: area)
        let before = TextWidth.columns(of: text.prefix(prompt.cursor - skipped))
        frame.tint(Area(row: area.row, column: column + before, columns: 1, rows: 1), .selection)
        if prompt.text.isEmpty {
            frame.put(prompt.kind.hint, .faint, row: area.row, column: column + 2, in: area)
        } else if let found {
            frame.put(found, .faint, row: area.row, column: max(column + TextWidth.columns(of: text) + 2, area.columns - found.count - 1), in: area)
        }
    }

    /// How many match what is typed so far.
    private var found: String? {
        switch state.prompt?.kind {
        case .search: state.search.map { $0.matches.isEmpty ? "not found" : "\($0.matches.count) found" }
        case .filter: "\(state.list.rows.count) of \(state.list.objectCount)"
        default: nil
        }
    }

    private func drawKeys(in area: Area, on frame: inout Frame) {
        var column = area.column + 1
        for binding in Self.bindings(at: state.place) {
            guard let label = binding.label, let key = binding.keys.first, state.isOffered(binding.action) else { continue }
            let width = TextWidth.columns(of: key.label + label) + 3
            guard column + width <= area.column + area.columns else { break }
            frame.put([StyledText(key.label, .key), StyledText(" \(label)", .footer)], row: area.row, column: column, in: area)
            column += width
        }
    }

    /// The way to all the others comes first, then what only this place knows.
    private static func bindings(at place: Binding.Place) -> [Binding] {
        let all = Keymap.bindings.filter { $0.places.isEmpty || $0.places.contains(place) }
        return all.filter { $0.action == .show(.help) } + all.filter { !$0.places.isEmpty }
            + all.filter { $0.places.isEmpty && $0.action != .show(.help) }
    }
}
