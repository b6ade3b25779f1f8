import HeapModel
import Scanner

/// What is supposed, and the objects that are another colour at the scan's end for it.
struct WhatIfLines {
    let state: AppState

    /// Objects that are listed, at most.
    private static let limit = 1000

    var lines: [Line] {
        guard let whatIf = state.whatIf else { return [] }
        let suppositions = whatIf.suppositions.map { Line([StyledText("if " + state.clause($0), .strong)]) }
        let changes = whatIf.changes.prefix(Self.limit).map(line)
        let rest = whatIf.changes.count - changes.count
        return suppositions + [Line([StyledText(Self.summary(whatIf) + ":", .column)])] + changes
            + (rest > 0 ? [Line([StyledText("and \(rest) more", .faint)])] : [])
    }

    private func line(_ change: WhatIf.Change) -> Line {
        let objects = state.heap.objects, id = change.object
        return Line([
            StyledText(change.before.title.padded(8), Style(change.before)), StyledText(" now ", .faint),
            change.after.map { StyledText($0.title.padded(8), Style($0)) } ?? StyledText("freed".padded(8), .faint),
            StyledText("  \(objects.pointers[id.index])  "),
            StyledText(ByteSize(objects.sizes[id.index]).description.leftPadded(6) + "  "),
            StyledText(state.shortLabel(of: id), .strong),
        ], jump: change.after.map { _ in .object(id, offset: 0) })
    }

    /// "1 object is freed, 3 objects turn white"
    static func summary(_ whatIf: WhatIf) -> String {
        let freed = whatIf.changes.count { $0.after == nil }
        let parts = (freed == 0 ? [] : ["\(freed) object\(freed == 1 ? " is" : "s are") freed"]) + Shade.allCases.compactMap { shade in
            let count = whatIf.changes.count { $0.after == shade }
            return count == 0 ? nil : "\(count) object\(count == 1 ? " turns" : "s turn") \(shade.title)"
        }
        return parts.isEmpty ? "nothing changes its colour" : parts.joined(separator: ", ")
    }
}
