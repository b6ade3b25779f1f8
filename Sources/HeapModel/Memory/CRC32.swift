/// The kernel's `crc32_le(0, …)`: reflected polynomial 0xEDB88320, initial value 0, no final inversion.
///
/// So the checksum of zeros is 0 (`kmemleak.md`, section 1).
package struct CRC32: Sendable {
    package private(set) var value: UInt32

    /// - Parameter previous: the checksum so far, when several ranges have one together.
    package init(_ previous: UInt32 = 0) { value = previous }

    /// Not generic: across modules that would cost ten times as much.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        Self.tables.withUnsafeBufferPointer { tables in
            var place = 0
            // Eight bytes at a time, each with a table for how many bytes follow it.
            while place + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(value)
                var next: UInt32 = 0
                for byte in 0..<8 { next ^= tables[(7 - byte) << 8 + Int(word &>> (8 * UInt64(byte)) & 0xff)] }
                value = next
                place += 8
            }
            while place < bytes.count {
                value = tables[Int(UInt8(truncatingIfNeeded: value) ^ bytes[place])] ^ (value >> 8)
                place += 1
            }
        }
    }

    /// Of each byte, what it makes of the checksum when 0, 1, … 7 bytes of zeros follow.
    private static let tables: [UInt32] = {
        var tables = table
        for _ in 1..<8 { tables += tables.suffix(256).map { table[Int($0 & 0xff)] ^ ($0 >> 8) } }
        return tables
    }()

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1
        }
    }
}
