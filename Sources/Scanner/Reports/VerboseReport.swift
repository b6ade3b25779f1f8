import HeapModel

/// What the module parameter `verbose` makes a scan print to the log: its new leaks (`print_unreferenced()`;
/// `kmemleak.md`, sections 4 and 10).
struct VerboseReport {
    /// Without kmemleak's prefix.
    let lines: [String]

    init(_ recording: ScanRecording, _ heap: Heap) {
        let writer = ReportWriter(heap), leaks = recording.leaks.map(\.id)
        lines = heap.profile.style.confirmsLeaks ? Self.folded(leaks, writer, heap) : leaks.flatMap { writer.lines(for: $0) }
    }

    /// Leaks without a backtrace at once and whole; then one for each backtrace, and how many more there are.
    private static func folded(_ leaks: [ObjectID], _ writer: ReportWriter, _ heap: Heap) -> [String] {
        var lines: [String] = [], traces: [TraceID] = [], groups: [TraceID: [ObjectID]] = [:]
        for id in leaks {
            guard let trace = heap.objects.traces[id.index] else {
                lines += writer.lines(for: id)
                continue
            }
            if groups[trace] == nil { traces.append(trace) }
            groups[trace, default: []].append(id)
        }
        for group in traces.compactMap({ groups[$0] }) {
            lines += writer.lines(for: group[0], withHexDump: false)
            if group.count > 1 { lines.append("  ... and \(group.count - 1) more object(s) with the same backtrace") }
        }
        return lines
    }
}
