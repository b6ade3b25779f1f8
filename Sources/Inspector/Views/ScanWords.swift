import HeapModel
import Scanner

/// The words around the scan's cursor, one below the other: read, under the cursor, and still ahead; behind each that points
/// at an object an arrow to it.
struct ScanWords {
    let state: AppState
    let moment: Moment
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        guard let range, range.size > 0, area.rows > 0 else { return }
        let wordSize = UInt64(state.heap.profile.wordSize)
        let first = Address(range.start.rawValue / wordSize * wordSize)
        let count = (range.end - first + wordSize - 1) / wordSize
        let rows = UInt64(area.rows)
        let cursorRow = cursor.map { ($0 - first) / wordSize } ?? 0
        let top = min(cursorRow - min(cursorRow, rows / 2), count - min(count, rows))
        for line in 0..<min(rows, count - top) {
            draw(first + (top + line) * wordSize, of: range, row: area.row + Int(line), in: area, on: &frame)
        }
    }

    private func draw(_ address: Address, of range: AddressRange, row: Int, in area: Area, on frame: inout Frame) {
        let digits = state.heap.profile.wordSize * 2
        let isCursor = address == cursor
        let label = address < range.start ? "" : "+0x" + String(address - range.start, radix: 16)
        let column = frame.put(label.leftPadded(7) + " ", isCursor ? .strong : .faint, row: row, column: area.column, in: area)
        guard let word = state.heap.memory.word(at: address, size: digits / 2) else {
            frame.put(String(repeating: "?", count: digits), .faint, row: row, column: column, in: area)
            return
        }
        let text = String(repeating: "0", count: digits - String(word, radix: 16).count) + String(word, radix: 16)
        let target = moment.index.targets(of: word).first { _ in true }
        let isRead = cursor.map { address < $0 } ?? false
        let style: Style = target.map { Style(moment.shade(of: $0), isLeak: moment.isLeak($0)) }
            ?? (word == 0 ? .faint : isRead ? .wordRead : .text)
        let end = frame.put(text, isCursor ? .cursor : style, row: row, column: column, in: area)
        guard let target else { return }
        drawArrow(to: target, offset: word &- state.heap.objects.pointers[target.index].rawValue, style, isCursor, row: row, column: end, in: area, on: &frame)
    }

    /// Long and bright from the word under the cursor, short from the others.
    private func drawArrow(
        to target: ObjectID, offset: UInt64, _ style: Style, _ isCursor: Bool, row: Int, column: Int, in area: Area, on frame: inout Frame
    ) {
        let arrow = isCursor ? " \(glyphs.longArrow) " : "   \(glyphs.arrow) "
        let place = offset == 0 ? "" : "+0x" + String(offset, radix: 16)
        let isItself = moment.block?.source == .object(target)
        let count = isCursor && !isItself ? "  \(moment.count(of: target)) of \(state.minCount(of: target))" : ""
        frame.put([
            StyledText(arrow, isCursor ? .arrow : .faint),
            StyledText("\(glyphs.mark(moment.shade(of: target), isLeak: moment.isLeak(target))) ", style),
            StyledText(isItself ? "itself" : state.shortLabel(of: target), isItself ? .faint : style), StyledText(place, .faint),
            StyledText(count, .strong),
        ], row: row, column: column, in: area)
    }

    private var cursor: Address? {
        if case .word(let address) = moment.step { address } else { nil }
    }

    /// The bytes shown: the part of the block that holds the cursor (a scan area, a CPU's copy), or the object told of.
    private var range: AddressRange? {
        switch moment.step {
        case .phase, .end: return nil
        case .meanwhile: return moment.block.flatMap { parts(of: $0).first }
        case .checksum(let id), .suspect(let id), .report(let id): return state.heap.contents(of: id).first
        case .block(let block): return parts(of: block).first
        case .word(let address):
            return moment.block.flatMap { block in parts(of: block).first { $0.contains(address) } }
        }
    }

    private func parts(of block: ScanRecording.Block) -> [AddressRange] {
        switch block.source {
        case .root(let number): return [moment.recording.roots[number].range]
        case .object(let id):
            let areas = state.heap.objects.areas[id] ?? []
            let reads = areas.isEmpty || state.heap.objects.flags[id.index].contains(.fullScan)
            return reads ? state.heap.contents(of: id) : areas
        }
    }
}
