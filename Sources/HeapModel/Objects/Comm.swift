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

    /// Takes a field of the kernel's; what follows on the first NUL is no matter.
    init(field: SIMD16<UInt8>) {
        let words = unsafeBitCast(field, to: SIMD2<UInt64>.self)
        let low = Self.cut(UInt64(littleEndian: words.x)), high = Self.cut(UInt64(littleEndian: words.y))
        // The last byte is always NUL.
        let kept = SIMD2(low.word.littleEndian, (low.isWhole ? high.word & ~0 >> 8 : 0).littleEndian)
        bytes = unsafeBitCast(kept, to: SIMD16<UInt8>.self)
    }

    /// The bytes in front of the first NUL, the first byte lowest.
    private static func cut(_ word: UInt64) -> (word: UInt64, isWhole: Bool) {
        // The highest bit of the first byte that is 0, and maybe of later ones.
        let ends = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
        guard ends != 0 else { return (word, true) }
        return (word & (((ends & (0 &- ends)) >> 7) &- 1), false)
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
