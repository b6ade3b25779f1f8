import HeapModel
import Scanner

/// The scan at the moment shown: the block being read, the word under the cursor with an arrow to what it hits, what became
/// of it, and beside it the gray list.
struct ScanView {
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        guard let playback = state.playback else { return drawInvitation(in: area, on: &frame) }
        let moment = playback.moment
        let narration = Narration(state: state, moment: moment)
        let inner = Area(row: area.row, column: area.column + 1, columns: area.columns - 2, rows: area.rows)
        let sentence = narration.sentence.wrapped(columns: inner.columns).prefix(max(2, area.rows / 3))
        let listColumns = area.columns >= 64 ? min(30, area.columns / 4) : 0
        let bodyRows = max(0, area.rows - 2 - sentenceRows(area) - (listColumns == 0 ? 1 : 0))
        let body = inner.dropFirst().prefix(bodyRows)

        frame.put(narration.heading, row: area.row, in: inner.left(inner.columns - listColumns))
        if playback.isAtEnd { drawLeaks(of: playback.recording, in: body, on: &frame) }
        ScanWords(state: state, moment: moment, glyphs: glyphs).draw(in: body.left(body.columns - listColumns), on: &frame)
        if listColumns > 0 {
            drawGrayList(moment, in: inner.prefix(bodyRows + 1).right(listColumns - 1), on: &frame)
        } else {
            drawGrayListInARow(moment, in: inner.dropFirst(1 + bodyRows).prefix(1), on: &frame)
        }
        let below = inner.dropFirst(area.rows - 1 - sentenceRows(area))
        for (row, line) in sentence.enumerated() { frame.put(line, row: below.row + row, in: below) }
        drawProgress(playback, row: area.row + area.rows - 1, in: inner, on: &frame)
    }

    /// Fixed, so that nothing jumps while the scan plays.
    private func sentenceRows(_ area: Area) -> Int { area.rows >= 16 ? 4 : area.rows >= 9 ? 3 : 2 }

    private func drawInvitation(in area: Area, on frame: inout Frame) {
        let text = !state.kmemleak.heap.isEnabled ? ["kmemleak is off: nothing is scanned."]
            : state.kmemleak.recording == nil
                ? ["No scan yet.", "", "s  scans and shows every word", "S  scans and shows the result", "?  shows all keys"]
                : ["The present: the heap as it is now.", "", "{  steps back into the last scan", "s  scans again"]
        for (row, line) in text.enumerated() { frame.put(line, .faint, row: area.row + row, column: area.column + 2, in: area) }
    }

    /// What the scan reported, in place of words when there are no more.
    private func drawLeaks(of recording: ScanRecording, in area: Area, on frame: inout Frame) {
        let shown = recording.leaks.count > area.rows ? max(0, area.rows - 1) : recording.leaks.count
        for (row, leak) in recording.leaks.prefix(shown).enumerated() {
            frame.put([
                StyledText(glyphs.mark(.white, isLeak: true) + " ", .leak),
                StyledText(state.heap.objects.pointers[leak.id.index].description + "  "),
                StyledText(state.label(of: leak.id), .faint),
            ], row: area.row + row, in: area)
        }
        if recording.leaks.count > shown {
            frame.put("… \(recording.leaks.count - shown) more", .faint, row: area.row + shown, column: area.column, in: area)
        }
    }

    // MARK: The gray list

    /// As a queue, its head on top.
    private func drawGrayList(_ moment: Moment, in area: Area, on frame: inout Frame) {
        let waiting = moment.grayList
        frame.put([StyledText("gray list ", .heading), StyledText("\(waiting.count)", .strong)], row: area.row, in: area)
        let rows = area.dropFirst()
        let shown = waiting.count > rows.rows ? max(0, rows.rows - 1) : waiting.count
        for (row, id) in waiting.prefix(shown).enumerated() {
            frame.put(label(id), .gray, row: rows.row + row, column: rows.column, in: rows)
        }
        if waiting.count > shown, rows.rows > 0 {
            frame.put("… \(waiting.count - shown) more", .faint, row: rows.row + shown, column: rows.column, in: rows)
        }
    }

    private func drawGrayListInARow(_ moment: Moment, in area: Area, on frame: inout Frame) {
        let waiting = moment.grayList
        var column = frame.put([StyledText("gray list ", .heading), StyledText("\(waiting.count)  ", .strong)], row: area.row, in: area)
        for id in waiting.prefix(area.columns) {
            guard column + TextWidth.columns(of: label(id)) <= area.column + area.columns else { break }
            column = frame.put(label(id), .gray, row: area.row, column: column, in: area) + 2
        }
    }

    private func label(_ id: ObjectID) -> String { "\(glyphs.shape(.gray)) \(state.shortLabel(of: id))" }

    // MARK: Progress

    private func drawProgress(_ playback: Playback, row: Int, in area: Area, on frame: inout Frame) {
        let recording = playback.recording
        let rate = playback.isPlaying ? ", \(playback.wordsPerSecond)/s" : ""
        let text = "step \(playback.tick) of \(recording.lastTick)\(rate)  "
        let start = frame.put(text, .footer, row: row, column: area.column, in: area)
        let end = area.column + area.columns
        guard end - start > 4 else { return }
        let done = (end - start) * playback.tick / max(1, recording.lastTick)
        for column in start..<end {
            frame[row, column] = column - start < done ? Cell(glyphs.full, .phaseDone) : Cell(glyphs.light, .faint)
        }
        for stop in state.stops.prefix(200) {
            let column = start + (end - start - 1) * stop.tick / max(1, recording.lastTick)
            frame[row, column] = Cell(glyphs.breakpoint, .breakpoint)
        }
    }
}
