import HeapModel

/// A text to look for in others, whatever the case of the letters A to Z.
package struct TextPattern: Hashable, Sendable {
    package let text: String
    /// UTF-8, in small letters.
    private let bytes: [UInt8]
    /// Whether it has nothing in it that no address has.
    private let mayBeInAddress: Bool

    package init(_ text: String) {
        self.text = text
        bytes = text.utf8.map(\.folded)
        mayBeInAddress = bytes.allSatisfy { $0 == UInt8(ascii: "x") || UInt8.hexDigits.contains($0) }
    }

    package func isFound(in text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { place(in: $0, from: 0) != nil }
            ?? Array(text.utf8).withUnsafeBufferPointer { place(in: $0, from: 0) != nil }
    }

    /// Whether it is in the text that the address is printed as; nothing is allocated to tell.
    func isFound(inPrinted address: Address) -> Bool {
        guard mayBeInAddress else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 18) { text in
            var start = 18, rest = address.rawValue
            while rest != 0 || start > 10 {
                start -= 1
                text.initializeElement(at: start, to: UInt8.hexDigits[Int(rest & 15)])
                rest >>= 4
            }
            text.initializeElement(at: start - 1, to: UInt8(ascii: "x"))
            text.initializeElement(at: start - 2, to: UInt8(ascii: "0"))
            return place(in: UnsafeBufferPointer(rebasing: text[(start - 2)...]), from: 0) != nil
        }
    }

    /// Where the text stands, as ranges of whole characters, ascending; none for an empty pattern.
    package func ranges(in text: String) -> [Range<String.Index>] {
        guard !bytes.isEmpty else { return [] }
        return Array(text.utf8).withUnsafeBufferPointer { buffer in
            var found: [Range<String.Index>] = [], from = 0
            while let place = place(in: buffer, from: from) {
                from = place + bytes.count
                let start = text.utf8.index(text.startIndex, offsetBy: place)
                let end = text.utf8.index(start, offsetBy: bytes.count)
                found.append(text.startOfCharacter(at: start)..<text.endOfCharacters(before: end))
            }
            return found
        }
    }

    /// The first place at or behind `from`, in bytes.
    private func place(in text: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
        guard let first = bytes.first else { return from }
        var place = from
        while place + bytes.count <= text.count {
            if text[place].folded == first, bytes.indices.allSatisfy({ text[place + $0].folded == bytes[$0] }) { return place }
            place += 1
        }
        return nil
    }
}

extension UInt8 {
    fileprivate static let hexDigits = Array("0123456789abcdef".utf8)
    fileprivate var folded: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}

extension String {
    /// The beginning of the character that holds the place.
    fileprivate func startOfCharacter(at place: Index) -> Index {
        place < endIndex ? index(before: index(after: place)) : place
    }

    /// The end of the last character that begins before the place.
    fileprivate func endOfCharacters(before place: Index) -> Index {
        guard place < endIndex else { return endIndex }
        let start = startOfCharacter(at: place)
        return start == place ? place : index(after: start)
    }
}
