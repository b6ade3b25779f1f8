import SystemPackage

/// A real kernel's tracked heap out of a capture: an ELF core file with kmemleak's tables as notes.
///
/// The file is untrusted; whatever does not fit is an error. Its memory stays mapped, not copied.
package struct Capture: Sendable {
    package let heap: Heap
    /// Of its objects.
    package let index: ObjectIndex
    /// When it was taken, as the file says.
    package let captured: String?
    /// What took it, as the file says.
    package let tool: String?

    package init(_ path: FilePath) throws(CaptureError) {
        let bytes = try CaptureBytes(path)
        let reader = try CaptureReader(bytes)
        // Each takes about half of the time. What one thread frees another does not use again, so what is large stays on this one.
        var told: Result<CaptureMetadata, CaptureError>?, read: Result<CaptureReader.Tables, CaptureError>?
        Parallel.perform(
            2, { read = Result { () throws(CaptureError) in try reader.tables() } },
            { told = Result { () throws(CaptureError) in try reader.metadata() } })
        guard let told, let read else { preconditionFailure("neither is left out") }
        let metadata = try told.get(), tables = try read.get()
        heap = try reader.heap(metadata, tables)
        index = tables.index
        captured = metadata.captured
        tool = metadata.tool
    }

    /// Whether a file is meant as a capture: it begins as every ELF file does.
    package static func looksLike(_ file: MappedFile) -> Bool { file.bytes.starts(with: ELFCore.magic) }
}

/// The notes of a capture, turned into a heap.
private struct CaptureReader {
    private let bytes: CaptureBytes
    private let core: ELFCore
    private var notes: [CaptureTable: ELFCore.Note] = [:]

    init(_ bytes: CaptureBytes) throws(CaptureError) {
        self.bytes = bytes
        core = try ELFCore(bytes)
        for note in core.notes where note.name == CaptureTable.noteName {
            guard let table = CaptureTable(rawValue: note.type) else { continue }
            guard notes.updateValue(note, forKey: table) == nil else {
                throw bytes.error(at: note.offset, "there is a second \(table.name) note")
            }
        }
    }

    func metadata() throws(CaptureError) -> CaptureMetadata {
        let note = try required(.metadata)
        let metadata: CaptureMetadata
        do {
            metadata = try CaptureMetadata(json: bytes.window(at: note.offset, size: note.size))
        } catch {
            throw bytes.error(at: note.offset, error.problem)
        }
        guard metadata.profile.architecture == core.architecture else {
            throw bytes.error(
                at: note.offset,
                "META key \"arch\": expected \"\(core.architecture)\" as the ELF header has it, "
                    + "found \"\(metadata.profile.architecture)\"")
        }
        return metadata
    }

    /// What there is to read without META.
    struct Tables {
        let traces: TraceDepot
        let objects: ObjectTable
        let index: ObjectIndex
        /// TRACES records.
        let traceCount: Int
    }

    func tables() throws(CaptureError) -> Tables {
        var depot = TraceDepot()
        let traces = try readTraces(into: &depot)
        _ = try required(.objects)
        let records = try records(.objects)
        let objects = ObjectTable(in: bytes.file, at: Int(records.offset), count: Int(records.count), traces: traces)
        return Tables(traces: depot, objects: objects, index: ObjectIndex(objects), traceCount: traces.count)
    }

    func heap(_ metadata: CaptureMetadata, _ tables: Tables) throws(CaptureError) -> Heap {
        var heap = Heap(profile: metadata.profile, jiffies: metadata.jiffies)
        heap.lastScan = metadata.lastScan
        heap.isEnabled = metadata.isEnabled
        heap.scansStacks = metadata.scansStacks
        heap.physToVirt = metadata.physToVirt
        heap.lowPageFrames = metadata.lowPageFrames
        heap.pageShift = metadata.pageShift
        heap.perCPUOffsets = metadata.perCPUOffsets
        // A scan takes kinds in their own order, and within a kind as listed.
        heap.roots = Root.Kind.allCases.flatMap { kind in metadata.roots.filter { $0.kind == kind } }
        heap.symbols = metadata.symbols
        heap.memory = memory()
        (heap.traces, heap.objects) = (tables.traces, tables.objects)
        try checkObjects(of: heap, traceCount: tables.traceCount)
        try checkOverlaps(tables.index)
        try readAreas(into: &heap.objects)
        return heap
    }

    private func memory() -> Memory {
        var missing: UInt64 = 0
        for segment in core.segments {
            let (sum, overflow) = missing.addingReportingOverflow(segment.size - segment.captured)
            missing = overflow ? .max : sum
        }
        return Memory(
            mapping: bytes.file,
            segments: core.segments.lazy.filter { $0.captured > 0 }
                .map { (start: $0.start, count: $0.captured, offset: Int($0.offset)) },
            missing: missing)
    }

    private func required(_ table: CaptureTable) throws(CaptureError) -> ELFCore.Note {
        guard let note = notes[table] else {
            throw bytes.error(at: 0, "there is no \(table.name) note: an ELF core file, but not a capture")
        }
        return note
    }

    /// The note's records; none when there is no such note.
    private func records(_ table: CaptureTable) throws(CaptureError) -> Records {
        let size = table.recordSize
        guard let note = notes[table] else { return Records(offset: 0, size: size, count: 0) }
        guard note.size % size == 0 else {
            throw bytes.error(
                at: note.offset, "expected \(table.name) records of \(size) bytes, found \(note.size) bytes in all")
        }
        return Records(offset: note.offset, size: size, count: note.size / size)
    }

    private struct Records {
        var offset: UInt64
        var size: UInt64
        /// Fits 32 bits, as a note's size does.
        var count: UInt64

        func place(_ index: UInt64) -> UInt64 { offset + index * size }
    }
}

extension CaptureReader {
    /// The id of each TRACES record; equal traces share one, and an empty trace has none.
    private func readTraces(into depot: inout TraceDepot) throws(CaptureError) -> [TraceID?] {
        let records = try records(.traces)
        var ids: [TraceID?] = []
        ids.reserveCapacity(Int(records.count))
        for index in 0..<records.count {
            let place = records.place(index)
            let count = bytes.number(UInt64.self, at: place)
            guard count <= UInt64(TraceDepot.maxFrames) else {
                throw bytes.error(at: place, "trace \(index): expected at most \(TraceDepot.maxFrames) addresses, found \(count)")
            }
            ids.append(depot.insert((0..<count).map { Address(bytes.number(UInt64.self, at: place + 8 + 8 * $0)) }))
        }
        return ids
    }

    private func checkObjects(of heap: Heap, traceCount: Int) throws(CaptureError) {
        let records = try records(.objects)
        for id in heap.objects.ids {
            let place = records.place(UInt64(id.rawValue)), minCount = heap.objects.minCounts[id.index]
            let trace = bytes.number(UInt32.self, at: place + 48)
            guard trace == CaptureTable.noTrace || trace < traceCount else {
                throw bytes.error(at: place + 48, "object \(id.rawValue): trace \(trace) of \(traceCount)")
            }
            guard bytes.window(at: place + 56, size: 16).contains(0) else {
                throw bytes.error(at: place + 56, "object \(id.rawValue): comm has no NUL")
            }
            guard minCount >= -1 else {
                throw bytes.error(
                    at: place + 32, "object \(id.rawValue): expected a min_count of -1 or more, found \(minCount)")
            }
            try checkRange(of: id, in: heap, at: place)
        }
    }

    /// Fails when the object, or a place where its contents stand, is no range of the address space.
    private func checkRange(of id: ObjectID, in heap: Heap, at place: UInt64) throws(CaptureError) {
        let range = heap.objects.range(of: id)
        guard range.size <= CaptureMetadata.maximumSize else {
            throw bytes.error(
                at: place + 8,
                "object \(id.rawValue): expected a size of at most \(CaptureMetadata.maximumSize) bytes, found \(range.size)")
        }
        let isOrdinary = ObjectKind(heap.objects.flags[id.index]) == .virtual
        let places = isOrdinary ? [] : heap.contents(of: id)
        for range in CollectionOfOne(range) + places where !range.isValid {
            throw bytes.error(
                at: place,
                "object \(id.rawValue): \(range.size) bytes at \(range.start) reach past the top of the address space")
        }
    }

    /// Fails when two live objects of one tree overlap, which kmemleak never lets happen.
    private func checkOverlaps(_ index: ObjectIndex) throws(CaptureError) {
        for kind in ObjectKind.allCases {
            let tree = index[kind], (starts, sizes) = tree.spans
            for rank in starts.indices.dropLast() where starts[rank + 1] - starts[rank] < sizes[rank] {
                let (below, above) = (tree.ids[rank], tree.ids[rank + 1])
                let note = try required(.objects)
                throw bytes.error(
                    at: note.offset + CaptureTable.objects.recordSize * UInt64(above.rawValue),
                    "object \(above.rawValue) at \(Address(starts[rank + 1])) overlaps object \(below.rawValue) "
                        + "at \(Address(starts[rank])) (\(sizes[rank]) bytes)")
            }
        }
    }

    private func readAreas(into objects: inout ObjectTable) throws(CaptureError) {
        let records = try records(.areas)
        for index in 0..<records.count {
            let place = records.place(index)
            let owner = bytes.number(UInt32.self, at: place)
            guard owner < objects.count else {
                throw bytes.error(at: place, "scan area \(index): object \(owner) of \(objects.count)")
            }
            let id = ObjectID(rawValue: owner)
            let area = AddressRange(
                start: Address(bytes.number(UInt64.self, at: place + 8)), size: bytes.number(UInt64.self, at: place + 16))
            let object = objects.range(of: id)
            guard object.contains(area) else {
                throw bytes.error(
                    at: place,
                    "scan area \(index): \(area.size) bytes at \(area.start) are outside object \(owner) "
                        + "(\(object.size) bytes at \(object.start))")
            }
            objects.areas[id, default: []].append(area)
        }
    }
}
