import HeapModel
import Scanner

/// The bytes of the selected object; words that point into objects have those objects' colours.
struct HexView {
    let state: AppState
    let glyphs: Glyphs

    static func lineCount(_ state: AppState) -> Int {
        guard let id = state.selection else { return 0 }
        let width = rowWidth(columns: state.layout.areas[.hex]?.columns ?? 0)
        return Int((state.heap.objects.sizes[id.index] + width - 1) / width)
    }

    /// Bytes in a row: sixteen, or eight where their text would not fit beside them.
    private static func rowWidth(columns: Int) -> UInt64 { columns >= 76 ? HexRow.width : HexRow.width / 2 }

    func draw(in area: Area, on frame: inout Frame) {
        guard let id = state.selection else { return }
        let contents = state.heap.contents(of: id)
        guard let start = contents.first?.start else {
            frame.put("The bytes of this \(state.heap.objects[id].kind.rawValue) object were not captured.", .faint,
                row: area.row, column: area.column + 1, in: area)
            return
        }
        let size = state.heap.objects.sizes[id.index], width = Self.rowWidth(columns: area.columns)
        let top = UInt64(state.scroll[.hex] ?? 0)
        for line in 0..<UInt64(area.rows) {
            let offset = (top + line) * width
            guard offset < size else { break }
            let range = AddressRange(start: start + offset, size: min(width, size - offset))
            draw(range, offset: offset, row: area.row + Int(line), in: area, on: &frame)
        }
    }

    private func draw(_ range: AddressRange, offset: UInt64, row: Int, in area: Area, on frame: inout Frame) {
        let bytes = state.heap.memory.bytes(in: range)
        let label = "+" + String(offset, radix: 16)
        var column = frame.put(label.leftPadded(6) + "  ", .faint, row: row, column: area.column, in: area)
        let styles = bytes.indices.map { style(of: bytes[$0], at: range.start + UInt64($0)) }
        let digits = column
        for (position, byte) in bytes.enumerated() {
            let gap = position >= 8 ? 1 : 0
            frame.put(byte.map(HexRow.digits) ?? "??", styles[position], row: row, column: digits + position * 3 + gap, in: area)
        }
        let width = Int(Self.rowWidth(columns: area.columns))
        column = digits + width * 3 + 2
        for (position, byte) in bytes.enumerated() {
            frame.put(byte.map { String(HexRow.character($0)) } ?? "?", styles[position], row: row, column: column + position, in: area)
        }
        if area.columns >= 96 { frame.put(pointers(in: range), row: row, column: column + width + 2, in: area) }
    }

    private func style(of byte: UInt8?, at address: Address) -> Style {
        let wordSize = UInt64(state.heap.profile.wordSize)
        let start = Address(address.rawValue / wordSize * wordSize)
        if let target = target(ofWordAt: start) { return Style(state.shade(of: target), isLeak: state.isLeak(target)) }
        return byte == 0 || byte == nil ? .faint : .text
    }

    private func target(ofWordAt address: Address) -> ObjectID? {
        guard let word = state.heap.memory.word(at: address, size: state.heap.profile.wordSize) else { return nil }
        return state.index.targets(of: word).first { _ in true }
    }

    /// What the row's words point at, in words.
    private func pointers(in range: AddressRange) -> [StyledText] {
        let wordSize = UInt64(state.heap.profile.wordSize)
        return stride(from: UInt64(0), to: range.size, by: Int(wordSize)).compactMap { offset in
            target(ofWordAt: range.start + offset).map { target in
                StyledText("\(glyphs.arrow) \(state.shortLabel(of: target))  ", Style(state.shade(of: target), isLeak: state.isLeak(target)))
            }
        }
    }
}

extension AppState {
    /// The object in a word or two: its name in the scenario, else the function that allocated it, else its address.
    func shortLabel(of id: ObjectID) -> String {
        let address = heap.objects.pointers[id.index]
        return names[address] ?? heap.allocationSite(of: id).flatMap { heap.symbols.function($0) } ?? address.description
    }
}
