/// A row of sixteen bytes in hexadecimal and as text, as the kernel's `hex_dump_to_buffer()` lays it out.
package struct HexRow {
    /// Bytes in a row.
    package static let width: UInt64 = 16

    /// `00 00 …`, padded so that the text column stays in place behind a short row.
    package let hexadecimal: String
    /// Bytes outside 0x20…0x7e print as `.`.
    package let ascii: String

    package init(_ bytes: some Collection<UInt8?>) {
        let digits = bytes.map { byte in byte.map(Self.digits) ?? "??" }.joined(separator: " ")
        hexadecimal = digits + String(repeating: " ", count: max(0, Int(Self.width) * 3 - 1 - digits.count))
        ascii = String(bytes.map { byte in byte.map(Self.character) ?? "?" })
    }

    package var text: String { hexadecimal + "  " + ascii }

    package static func digits(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    package static func character(_ byte: UInt8) -> Character {
        (0x20...0x7e).contains(byte) ? Character(Unicode.Scalar(byte)) : "."
    }
}
