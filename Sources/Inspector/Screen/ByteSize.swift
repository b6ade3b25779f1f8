/// A number of bytes as people read it: "512 B", "4.5 KiB", "384 MiB"; cut, not rounded. At most eight columns wide.
package struct ByteSize: CustomStringConvertible, Sendable {
    package let bytes: UInt64

    package init(_ bytes: UInt64) { self.bytes = bytes }

    package var description: String {
        guard power > 0 else { return "\(bytes) B" }
        return (whole < 100 ? "\(whole).\(tenths)" : "\(whole)") + " " + Self.units[power]
    }

    /// Without tenths that are 0: "4 KiB".
    package var shortDescription: String { tenths == 0 ? "\(whole) \(Self.units[power])" : description }

    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// Of 1024.
    private var power: Int { bytes == 0 ? 0 : (63 - bytes.leadingZeroBitCount) / 10 }
    private var whole: UInt64 { bytes >> (10 * UInt64(power)) }
    private var tenths: UInt64 { power == 0 ? 0 : (bytes >> (10 * UInt64(power) - 10) & 1023) * 10 / 1024 }
}
