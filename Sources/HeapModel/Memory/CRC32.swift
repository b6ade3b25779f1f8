/// The kernel's `crc32_le(0, …)`: reflected polynomial 0xEDB88320, initial value 0, no final inversion.
///
/// So the checksum of zeros is 0 (`kmemleak.md`, section 1).
package struct CRC32: Sendable {
    package private(set) var value: UInt32

    /// - Parameter previous: the checksum so far, when several ranges have one together.
    package init(_ previous: UInt32 = 0) { value = previous }

    /// Not generic: across modules that would cost ten times as much.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            value = Self.table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1
        }
    }
}
