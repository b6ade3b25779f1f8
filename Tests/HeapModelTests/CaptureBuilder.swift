import Foundation
import SystemPackage

@testable import HeapModel

/// Makes small captures, good and bad: every part has a default, and a test sets the one it is about.
struct CaptureBuilder {
    struct Object {
        var pointer: UInt64
        var size: UInt64
        var excessReference: UInt64 = 0
        var jiffies: UInt64 = 0
        var minCount: Int32 = 1
        var count: Int32 = 0
        var flags: UInt32 = 1
        var checksum: UInt32 = 0
        var trace: UInt32 = .max
        var pid: Int32 = 0
        var comm: [UInt8] = Array("swapper/0".utf8)
    }

    struct Segment {
        var start: UInt64
        var bytes: [UInt8]
        /// `p_memsz`; nil for as many as there are bytes.
        var size: UInt64?
    }

    struct Note {
        var type: UInt32
        var contents: [UInt8]
        var name = Array("kmemtop\0".utf8)
    }

    /// Values are JSON text.
    var meta: [String: String] = [
        "format": "\"kmemtop-capture\"", "version": "1", "arch": "\"x86_64\"", "release": "\"6.1.192\"", "hz": "250",
        "jiffies": "4294901234", "enabled": "true", "stack_scan": "true", "roots": "[]",
    ]
    /// Takes the place of all of `meta`.
    var metaText: String?
    var objects: [Object] = []
    /// Each with its own n in front, so that n may be wrong.
    var traces: [(n: UInt64, addresses: [UInt64])] = []
    var areas: [(owner: UInt32, start: UInt64, size: UInt64)] = []
    var segments: [Segment] = []
    var extraNotes: [Note] = []
    /// Types of the notes to leave out.
    var omitted: Set<UInt32> = []
    var usesExtendedNumber = false

    static let metaType: UInt32 = 0x4b4d_0001, objectsType: UInt32 = 0x4b4d_0002
    static let tracesType: UInt32 = 0x4b4d_0003, areasType: UInt32 = 0x4b4d_0004

    var notes: [Note] {
        let text = metaText ?? "{" + meta.sorted { $0.key < $1.key }.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        var traceBytes: [UInt8] = [], areaBytes: [UInt8] = [], objectBytes: [UInt8] = []
        for trace in traces {
            traceBytes += bytes(trace.n) + trace.addresses.flatMap { bytes($0) }
            traceBytes += [UInt8](repeating: 0, count: 8 * (16 - trace.addresses.count))
        }
        for area in areas { areaBytes += bytes(area.owner) + bytes(UInt32(0)) + bytes(area.start) + bytes(area.size) }
        for object in objects {
            objectBytes += bytes(object.pointer) + bytes(object.size) + bytes(object.excessReference)
            objectBytes += bytes(object.jiffies) + bytes(object.minCount) + bytes(object.count)
            objectBytes += bytes(object.flags) + bytes(object.checksum) + bytes(object.trace) + bytes(object.pid)
            objectBytes += object.comm + [UInt8](repeating: 0, count: 16 - object.comm.count)
        }
        let tables = [
            Note(type: Self.metaType, contents: Array(text.utf8)), Note(type: Self.objectsType, contents: objectBytes),
            Note(type: Self.tracesType, contents: traceBytes), Note(type: Self.areasType, contents: areaBytes),
        ]
        return tables.filter { !omitted.contains($0.type) } + extraNotes
    }

    /// Where the first note's header stands.
    var notesOffset: Int { 64 + 56 * (1 + segments.count) + (usesExtendedNumber ? 64 : 0) }

    /// Where the contents of the note of this type stand.
    func offset(of type: UInt32) -> Int {
        var offset = notesOffset
        for note in notes {
            if note.type == type { return offset + 12 + padded(note.name).count }
            offset += 12 + padded(note.name).count + padded(note.contents).count
        }
        return -1
    }

    func build() -> [UInt8] {
        let count = 1 + segments.count
        var noteBytes: [UInt8] = []
        for note in notes {
            noteBytes += bytes(UInt32(note.name.count)) + bytes(UInt32(note.contents.count)) + bytes(note.type)
            noteBytes += padded(note.name) + padded(note.contents)
        }
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += bytes(UInt16(4)) + bytes(UInt16(62)) + bytes(UInt32(1)) + bytes(UInt64(0)) + bytes(UInt64(64))
        file += bytes(UInt64(usesExtendedNumber ? 64 + 56 * count : 0)) + bytes(UInt32(0)) + bytes(UInt16(64))
        file += bytes(UInt16(56)) + bytes(usesExtendedNumber ? 0xffff : UInt16(count))
        file += bytes(UInt16(64)) + bytes(UInt16(0)) + bytes(UInt16(0))
        var offset = UInt64(notesOffset)
        file += programHeader(type: 4, offset: offset, start: 0, held: UInt64(noteBytes.count), size: 0)
        offset += UInt64(noteBytes.count)
        for segment in segments {
            let held = UInt64(segment.bytes.count)
            file += programHeader(
                type: 1, offset: offset, start: segment.start, held: held, size: segment.size ?? held)
            offset += held
        }
        if usesExtendedNumber {
            file += [UInt8](repeating: 0, count: 44) + bytes(UInt32(count)) + [UInt8](repeating: 0, count: 16)
        }
        return file + noteBytes + segments.flatMap(\.bytes)
    }

    private func programHeader(type: UInt32, offset: UInt64, start: UInt64, held: UInt64, size: UInt64) -> [UInt8] {
        bytes(type) + bytes(UInt32(6)) + bytes(offset) + bytes(start) + bytes(UInt64(0)) + bytes(held) + bytes(size)
            + bytes(UInt64(4))
    }

    private func padded(_ contents: [UInt8]) -> [UInt8] {
        contents + [UInt8](repeating: 0, count: (4 - contents.count % 4) % 4)
    }
}

/// Little-endian.
func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

extension CaptureBuilder {
    /// Reads what `build` makes.
    func capture() throws -> Capture { try Self.capture(build()) }

    /// The error that reading gives, as text; `change` spoils the bytes first.
    func problem(_ change: (inout [UInt8]) -> Void = { _ in }) throws -> String {
        var file = build()
        change(&file)
        do {
            _ = try Self.capture(file)
            return "no error"
        } catch let error as CaptureError {
            return error.description.replacing(error.file, with: "heap.kmemcore")
        }
    }

    /// Reads a capture of these bytes, from a file that is gone when the call returns.
    static func capture(_ file: [UInt8]) throws -> Capture {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("capture-\(UUID().uuidString)").path
        let descriptor = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
        defer { unlink(path) }
        try descriptor.closeAfter { _ = try descriptor.writeAll(file) }
        return try Capture(FilePath(path))
    }
}

extension Array where Element == UInt8 {
    /// Writes a number over what stands at `offset`.
    mutating func put(_ number: some FixedWidthInteger, at offset: Int) {
        replaceSubrange(offset..<offset + number.bitWidth / 8, with: bytes(number))
    }
}
