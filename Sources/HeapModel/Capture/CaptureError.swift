import SystemPackage

/// What is wrong with a capture, as one sentence: file, offset, what was expected and what was found.
package struct CaptureError: Error, Hashable, Sendable {
    /// As it was named to the reader.
    package let file: String
    /// Where in the file the bad bytes stand; nil when the file could not be read at all.
    package let offset: UInt64?
    package let problem: String

    init(file: String, offset: UInt64?, problem: String) {
        self.file = file
        self.offset = offset
        self.problem = problem
    }
}

extension CaptureError: CustomStringConvertible {
    package var description: String {
        guard let offset else { return "\(file): \(problem)" }
        return "\(file): offset 0x\(String(offset, radix: 16)): \(problem)"
    }
}

/// The bytes of a capture and their name: everything read from them is checked against their length first.
struct CaptureBytes {
    let file: MappedFile
    let name: String

    var count: UInt64 { UInt64(file.bytes.count) }

    init(_ path: FilePath) throws(CaptureError) {
        name = path.string
        do {
            file = try MappedFile(path)
        } catch {
            throw CaptureError(file: name, offset: nil, problem: "cannot be read: \(error)")
        }
    }

    /// Fails unless `size` bytes stand at `offset`; `what` names them in the message.
    func require(_ size: UInt64, at offset: UInt64, for what: @autoclosure () -> String) throws(CaptureError) {
        guard offset > count || size > count - offset else { return }
        let left = offset > count ? "the file has 0x\(String(count, radix: 16))" : "\(count - offset) are left"
        throw error(at: offset, "\(what()) reaches past the end of the file (needs \(size) bytes, \(left))")
    }

    /// The little-endian number at `offset`.
    /// - Precondition: `require` has passed for its bytes.
    func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: UInt64) -> Number {
        Number(littleEndian: file.bytes.loadUnaligned(fromByteOffset: Int(offset), as: Number.self))
    }

    /// A window of the file.
    /// - Precondition: `require` has passed for it.
    func window(at offset: UInt64, size: UInt64) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[Int(offset)..<Int(offset + size)])
    }

    func error(at offset: UInt64, _ problem: String) -> CaptureError {
        CaptureError(file: name, offset: offset, problem: problem)
    }
}

extension String {
    /// Text out of an untrusted file for a message: quoted, at most 40 characters, no control characters.
    var quotedForMessage: String {
        let cut = unicodeScalars.prefix(40).map { scalar in
            scalar.properties.generalCategory == .control ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return "\"\(cut.joined())\(unicodeScalars.count > 40 ? "…" : "")\""
    }
}
