import HeapModel
import Scanner

/// Who points at the selected object, and what it points at: each word with its place.
struct ReferencesLines {
    let state: AppState
    /// Room for a line.
    let columns: Int

    var lines: [Line] {
        guard let id = state.selection, let relations = state.relations else { return [] }
        let name = StyledText(state.addressedLabel(of: id, columns: columns), state.style(of: id))
        let (incoming, outgoing) = (relations.incoming, relations.outgoing)
        let pointing = incoming.isEmpty ? "No word points at " : incoming.count == 1 ? "1 word points at " : "\(incoming.count) words point at "
        let pointed = outgoing.isEmpty ? " points at nothing" : outgoing.count == 1 ? " points with 1 word" : " points with \(outgoing.count) words"
        return [Line([StyledText(pointing, .heading), name])] + incoming.map(line(from:))
            + [Line([]), Line([name, StyledText(pointed, .heading)])] + outgoing.map(line(to:))
    }

    private func line(from reference: Reference) -> Line {
        let kind = reference.offset == 0 ? "exactly" : "\(reference.offset) bytes into it"
        return Line([
            StyledText("  "), state.place(of: reference), StyledText("  \(kind)", .faint),
            StyledText("  \(reference.address)", .faint),
        ], jump: .address(reference.address))
    }

    private func line(to reference: Reference) -> Line {
        let offset = state.offset(of: reference), own = offset.hasPrefix("+") ? offset : "+0x0\(offset)"
        return Line([
            StyledText("  \(own.padded(max(7, own.count))) → ", .faint),
            StyledText(state.shortLabel(of: reference.target), state.style(of: reference.target)), .offset(reference.offset),
            StyledText("  \(state.heap.objects.pointers[reference.target.index])", .faint),
        ], jump: .object(reference.target, offset: reference.offset))
    }
}
