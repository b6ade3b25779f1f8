import HeapModel
import Scanner

/// What a scan read, by kind of root.
struct RootLines {
    let table: RootTable?
    /// Of the scan that the table tells of.
    let recording: ScanRecording?

    var lines: [Line] {
        guard let table else { return [] }
        let head = line("", "number", "bytes", "words", "references", "missing", .column)
        let sum = line("total", "", "", String(table.words), String(table.references), "", .strong)
        return [head] + table.rows.map(line) + [sum] + notes(table).map { Line([StyledText($0, .faint)]) }
    }

    private func line(_ row: RootTable.Row) -> Line {
        line(
            row.what.title + (row.isScanned ? "" : ": not scanned"), String(row.count), ByteSize(row.bytes).description,
            String(row.words), String(row.references), row.missing == 0 ? "" : ByteSize(row.missing).description, .text)
    }

    private func line(
        _ what: String, _ number: String, _ bytes: String, _ words: String, _ references: String, _ missing: String, _ style: Style
    ) -> Line {
        let text = what.padded(25) + number.leftPadded(8) + bytes.leftPadded(10) + words.leftPadded(11)
            + references.leftPadded(12) + missing.leftPadded(10)
        return Line([StyledText(text.trimmingBlanksAtEnd, style)])
    }

    private func notes(_ table: RootTable) -> [String] {
        (table.passes > 1 ? ["Words and references of \(table.passes) passes."] : [])
            + (table.unreadByteCount > 0
                ? ["\(ByteSize(table.unreadByteCount)) of that were not captured: what only they hold is unknown, not lost."]
                : [])
            + (recording.map {
                ["Kept of it: \(ByteSize(UInt64($0.byteCount))) of steps, \(ByteSize(UInt64($0.graph?.byteCount ?? 0))) of references."]
            } ?? [])
    }
}

extension String {
    fileprivate var trimmingBlanksAtEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension AppState {
    /// To be called after anything happened: the page reads all of memory once more.
    mutating func updateRootTable() {
        guard page == .roots, rootTable?.scan != scanTold, let recording = recordingTold else { return }
        rootTable = (scanTold, RootTable(recording))
    }
}
