import HeapModel

/// A text to look for in others, whatever the case of the letters A to Z.
package struct TextPattern: Hashable, Sendable {
    package let text: String
    /// UTF-8, in small letters.
    private let bytes: [UInt8]
    /// nil when no address has it in it.
    private let inAddress: AddressPattern?

    package init(_ text: String) {
        self.text = text
        bytes = text.utf8.map(\.folded)
        inAddress = AddressPattern(bytes)
    }

    package func isFound(in text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { place(in: $0, from: 0) != nil }
            ?? Array(text.utf8).withUnsafeBufferPointer { place(in: $0, from: 0) != nil }
    }

    /// Whether it is in the text that the address is printed as, which is not made for that.
    func isFound(inPrinted address: Address) -> Bool { inAddress?.isFound(in: address.rawValue) ?? false }

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

/// A part of a printed address: digits, from the first one on if `0x` or `x` stands before them.
private struct AddressPattern: Hashable {
    private let digits: UInt64
    private let count: Int
    private let isAtBeginning: Bool

    init?(_ text: [UInt8]) {
        let beginning = ["0x", "x"].first { text.starts(with: $0.utf8) }?.utf8.count
        // A single 0 is found in front of the x.
        isAtBeginning = beginning != nil || text.elementsEqual("0".utf8)
        let values = text.dropFirst(beginning ?? (isAtBeginning ? 1 : 0)).map { Character(UnicodeScalar($0)).hexDigitValue }
        guard values.count <= 16, !values.contains(nil) else { return nil }
        digits = values.reduce(0) { $0 << 4 | UInt64($1 ?? 0) }
        count = values.count
    }

    func isFound(in address: UInt64) -> Bool {
        let printed = max(8, (67 - address.leadingZeroBitCount) / 4)
        guard count <= printed else { return false }
        if isAtBeginning { return address >> UInt64(4 * (printed - count)) == digits }
        let mask = count == 16 ? .max : (1 as UInt64) << UInt64(4 * count) - 1
        return (0...printed - count).contains { address &>> UInt64(4 * $0) & mask == digits }
    }
}
