import HeapModel
import Scanner

/// Who the selected object is, and who allocated it.
struct BacktraceView {
    let state: AppState

    static func lineCount(_ state: AppState) -> Int { lines(state).count }

    func draw(in area: Area, on frame: inout Frame) {
        let top = state.scroll[.backtrace] ?? 0
        for (line, text) in Self.lines(state).dropFirst(top).prefix(area.rows).enumerated() {
            frame.put(text, row: area.row + line, column: area.column + 1, in: area)
        }
    }

    private static func lines(_ state: AppState) -> [[StyledText]] {
        guard let id = state.selection else { return [] }
        let object = state.heap.objects[id]
        let trace = state.heap.traces[object.trace]
        let frames = trace.map { frame in
            let site = frame == state.heap.allocationSite(of: id)
            return [
                StyledText(frame.description + "  ", .faint),
                StyledText(state.heap.symbols[frame] ?? "(no symbol)", site ? .strong : .text),
            ]
        }
        return [facts(object), moreFacts(object, id, state)] + (frames.isEmpty ? [[StyledText("No backtrace was kept.", .faint)]] : frames)
    }

    private static func facts(_ object: TrackedObject) -> [StyledText] {
        [
            StyledText("object\(object.kind.reportSuffix) \(object.pointer)", .strong), StyledText("  size \(object.size)"),
            StyledText("  comm ", .faint), StyledText("\"\(object.comm.string)\""),
            StyledText("  pid ", .faint), StyledText(String(object.pid)),
        ]
    }

    private static func moreFacts(_ object: TrackedObject, _ id: ObjectID, _ state: AppState) -> [StyledText] {
        [
            StyledText("count ", .faint), StyledText("\(state.count(of: id)) of \(state.minCount(of: id))"),
            StyledText("  flags ", .faint), StyledText((state.isLeak(id) ? object.flags.union(.reported) : object.flags).names),
            StyledText("  checksum ", .faint), StyledText(String(object.checksum, radix: 16)),
            StyledText("  jiffies ", .faint), StyledText(String(object.jiffies.rawValue)),
        ]
    }
}

extension ObjectFlags {
    /// The kernel's names of the flags that are set: `ALLOCATED|REPORTED`.
    package var names: String {
        let table: [(ObjectFlags, String)] = [
            (.allocated, "ALLOCATED"), (.reported, "REPORTED"), (.noScan, "NO_SCAN"), (.fullScan, "FULL_SCAN"),
            (.phys, "PHYS"), (.perCPU, "PERCPU"),
        ]
        let set = table.filter { contains($0.0) }.map { $0.1 }
        return set.isEmpty ? "none" : set.joined(separator: "|")
    }
}
