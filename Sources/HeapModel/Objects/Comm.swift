/// A task's name as the kernel keeps it: at most 15 bytes, NUL-padded to 16 (TASK_COMM_LEN).
@frozen @usableFromInline package struct Comm: Hashable, Sendable {
    /// Eight bytes each, the first one lowest.
    @usableFromInline let low, high: UInt64

    /// Cuts to 15 bytes.
    package init(_ name: String) {
        self.init(bytes: name.utf8.prefix(15))
    }

    /// Takes bytes up to the first NUL, at most 15.
    package init(bytes source: some Sequence<UInt8>) {
        var words: (low: UInt64, high: UInt64) = (0, 0)
        for (index, byte) in source.prefix(15).enumerated() {
            guard byte != 0 else { break }
            if index < 8 { words.low |= UInt64(byte) << (8 * index) } else { words.high |= UInt64(byte) << (8 * (index - 8)) }
        }
        (low, high) = words
    }

    /// Takes a field of the kernel's, 16 bytes of it as two little-endian words; what follows on the first NUL is no matter.
    @inlinable init(low: UInt64, high: UInt64) {
        let low = Self.cut(low), high = Self.cut(high)
        // The last byte is always NUL.
        (self.low, self.high) = (low.word, low.isWhole ? high.word & ~0 >> 8 : 0)
    }

    /// The bytes in front of the first NUL.
    @inlinable static func cut(_ word: UInt64) -> (word: UInt64, isWhole: Bool) {
        // The highest bit of the first byte that is 0, and maybe of later ones.
        let ends = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
        guard ends != 0 else { return (word, true) }
        return (word & (((ends & (0 &- ends)) >> 7) &- 1), false)
    }

    /// The name; bytes that are not UTF-8 become U+FFFD. May hold control characters: for a screen, clean it first.
    package var string: String {
        withPaddedBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// All 16 bytes, of which the last is NUL.
    func withPaddedBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: (low.littleEndian, high.littleEndian), body)
    }
}
