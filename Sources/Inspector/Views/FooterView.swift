/// The last row: what is being typed, else a message, else the keys that matter.
struct FooterView {
    let state: AppState

    func draw(in area: Area, on frame: inout Frame) {
        if let prompt = state.prompt {
            frame.put([StyledText(prompt.kind.label, .key), StyledText(prompt.text, .prompt), StyledText(" ", .selection)],
                row: area.row, in: area)
        } else if let message = state.message {
            frame.put(" " + message.text, message.isError ? .error : .warning, row: area.row, column: area.column, in: area)
        } else {
            drawKeys(in: area, on: &frame)
        }
    }

    private func drawKeys(in area: Area, on frame: inout Frame) {
        var column = area.column + 1
        // The way to all the others comes first.
        for binding in Keymap.bindings.filter({ $0.action == .toggleHelp }) + Keymap.bindings.filter({ $0.action != .toggleHelp }) {
            guard let label = binding.label, let key = binding.keys.first, state.isOffered(binding.action) else { continue }
            let width = TextWidth.columns(of: key.label + label) + 3
            guard column + width <= area.column + area.columns else { break }
            frame.put([StyledText(key.label, .key), StyledText(" \(label)", .footer)], row: area.row, column: column, in: area)
            column += width
        }
    }
}
