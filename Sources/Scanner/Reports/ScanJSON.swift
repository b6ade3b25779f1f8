import HeapModel

/// The machine-readable result of one or more scans (`capture-format.md`; version 1, changed only by addition).
package struct ScanJSON {
    /// What is told of one scan.
    private var scans: [JSONText] = []
    private let source: String
    private var last: ScanRecording?

    package init(source: String) { self.source = source }

    package mutating func add(_ recording: ScanRecording) {
        self.last = recording
        let last = Moment(recording: recording, tick: recording.lastTick)
        let totals = last.totals
        scans.append(.object([
            ("number", .number(scans.count + 1)), ("jiffies", .unsigned(recording.now.rawValue)),
            ("words", .number(recording.wordCount)), ("references", .number(recording.referenceCount)),
            ("new_leaks", .number(recording.leaks.count)), ("white", .number(totals[.white] ?? 0)),
            ("gray", .number((totals[.gray] ?? 0) + (totals[.scanned] ?? 0))), ("black", .number(totals[.ignored] ?? 0)),
            ("recording_bytes", .number(recording.byteCount)), ("graph_bytes", .number(recording.graph?.byteCount ?? 0)),
        ]))
    }

    /// - Parameter heap: as it stands after the last scan.
    package func text(_ heap: Heap, withObjects: Bool) -> String {
        let causes = LeakCauses(of: heap, graph: last?.graph(of: heap))
        var members: [(String, JSONText)] = [
            ("version", .number(1)), ("source", .string(source)), ("scans", .array(scans)),
            ("leaks", .array(heap.reportedLeaks.map { .object(record(of: $0, in: heap) + causes.members(on: $0, in: heap.objects)) })),
            ("causes", causes.json(heap.objects)),
        ]
        if let last { members.append(("roots", RootTable(last).json)) }
        if withObjects {
            let records = heap.objects.ids.map { id in
                JSONText.object(record(of: id, in: heap) + [("colour", .string(heap.objects.colour(of: id).rawValue))])
            }
            members.append(("objects", .array(records)))
        }
        return JSONText.object(members).rendered(indent: 0) + "\n"
    }

    private func record(of id: ObjectID, in heap: Heap) -> [(String, JSONText)] {
        let object = heap.objects[id]
        let frames = heap.traces[object.trace].map { frame in
            let address: [(String, JSONText)] = [("address", .string(frame.description))]
            return JSONText.object(address + (heap.symbols[frame].map { [("symbol", .string($0))] } ?? []))
        }
        return [
            ("address", .string(object.pointer.description)), ("size", .unsigned(object.size)),
            ("kind", .string(object.kind.rawValue)), ("count", .number(Int(object.count))),
            ("min_count", .number(Int(object.minCount))), ("flags", .number(Int(object.flags.rawValue))),
            ("checksum", .number(Int(object.checksum))), ("jiffies", .unsigned(object.jiffies.rawValue)),
            ("pid", .number(Int(object.pid))), ("comm", .string(object.comm.string)), ("backtrace", .array(frames)),
        ]
    }
}
