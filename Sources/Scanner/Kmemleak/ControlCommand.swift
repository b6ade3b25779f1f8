import HeapModel

/// A command written to kmemleak's control file (`kmemleak.md`, section 6).
package enum ControlCommand: Hashable, Sendable {
    case clear
    case off
    case stack(Bool)
    /// The automatic scanning thread, on or off.
    case automatic(Bool)
    /// Seconds between automatic scans; 0 stops the thread.
    case period(UInt32)
    case scan
    case dump(Address)

    /// At most this many bytes of what is written are looked at.
    package static let maxLength = 63

    /// Reads a command as `kmemleak_write()` does: what matters is that the text begins with the word.
    package init(parsing text: String) throws(ControlError) {
        // Bytes throughout: to Swift a letter with a combining mark behind it is another letter.
        let bytes = text.utf8.prefix(Self.maxLength)
        guard let (word, parse) = Self.words.first(where: { bytes.starts(with: $0.word.utf8) }) else {
            throw .invalidArgument
        }
        self = try parse(Substring(decoding: bytes.dropFirst(word.utf8.count), as: UTF8.self))
    }

    /// In the kernel's order of precedence.
    private static let words: [(word: String, parse: @Sendable (Substring) throws(ControlError) -> ControlCommand)] = [
        ("clear", { _ in .clear }),
        ("off", { _ in .off }),
        ("stack=on", { _ in .stack(true) }),
        ("stack=off", { _ in .stack(false) }),
        ("scan=on", { _ in .automatic(true) }),
        ("scan=off", { _ in .automatic(false) }),
        ("scan=", { text throws(ControlError) in
            guard let seconds = UInt32(exactly: try KernelNumber.parse(text)) else { throw .outOfRange }
            return .period(seconds)
        }),
        ("scan", { _ in .scan }),
        ("dump=", { text throws(ControlError) in
            // mm/kmemleak.c, dump_str_object_info(): whatever is wrong with the number is EINVAL.
            guard let address = try? KernelNumber.parse(text) else { throw .invalidArgument }
            return .dump(Address(address))
        }),
    ]

    /// The command as it would be written.
    package var text: String {
        switch self {
        case .clear: "clear"
        case .off: "off"
        case .stack(let on): on ? "stack=on" : "stack=off"
        case .automatic(let on): on ? "scan=on" : "scan=off"
        case .period(let seconds): "scan=\(seconds)"
        case .scan: "scan"
        case .dump(let address): "dump=\(address)"
        }
    }
}

/// Why a write to the control file failed, with the errno that the writer gets.
package enum ControlError: Int32, Error, Hashable, Sendable {
    /// EPERM: kmemleak is disabled.
    case notPermitted = 1
    /// EBUSY: what old kernels say instead.
    case busy = 16
    /// EINVAL.
    case invalidArgument = 22
    /// ERANGE.
    case outOfRange = 34

    package var errno: Int32 { rawValue }

    /// As <errno.h> has it.
    package var name: String {
        switch self {
        case .notPermitted: "EPERM"
        case .busy: "EBUSY"
        case .invalidArgument: "EINVAL"
        case .outOfRange: "ERANGE"
        }
    }
}

extension ControlError: CustomStringConvertible {
    /// As a shell prints it.
    package var description: String {
        switch self {
        case .notPermitted: "write error: Operation not permitted"
        case .busy: "write error: Device or resource busy"
        case .invalidArgument: "write error: Invalid argument"
        case .outOfRange: "write error: Numerical result out of range"
        }
    }
}
