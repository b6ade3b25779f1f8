import SystemPackage

/// A heap on its way into a capture, from which `Capture` reads an equal one.
///
/// What the format has no place for is lost: a style that is not the release's own, `unrefScans`, and how many bytes were
/// missing. Roots come back in the order of their kinds, in which a scan takes them.
///
///     ELF header · program headers · notes · segments, each at an offset that is its address modulo 64
package struct CaptureWriter {
    private let heap: Heap
    private let metadata: String
    /// The owners of scan areas, in creation order.
    private let owners: [ObjectID]
    private let areaCount: Int

    /// - Parameters:
    ///   - captured: when it was taken, as ISO 8601.
    ///   - tool: what took it.
    package init(_ heap: Heap, captured: String? = nil, tool: String? = nil) {
        self.heap = heap
        metadata = CaptureMetadata.text(of: heap, captured: captured, tool: tool)
        owners = heap.objects.areas.keys.sorted()
        areaCount = heap.objects.areas.values.reduce(0) { $0 + $1.count }
    }

    /// Writes the file, which appears whole or not at all.
    package func write(to path: FilePath) throws(CaptureError) {
        do {
            try checkFormat()
            let file = try WholeFile(path)
            try write(to: file)
            try file.commit()
        } catch {
            throw error.captureError(path.string)
        }
    }

    /// Writes to a pipe, say; `name` is for messages.
    package func write(to descriptor: FileDescriptor, name: String) throws(CaptureError) {
        do {
            try checkFormat()
            try write(to: WholeFile(descriptor))
        } catch {
            throw error.captureError(name)
        }
    }

    // MARK: Sizes and places

    private static let headerSize: UInt64 = 64, programHeaderSize: UInt64 = 56
    private static let alignment: UInt64 = 64
    /// As many program headers as `e_phnum` can tell; more stand in section header 0 (PN_XNUM).
    private static let shortCount = 0xfffe

    private var programHeaderCount: Int { heap.memory.segments.count + 1 }
    private var isExtended: Bool { programHeaderCount > Self.shortCount }
    private var notesOffset: UInt64 {
        Self.headerSize + Self.programHeaderSize * UInt64(programHeaderCount) + (isExtended ? Self.headerSize : 0)
    }

    private func contentSize(_ table: CaptureTable) -> UInt64 {
        let count = switch table {
        case .metadata: metadata.utf8.count
        case .objects: heap.objects.count
        case .traces: heap.traces.count
        case .areas: areaCount
        }
        return UInt64(count) * table.recordSize
    }

    private var notesSize: UInt64 { Self.tables.reduce(0) { $0 + 20 + padded(contentSize($1)) } }
    private static let tables: [CaptureTable] = [.metadata, .objects, .traces, .areas]

    private func padded(_ size: UInt64) -> UInt64 { (size + 3) & ~3 }

    /// The first offset from here on that is the address modulo 64.
    private func place(_ address: UInt64, from offset: UInt64) -> UInt64 { offset + (address &- offset) % Self.alignment }

    /// Fails for a heap that version 1 of the format cannot hold.
    private func checkFormat() throws(WriteFailure) {
        guard heap.profile.wordSize == 8 else { throw .format("a capture holds 64-bit heaps only") }
        for table in Self.tables where contentSize(table) > UInt32.max {
            throw .format("\(contentSize(table)) bytes of \(table.name) are more than a note can hold")
        }
    }

    // MARK: Writing

    private func write(to file: WholeFile) throws(WriteFailure) {
        do {
            var buffer = WriteBuffer()
            putHeaders(&buffer)
            for table in Self.tables { try putNote(table, &buffer, file) }
            try buffer.flush(to: file)
            var offset = notesOffset + notesSize
            for segment in heap.memory.segments {
                let next = place(segment.start, from: offset)
                buffer.putZeros(Int(next - offset))
                try buffer.flush(to: file)
                try segment.withBytes(file.write)
                offset = next + segment.count
            }
        } catch {
            throw .system(error as? Errno ?? .ioError)
        }
    }

    private func putHeaders(_ buffer: inout WriteBuffer) {
        let machine: UInt16 = heap.profile.architecture == .x86_64 ? 62 : 183
        buffer.put(bytes: ELFCore.magic + [2, 1, 1])
        buffer.putZeros(9)
        buffer.put(UInt16(4), machine)
        buffer.put(UInt32(1))
        buffer.put(UInt64(0), Self.headerSize, isExtended ? notesOffset - Self.headerSize : 0)
        buffer.put(UInt32(0))
        buffer.put(UInt16(Self.headerSize), UInt16(Self.programHeaderSize))
        buffer.put(isExtended ? UInt16.max : UInt16(programHeaderCount), 64, isExtended ? 1 : 0, 0)
        putProgramHeader(4, &buffer, offset: notesOffset, address: 0, held: notesSize, alignment: 4)
        var offset = notesOffset + notesSize
        for segment in heap.memory.segments {
            offset = place(segment.start, from: offset)
            putProgramHeader(
                1, &buffer, offset: offset, address: segment.start, held: segment.count, alignment: Self.alignment)
            offset += segment.count
        }
        guard isExtended else { return }
        buffer.putZeros(44)
        buffer.put(UInt32(programHeaderCount))
        buffer.putZeros(16)
    }

    private func putProgramHeader(
        _ type: UInt32, _ buffer: inout WriteBuffer, offset: UInt64, address: UInt64, held: UInt64, alignment: UInt64
    ) {
        buffer.put(type, UInt32(6))
        buffer.put(offset, address, 0, held, type == 1 ? held : 0, alignment)
    }

    private func putNote(_ table: CaptureTable, _ buffer: inout WriteBuffer, _ file: WholeFile) throws(Errno) {
        let size = contentSize(table)
        buffer.put(UInt32(CaptureTable.noteName.count), UInt32(size), table.rawValue)
        buffer.put(bytes: CaptureTable.noteName)
        switch table {
        case .metadata: buffer.put(bytes: Array(metadata.utf8))
        case .objects:
            for id in heap.objects.ids {
                put(heap.objects[id], &buffer)
                try buffer.flush(to: file, above: WriteBuffer.standardSize)
            }
        case .traces:
            for number in 0..<UInt32(heap.traces.count) {
                let frames = heap.traces[TraceID(rawValue: number)]
                buffer.put(UInt64(frames.count))
                for frame in frames { buffer.put(frame.rawValue) }
                buffer.putZeros(8 * (TraceDepot.maxFrames - frames.count))
                try buffer.flush(to: file, above: WriteBuffer.standardSize)
            }
        case .areas:
            for owner in owners {
                for area in heap.objects.areas[owner] ?? [] {
                    buffer.put(owner.rawValue, 0)
                    buffer.put(area.start.rawValue, area.size)
                }
            }
        }
        buffer.putZeros(Int(padded(size) - size))
    }

    private func put(_ object: TrackedObject, _ buffer: inout WriteBuffer) {
        buffer.put(object.pointer.rawValue, object.size, object.excessReference.rawValue, object.jiffies.rawValue)
        buffer.put(UInt32(bitPattern: object.minCount), UInt32(bitPattern: object.count))
        buffer.put(object.flags.rawValue, object.checksum, object.trace?.rawValue ?? CaptureTable.noTrace)
        buffer.put(UInt32(bitPattern: object.pid))
        object.comm.withPaddedBytes { buffer.put(raw: $0) }
    }
}

/// Why a heap could not be written.
private enum WriteFailure: Error {
    case system(Errno)
    case format(String)
}

extension Error {
    fileprivate func captureError(_ name: String) -> CaptureError {
        let problem = switch self as? WriteFailure {
        case .format(let problem): problem
        case .system(let error): "cannot be written: \(error)"
        case nil: "cannot be written: \(self)"
        }
        return CaptureError(file: name, offset: nil, problem: problem)
    }
}

/// Little-endian numbers that wait to be written in one go.
private struct WriteBuffer {
    static let standardSize = 1 << 20
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(Self.standardSize + 4096) }

    mutating func put<Number: FixedWidthInteger>(_ numbers: Number...) {
        for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
    }

    mutating func put(bytes more: [UInt8]) { bytes += more }
    mutating func put(raw more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
    mutating func putZeros(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

    /// Writes out what waits when it is more than this.
    mutating func flush(to file: WholeFile, above size: Int = 0) throws(Errno) {
        guard bytes.count > size else { return }
        do { try bytes.withUnsafeBytes(file.write) } catch { throw error as? Errno ?? .ioError }
        bytes.removeAll(keepingCapacity: true)
    }
}
