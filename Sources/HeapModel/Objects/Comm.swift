/// A task's name as the kernel keeps it: at most 15 bytes, NUL-padded to 16 (TASK_COMM_LEN).
package struct Comm: Hashable, Sendable {
    private let bytes: SIMD16<UInt8>

    /// Cuts to 15 bytes.
    package init(_ name: String) {
        self.init(bytes: name.utf8.prefix(15))
    }

    /// Takes bytes up to the first NUL, at most 15.
    package init(bytes source: some Sequence<UInt8>) {
        var bytes = SIMD16<UInt8>.zero
        for (index, byte) in source.prefix(15).enumerated() {
            guard byte != 0 else { break }
            bytes[index] = byte
        }
        self.bytes = bytes
    }

    package func hash(into hasher: inout Hasher) {
        // Byte by byte, as a vector does it, takes several times as long.
        let words = unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        hasher.combine(words.x)
        hasher.combine(words.y)
    }

    /// The name; bytes that are not UTF-8 become U+FFFD. May hold control characters: for a screen, clean it first.
    package var string: String {
        String(decoding: (0..<16).lazy.map { bytes[$0] }.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// All 16 bytes, of which the last is NUL.
    func withPaddedBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: bytes, body)
    }
}
