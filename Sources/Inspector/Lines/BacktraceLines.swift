import HeapModel
import Scanner

/// Who the selected object is, and who allocated it.
struct BacktraceLines {
    let state: AppState

    var lines: [Line] {
        guard let id = state.selection else { return [] }
        let object = state.heap.objects[id]
        let site = state.heap.allocationSite(of: id)
        let frames = state.heap.traces[object.trace].map { frame in
            Line([
                StyledText(frame.description + "  ", .faint),
                StyledText(state.heap.symbols[frame] ?? "(no symbol)", frame == site ? .strong : .text),
            ])
        }
        return [facts(object), moreFacts(object, id)] + notes(id)
            + (frames.isEmpty ? [Line([StyledText("No backtrace was kept.", .faint)])] : frames)
    }

    private func facts(_ object: TrackedObject) -> Line {
        Line([
            StyledText("object\(object.kind.reportSuffix) \(object.pointer)", .strong), StyledText("  size \(object.size)"),
            StyledText("  comm ", .faint), StyledText("\"\(object.comm.string)\""),
            StyledText("  pid ", .faint), StyledText(String(object.pid)),
        ])
    }

    private func moreFacts(_ object: TrackedObject, _ id: ObjectID) -> Line {
        Line([
            StyledText("count ", .faint), StyledText("\(state.count(of: id)) of \(state.minCount(of: id))"),
            StyledText("  flags ", .faint), StyledText((state.isLeak(id) ? object.flags.union(.reported) : object.flags).names),
            StyledText("  checksum ", .faint), StyledText(String(object.checksum, radix: 16)),
            StyledText("  jiffies ", .faint), StyledText(String(object.jiffies.rawValue)),
        ])
    }

    private func notes(_ id: ObjectID) -> [Line] {
        state.note(of: id).map { [Line([StyledText("note ", .faint), StyledText($0, .mark)])] } ?? []
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
