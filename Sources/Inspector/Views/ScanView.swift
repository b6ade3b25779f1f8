import HeapModel
import Scanner

/// The scan at the moment shown: the block being read, the word under the cursor, what became of it, and the gray list.
struct ScanView {
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        guard let playback = state.playback else {
            let text = !state.kmemleak.heap.isEnabled ? ["kmemleak is off: nothing is scanned."]
                : state.kmemleak.recording == nil ? ["No scan yet.", "s scans and shows every word, S shows the result at once."]
                : ["The present.", "{ steps back into the last scan, s scans again."]
            for (row, line) in text.enumerated() { frame.put(line, .faint, row: area.row + row, column: area.column + 1, in: area) }
            return
        }
        let moment = playback.moment
        let words = ScanWords(state: state, moment: moment)
        let narration = Narration(state: state, moment: moment)
        let sentenceRows = (area.columns < 76 ? 3 : 2) + (area.rows > 10 ? 1 : 0)
        let wordRows = max(1, area.rows - 4 - sentenceRows)
        frame.put(narration.heading, row: area.row, column: area.column + 1, in: area)
        words.draw(in: Area(row: area.row + 1, column: area.column, columns: area.columns, rows: wordRows), on: &frame)
        drawSentence(narration.sentence, in: Area(row: area.row + 1 + wordRows, column: area.column + 1, columns: area.columns - 2, rows: sentenceRows), on: &frame)
        drawGrayList(moment, in: Area(row: area.row + 1 + wordRows + sentenceRows, column: area.column + 1, columns: area.columns - 2, rows: 2), on: &frame)
        drawProgress(playback, row: area.row + area.rows - 1, in: area, on: &frame)
    }

    /// Over the rows of the area, broken between words.
    private func drawSentence(_ pieces: [StyledText], in area: Area, on frame: inout Frame) {
        var (row, column) = (area.row, area.column)
        for piece in pieces {
            for word in piece.text.split(separator: " ", omittingEmptySubsequences: true) {
                if column + TextWidth.columns(of: word) > area.column + area.columns { (row, column) = (row + 1, area.column) }
                column = frame.put(String(word), piece.style, row: row, column: column, in: area) + 1
            }
        }
    }

    private func drawGrayList(_ moment: Moment, in area: Area, on frame: inout Frame) {
        let waiting = moment.grayList
        var column = frame.put([StyledText("gray list ", .heading), StyledText("\(waiting.count)  ", .strong)], row: area.row, in: area)
        var row = area.row
        for id in waiting.prefix(60) {
            let label = "\(glyphs.shape(.gray)) \(state.shortLabel(of: id))"
            if column + TextWidth.columns(of: label) > area.column + area.columns {
                row += 1
                column = area.column
                if row >= area.row + area.rows { break }
            }
            column = frame.put(label, .gray, row: row, column: column, in: area) + 2
        }
    }

    private func drawProgress(_ playback: Playback, row: Int, in area: Area, on frame: inout Frame) {
        let recording = playback.recording
        let text = " \(playback.isPlaying ? glyphs.play : glyphs.pause) step \(playback.tick) of \(recording.lastTick)  "
        let start = frame.put(text, .footer, row: row, column: area.column, in: area)
        let end = area.column + area.columns - 1
        guard end - start > 4 else { return }
        let done = (end - start) * playback.tick / max(1, recording.lastTick)
        for column in start..<end {
            frame[row, column] = column - start < done ? Cell(glyphs.full, .phaseDone) : Cell(glyphs.light, .faint)
        }
    }
}
