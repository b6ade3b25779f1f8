import HeapModel
import Scanner

/// Who points at the selected object, and what it points at: each word with its place.
struct ReferencesLines {
    let state: AppState

    var lines: [Line] {
        guard let id = state.selection, let relations = state.relations else { return [] }
        let name = StyledText(state.shortLabel(of: id), state.style(of: id))
        return [heading(relations.incoming.count, [StyledText("at "), name])] + relations.incoming.map(incoming) + [Line([])]
            + [heading(relations.outgoing.count, [StyledText("in "), name, StyledText(" at others")])] + relations.outgoing.map(outgoing)
    }

    private func heading(_ count: Int, _ rest: [StyledText]) -> Line {
        let subject = count == 0 ? "No word points " : count == 1 ? "1 word points " : "\(count) words point "
        return Line([StyledText(subject, .heading)] + rest)
    }

    private func incoming(_ reference: Reference) -> Line {
        let kind = reference.offset == 0 ? "exactly" : "\(reference.offset) bytes into it"
        return Line([
            StyledText("  "), state.place(of: reference.address, in: reference.holder), StyledText("  \(kind)", .faint),
            StyledText("  \(reference.address)", .faint),
        ], jump: .address(reference.address))
    }

    private func outgoing(_ reference: Reference) -> Line {
        let own = state.place(of: reference.address, in: reference.holder).text.split(separator: "+").last.map { "+" + $0 } ?? ""
        return Line([
            StyledText("  " + (own.hasPrefix("+0x") ? own : "+0x0").padded(8), .faint), StyledText("→ ", .faint),
            StyledText(state.shortLabel(of: reference.target), state.style(of: reference.target)), .offset(reference.offset),
            StyledText("  \(state.heap.objects.pointers[reference.target.index])", .faint),
        ], jump: .object(reference.target, offset: reference.offset))
    }
}
