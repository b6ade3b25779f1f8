import HeapModel

/// Where the person is in the bytes of the selected object.
package struct HexState: Equatable, Sendable {
    /// Bytes from the start of what is shown to the word under the cursor.
    package var cursor: UInt64 = 0
    /// Bytes in a row; nil: as many as fit.
    package var rowWidth: UInt64?

    package static let widths: [UInt64] = [8, 16, 32]

    /// Automatic, 8, 16, 32, automatic …
    mutating func changeWidth() {
        guard let width = rowWidth, let place = Self.widths.firstIndex(of: width) else { return rowWidth = Self.widths[0] }
        rowWidth = place + 1 < Self.widths.count ? Self.widths[place + 1] : nil
    }
}
