import HeapModel

/// A few lines that tell how scans went and which leaks are known, for a person at a shell.
package struct ScanSummary {
    private var lines: [String]
    private var last: ScanRecording?

    package init(source: String) { lines = [source] }

    package mutating func add(_ recording: ScanRecording) {
        last = recording
        let totals = Moment(recording: recording, tick: recording.lastTick).totals
        let gray = (totals[.gray] ?? 0) + (totals[.scanned] ?? 0)
        lines.append("scan \(lines.count): \(recording.wordCount) words, \(recording.referenceCount) references; "
            + "white \(totals[.white] ?? 0), gray \(gray), black \(totals[.ignored] ?? 0); "
            + "new leaks \(recording.leaks.count)")
    }

    /// - Parameter heap: as it stands after the last scan.
    package func text(_ heap: Heap) -> String {
        let leaks = heap.reportedLeaks
        let bytes = leaks.reduce(0) { $0 + heap.objects.sizes[$1.index] }
        let unread = last?.unreadByteCount ?? 0, missing = heap.memory.missingByteCount
        var lines = lines
        if unread > 0 {
            lines.append("\(unread) bytes of what the scan reads were not captured: what only a word there points at is unknown, not lost")
        } else if missing > 0 {
            lines.append("\(missing) bytes were not captured, of which the scan reads none")
        }
        lines.append(leaks.isEmpty ? "no leak" : "\(leaks.count) leak\(leaks.count == 1 ? "" : "s"), \(bytes) bytes:")
        lines += leaks.map { id in
            let object = heap.objects[id]
            let site = heap.allocationSite(of: id).map { heap.symbols[$0] ?? $0.description } ?? "no backtrace"
            return "  \(object.pointer)  size \(object.size)  \"\(object.comm.string)\" pid \(object.pid)  \(site)"
        }
        if !leaks.isEmpty { lines += LeakCauses(of: heap, graph: last?.graph(of: heap)).lines(heap) }
        return lines.map { $0 + "\n" }.joined()
    }
}
