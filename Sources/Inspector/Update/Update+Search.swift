import HeapModel
import Scanner

// `/`, `n`, `N`: in the pane or page that has the keys.
extension AppState {
    var searchPlace: Search.Place {
        if page != nil { return .page }
        return switch focus {
        case .objects, .leaks, .map, .scan: .objects
        case .hex: .hex
        case .backtrace, .references, .why, .log: .lines(focus)
        }
    }

    /// Looks for a text from a position on, as it is typed; where it is not found the cursor goes back there.
    mutating func find(_ text: String, from origin: Int) {
        guard !text.isEmpty else { return search = nil }
        let place = searchPlace
        var search = Search(place: place, text: text, filter: place == .objects ? try? ObjectFilter(parsing: text) : nil)
        search.matches = matches(of: search)
        self.search = search
        go(to: search.matches.first { $0 >= origin } ?? search.matches.first ?? origin, in: place)
    }

    mutating func goToNextMatch(_ direction: Direction) {
        guard var search else { return }
        search.matches = matches(of: search)
        self.search = search
        guard let first = search.matches.first, let last = search.matches.last else {
            return complain("\(search.text): not found.")
        }
        let position = searchPosition(in: search.place)
        let next = direction == .forwards ? search.matches.first { $0 > position } ?? first
            : search.matches.last { $0 < position } ?? last
        go(to: next, in: search.place)
        say("\(search.text): match \(search.number(of: next) ?? 0) of \(search.matches.count).")
    }

    /// Where the cursor is in what is searched.
    func searchPosition(in place: Search.Place) -> Int {
        switch place {
        case .objects: selection.flatMap(list.row) ?? 0
        case .hex: Int(hex.cursor)
        case .lines(let pane): cursorLine(of: pane)
        case .page: pageCursor
        }
    }

    mutating func go(to position: Int, in place: Search.Place) {
        switch place {
        case .objects: if list.rows.indices.contains(position) { moveSelection(by: position - (selection.flatMap(list.row) ?? 0)) }
        case .hex: hex.cursor = UInt64(position)
        case .lines(let pane): cursors[pane] = position
        case .page: pageCursor = position
        }
    }

    private func matches(of search: Search) -> [Int] {
        switch search.place {
        case .objects:
            guard let filter = search.filter else { return [] }
            return facts.matching(filter, among: list.rows).compactMap(list.row)
        case .hex: return hexMatches(search.text)
        case .lines(let pane): return Self.matches(search.text, in: lines(of: pane))
        case .page: return page.map { Self.matches(search.text, in: lines(of: $0)) } ?? []
        }
    }

    private static func matches(_ text: String, in lines: [Line]) -> [Int] {
        let text = text.lowercased()
        return lines.indices.filter { lines[$0].plain.lowercased().contains(text) }
    }

    /// Offsets of a text's bytes, or of bytes given as hex digits: "6b 6d", "0xdeadbeef" (as a word in memory).
    private func hexMatches(_ text: String) -> [Int] {
        guard let start = hexStart, let size = hexSize else { return [] }
        let bytes = heap.memory.bytes(in: AddressRange(start: start, size: size))
        let patterns = [Array(text.utf8)] + (BytePattern(parsing: text).map { [$0.bytes] } ?? [])
        return bytes.indices.filter { place in
            patterns.contains { pattern in
                place + pattern.count <= bytes.count && pattern.indices.allSatisfy { bytes[place + $0] == pattern[$0] }
            }
        }
    }
}

/// Bytes as a person types them.
struct BytePattern: Equatable {
    let bytes: [UInt8]

    /// Pairs of hex digits with or without blanks in the order of memory; behind 0x a number, whose lowest byte comes first.
    init?(parsing text: String) {
        let isNumber = text.hasPrefix("0x")
        let digits = (isNumber ? text.dropFirst(2) : text[...]).filter { $0 != " " }
        guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit), isNumber || digits.count % 2 == 0 else { return nil }
        let even = digits.count % 2 == 0 ? String(digits) : "0" + digits
        let pairs = stride(from: 0, to: even.count, by: 2).map { start in
            UInt8(even.dropFirst(start).prefix(2), radix: 16) ?? 0
        }
        bytes = isNumber ? pairs.reversed() : pairs
    }
}
