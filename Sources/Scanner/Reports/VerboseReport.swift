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

    /// Leaks without a backtrace at once; then one for each backtrace in the order of the depot, and how many more there are.
    /// Where there are more, no one block's bytes are shown.
    private static func folded(_ leaks: [ObjectID], _ writer: ReportWriter, _ heap: Heap) -> [String] {
        var lines: [String] = [], groups: [TraceID: [ObjectID]] = [:]
        for id in leaks {
            guard let trace = heap.objects.traces[id.index] else {
                lines += writer.lines(for: id)
                continue
            }
            groups[trace, default: []].append(id)
        }
        for (_, group) in groups.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines += writer.lines(for: group[0], withHexDump: group.count == 1)
            if group.count > 1 { lines.append("  ... and \(group.count - 1) more object(s) with the same backtrace") }
        }
        return lines
    }
}
