import HeapModel
import Scanner

/// The bytes of the selected object; words that point into objects have those objects' colours, bytes that changed since
/// the last scan are marked.
struct HexView {
    let state: AppState
    let glyphs: Glyphs

    /// Columns in front of the digits: the offset.
    private static let margin = 9

    /// Bytes in a row: as many as fit with their text beside them, at least eight.
    static func fittingWidth(columns: Int) -> UInt64 {
        HexState.widths.last { Self.columns(of: Int($0)) <= columns } ?? HexState.widths[0]
    }

    private static func columns(of width: Int) -> Int { margin + digitColumns(width) + 2 + width }

    /// A gap stands behind each eight bytes.
    private static func digitColumns(_ width: Int) -> Int { width * 3 + (width - 1) / 8 }

    private static func digitColumn(_ position: Int) -> Int { margin + position * 3 + position / 8 }

    func draw(in area: Area, on frame: inout Frame) {
        guard let start = state.hexStart, let size = state.hexSize else {
            let kind = state.selection.map { "The bytes of this \(state.heap.objects[$0].kind.rawValue) object were not captured." }
            frame.put(kind ?? "No object is selected.", .faint, row: area.row, column: area.column + 1, in: area)
            return
        }
        let width = state.hexRowWidth
        let top = Self.topRow(state, rows: area.rows)
        let old = state.memoryOfLastScan
        for line in 0..<UInt64(area.rows) {
            let offset = (top + line) * width
            guard offset < size else { break }
            let range = AddressRange(start: start + offset, size: min(width, size - offset))
            draw(range, offset: offset, old, row: area.row + Int(line), in: area, on: &frame)
        }
    }

    /// The first row shown: the cursor's stays in the middle.
    private static func topRow(_ state: AppState, rows: Int) -> UInt64 {
        let width = state.hexRowWidth, size = state.hexSize ?? 0
        let count = (size + width - 1) / width, rows = UInt64(max(0, rows))
        let wanted = state.hex.cursor / width
        return min(wanted - min(wanted, rows / 2), count - min(count, rows))
    }

    private func draw(
        _ range: AddressRange, offset: UInt64, _ old: Memory?, row: Int, in area: Area, on frame: inout Frame
    ) {
        let bytes = state.heap.memory.bytes(in: range), before = old?.bytes(in: range)
        let label = "+0x" + String(offset, radix: 16)
        frame.put(label.leftPadded(Self.margin - 2), .faint, row: row, column: area.column, in: area)
        let width = Int(state.hexRowWidth)
        let text = Self.margin + Self.digitColumns(width) + 2
        for (position, byte) in bytes.enumerated() {
            let style = style(of: byte, before?[position], at: range.start + UInt64(position))
            frame.put(byte.map(HexRow.digits) ?? "??", style, row: row, column: area.column + Self.digitColumn(position), in: area)
            frame.put(byte.map { String(HexRow.character($0)) } ?? "?", style, row: row, column: area.column + text + position, in: area)
        }
        if offset <= state.hex.cursor, state.hex.cursor < offset + range.size {
            tintCursor(Int(state.hex.cursor - offset), row: row, in: area, on: &frame)
        }
        if area.columns >= text + width + 14 {
            frame.put(pointers(in: range), row: row, column: area.column + text + width + 2, in: area)
        }
    }

    private func tintCursor(_ position: Int, row: Int, in area: Area, on frame: inout Frame) {
        let word = state.heap.profile.wordSize
        let from = Self.digitColumn(position), to = Self.digitColumn(position + word - 1) + 2
        frame.tint(Area(row: row, column: area.column + from, columns: min(to, area.columns) - from, rows: 1),
            state.focus == .hex ? .selection : .dimSelection)
    }

    private func style(of byte: UInt8?, _ before: UInt8?, at address: Address) -> Style {
        if let before, let byte, before != byte { return .changed }
        let wordSize = UInt64(state.heap.profile.wordSize)
        if let target = target(ofWordAt: Address(address.rawValue / wordSize * wordSize)) {
            return Style(state.shade(of: target), isLeak: state.isLeak(target))
        }
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

    /// The word at a cell of the pane, as an offset; nil beside the bytes.
    static func offset(at line: Int, _ column: Int, _ state: AppState, _ area: Area) -> UInt64? {
        guard let size = state.hexSize else { return nil }
        let width = Int(state.hexRowWidth), text = margin + digitColumns(width) + 2
        let position = (0..<width).first { (digitColumn($0)...digitColumn($0) + 2).contains(column) }
            ?? ((text..<text + width).contains(column) ? column - text : nil)
        guard let position else { return nil }
        let offset = (topRow(state, rows: area.rows) + UInt64(line)) * state.hexRowWidth + UInt64(position)
        let word = UInt64(state.heap.profile.wordSize)
        return offset < size ? offset / word * word : nil
    }
}

extension AppState {
    /// Memory as the scan before the moment shown left it: what differs from it has changed since.
    var memoryOfLastScan: Memory? { playback == nil ? kmemleak.recording?.outcome.memory : memoryBefore }
}
