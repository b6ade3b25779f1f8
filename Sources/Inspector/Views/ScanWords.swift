import HeapModel
import Scanner

/// The words around the scan's cursor: read, under the cursor, and still ahead.
struct ScanWords {
    let state: AppState
    let moment: Moment

    func draw(in area: Area, on frame: inout Frame) {
        guard let range = range, range.size > 0 else { return }
        let wordSize = UInt64(state.heap.profile.wordSize)
        let digits = Int(wordSize) * 2
        let perRow = UInt64(max(1, min(8, (area.columns - 10) / (digits + 1)))).powerOfTwoBelow
        let rowBytes = perRow * wordSize
        let first = Address(range.start.rawValue / wordSize * wordSize)
        let cursorRow = cursor.map { ($0 - first) / rowBytes } ?? 0
        let rowCount = (range.end - first + rowBytes - 1) / rowBytes
        let top = min(cursorRow > UInt64(area.rows / 2) ? cursorRow - UInt64(area.rows / 2) : 0, rowCount > UInt64(area.rows) ? rowCount - UInt64(area.rows) : 0)
        for line in 0..<UInt64(area.rows) where top + line < rowCount {
            let start = first + (top + line) * rowBytes
            let row = area.row + Int(line)
            let label = "+" + String(start.rawValue &- range.start.rawValue, radix: 16)
            let column = frame.put((start < range.start ? "" : label).leftPadded(7) + "  ", .faint, row: row, column: area.column, in: area)
            for step in 0..<perRow {
                let address = start + step * wordSize
                guard address.rawValue - first.rawValue < range.end - first else { break }
                draw(address, row: row, column: column + Int(step) * (digits + 1), digits: digits, in: area, on: &frame)
            }
        }
    }

    private func draw(_ address: Address, row: Int, column: Int, digits: Int, in area: Area, on frame: inout Frame) {
        guard let word = state.heap.memory.word(at: address, size: digits / 2) else {
            frame.put(String(repeating: "?", count: digits), .faint, row: row, column: column, in: area)
            return
        }
        let text = String(repeating: "0", count: digits - String(word, radix: 16).count) + String(word, radix: 16)
        let isRead = cursor.map { address < $0 } ?? false
        let style: Style
        if address == cursor {
            style = .cursor
        } else if let target = moment.index.targets(of: word).first(where: { .object($0) != moment.block?.source }) {
            style = Style(moment.shade(of: target), isLeak: moment.isLeak(target))
        } else {
            style = word == 0 ? .faint : isRead ? .wordRead : .text
        }
        frame.put(text, style, row: row, column: column, in: area)
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

extension UInt64 {
    /// The largest power of two that is not above the number.
    fileprivate var powerOfTwoBelow: UInt64 { self == 0 ? 1 : 1 << UInt64(63 - leadingZeroBitCount) }
}
