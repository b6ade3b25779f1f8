import HeapModel
import Scanner

/// The table of tracked objects; asks only for the rows that are seen.
struct ObjectsView {
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        guard !state.rows.isEmpty else {
            frame.put("No object is tracked.", .faint, row: area.row, column: area.column + 1, in: area)
            return
        }
        let top = state.scroll[.objects] ?? 0
        for line in 0..<area.rows {
            guard top + line < state.rows.count else { break }
            let id = state.rows[top + line]
            let row = area.row + line
            draw(id, row: row, in: area, on: &frame)
            if id == state.selection {
                frame.tint(Area(row: row, column: area.column + 2, columns: area.columns - 2, rows: 1),
                    state.focus == .objects ? .selection : .dimSelection)
            }
        }
    }

    private func draw(_ id: ObjectID, row: Int, in area: Area, on frame: inout Frame) {
        let object = state.heap.objects[id]
        let isLeak = state.isLeak(id), shade = state.shade(of: id)
        var line = [
            StyledText(glyphs.mark(shade, isLeak: isLeak) + " ", Style(shade, isLeak: isLeak)),
            StyledText(object.pointer.description.padded(18) + " "),
            StyledText(String(object.size).leftPadded(7) + " "),
            StyledText("\(state.count(of: id))/\(state.minCount(of: id))".leftPadded(5) + " ", Style(shade, isLeak: isLeak)),
            StyledText(state.age(of: object).leftPadded(7) + " ", .faint),
        ]
        // Who an object is matters more than who allocated it, where there is room for one of them.
        if area.columns >= 72 { line.append(StyledText(object.comm.string.padded(11) + " ")) }
        if area.columns >= 90 { line.append(StyledText(String(object.pid).leftPadded(5) + " ", .faint)) }
        line.append(StyledText(state.label(of: id)))
        frame.put(line, row: row, in: area)
    }
}

extension AppState {
    /// The object's colour at the moment shown.
    package func shade(of id: ObjectID) -> Shade {
        if let moment { return moment.shade(of: id) }
        return Shade(heap.objects.colour(of: id))
    }

    package func count(of id: ObjectID) -> Int32 { moment?.count(of: id) ?? heap.objects.counts[id.index] }

    func minCount(of id: ObjectID) -> Int32 { heap.objects.minCounts[id.index] }

    package func isLeak(_ id: ObjectID) -> Bool {
        moment?.isLeak(id) ?? (heap.objects.flags[id.index].contains(.reported) && heap.isUnreferenced(id))
    }

    /// "63.1s", "12.4m", "5.0h": since the allocation.
    func age(of object: TrackedObject) -> String {
        let tenths = (kmemleak.heap.jiffies - object.jiffies) * 10 / heap.profile.hz
        let (value, unit) = tenths < 6000 ? (tenths, "s") : tenths < 360_000 ? (tenths / 60, "m") : (tenths / 3600, "h")
        return "\(value / 10).\(value % 10)\(unit)"
    }

    /// What the object is called where there is room for a few words: its name in the scenario, then where it was allocated.
    func label(of id: ObjectID) -> String {
        let name = names[heap.objects.pointers[id.index]]
        let site = heap.allocationSite(of: id).map { heap.symbols[$0] ?? $0.description }
        return [name, site].compactMap { $0 }.joined(separator: "  ")
    }
}

extension String {
    /// Blanks up to a number of columns; what is too long is cut.
    func padded(_ columns: Int) -> String {
        var text = "", width = 0
        for character in self {
            guard width + TextWidth.columns(of: character) <= columns else { break }
            text.append(character)
            width += TextWidth.columns(of: character)
        }
        return text + String(repeating: " ", count: columns - width)
    }

    func leftPadded(_ columns: Int) -> String { String(repeating: " ", count: max(0, columns - count)) + self }
}
