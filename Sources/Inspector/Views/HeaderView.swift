import HeapModel
import Scanner

/// The top of the screen: whose heap, kmemleak's settings, the phases of the scan, and its colours in numbers.
struct HeaderView {
    let state: AppState
    let glyphs: Glyphs

    func draw(in area: Area, on frame: inout Frame) {
        frame.put(source, row: area.row, in: area)
        frame.put(phases, row: area.row + 1, in: area)
        let counts = counts
        let end = frame.put(totals(counts), row: area.row + 2, in: area)
        drawBar(counts, row: area.row + 2, from: end + 1, to: area.column + area.columns - 1, on: &frame)
    }

    /// What matters least is left out where it would push the settings off the screen.
    private var source: [StyledText] {
        let short = settings(withStacks: !state.kmemleak.heap.scansStacks)
        let variants = [
            identity() + clock + jiffies + settings(withStacks: true), identity() + clock + settings(withStacks: true),
            identity() + clock + short,
        ]
        let fitting = variants.first { $0.reduce(0) { $0 + TextWidth.columns(of: $1.text) } <= state.size.columns }
        return fitting ?? identity(withArchitecture: false) + clock + short
    }

    private func identity(withArchitecture: Bool = true) -> [StyledText] {
        let profile = state.kmemleak.heap.profile
        return [
            StyledText(" kmemtop ", .heading), StyledText(state.sourceName, .strong),
            StyledText(state.whatIf == nil ? "" : "  what if", .warning),
            StyledText("  \(profile.release)" + (withArchitecture ? " \(profile.architecture.rawValue)" : "")),
            StyledText("  up ", .faint), StyledText(seconds(state.kmemleak.uptime)),
        ]
    }

    private var jiffies: [StyledText] {
        [StyledText("  jiffies ", .faint), StyledText(String(state.kmemleak.heap.jiffies.rawValue))]
    }

    private func settings(withStacks: Bool) -> [StyledText] {
        let heap = state.kmemleak.heap
        let stacks = [StyledText("  stacks ", .faint), heap.scansStacks ? StyledText("on") : StyledText("off", .warning)]
        return [StyledText("  kmemleak ", .faint), heap.isEnabled ? StyledText("on") : StyledText("off", .warning)]
            + (withStacks ? stacks : []) + automatic
    }

    /// How fast the kernel's clock runs; a capture has none.
    private var clock: [StyledText] {
        guard state.machine.scenario != nil else { return [] }
        if state.machine.failure != nil { return [StyledText(" stopped", .error)] }
        let speed = state.clockSpeed == 0 ? "" : " \(state.clockSpeed)x"
        return [state.isClockRunning ? StyledText(" \(glyphs.play)\(speed)", .strong) : StyledText(" \(glyphs.pause)\(speed)", .faint)]
    }

    /// When the automatic thread scans next.
    private var automatic: [StyledText] {
        guard state.kmemleak.isAutomatic else { return [StyledText("  auto ", .faint), StyledText("off")] }
        let left = state.kmemleak.nextAutomaticScan.map { $0.rawValue - min($0.rawValue, state.kmemleak.uptime.rawValue) }
        return [StyledText("  auto ", .faint), StyledText(left.map { "in \($0 / 1_000_000) s" } ?? "never again")]
    }

    private func seconds(_ time: Microseconds) -> String {
        let hundredths = String(time.rawValue / 10_000 % 100)
        return "\(time.rawValue / 1_000_000)." + (hundredths.count == 1 ? "0" : "") + hundredths + " s"
    }

    /// The row of the strip of phases.
    static let stripRow = 1

    /// The phase whose name is at a column of the strip.
    func phase(at column: Int) -> Phase? {
        var end = 0
        let all = Phase.phases(of: state.heap.profile.style)
        return all.first { phase in
            let width = TextWidth.columns(of: isTight ? " \(phase.shortTitle)" : " \(phase.title) ")
            end += width + (isTight || phase == all.first ? 0 : TextWidth.columns(of: glyphs.arrow))
            return column < end
        }
    }

    /// prepare → roots → gray list → modified → gray list → report
    private var phases: [StyledText] {
        let present = state.moment.map { $0.phase }
        let isOver = state.playback?.isAtEnd == true
        var strip: [StyledText] = []
        for phase in Phase.phases(of: state.heap.profile.style) {
            if phase != .prepare, !isTight { strip.append(StyledText(glyphs.arrow, .faint)) }
            let style: Style = present.map { phase < $0 || isOver ? .phaseDone : phase == $0 ? .phaseNow : .phaseAhead } ?? .phaseAhead
            strip.append(StyledText(isTight ? " \(phase.shortTitle)" : " \(phase.title) ", style))
        }
        if present == nil, !isTight, state.kmemleak.heap.isEnabled, state.kmemleak.recording == nil { strip.append(StyledText("  press s to scan", .warning)) }
        return strip
    }

    /// The strip of 2026 is long.
    private var isTight: Bool { state.size.columns < 116 && state.heap.profile.style.confirmsLeaks }

    private func totals(_ counts: [Shade: Int]) -> [StyledText] {
        var line = [StyledText(" ")]
        for shade in Shade.allCases {
            line.append(StyledText("\(glyphs.shape(shade)) ", Style(shade)))
            line.append(StyledText("\(shade.title) "))
            line.append(StyledText("\(counts[shade] ?? 0)  ", .strong))
        }
        let leaks = state.leaks.count
        line.append(StyledText("leaks ", leaks > 0 ? .leak : .faint))
        line.append(StyledText("\(leaks) ", leaks > 0 ? .leak : .faint))
        return line
    }

    /// Before the first scan all that is known are the counts that the heap came with.
    private var counts: [Shade: Int] { state.moment?.totals ?? state.storedTotals }

    /// One bar of the colours; each that occurs has at least a cell.
    private func drawBar(_ counts: [Shade: Int], row: Int, from: Int, to: Int, on frame: inout Frame) {
        let total = counts.values.reduce(0, +)
        guard to - from >= 8, total > 0 else { return }
        var column = from
        for shade in Shade.allCases.reversed() {
            guard let count = counts[shade], count > 0 else { continue }
            // A few of a kind are worth a cell, unless there is none left.
            let cells = min(to - column, max(1, (to - from) * count / total))
            let glyph = shade == .white ? glyphs.light : glyphs.full
            for cell in column..<column + cells { frame[row, cell] = Cell(glyph, Style(shade)) }
            column += cells
        }
    }
}

extension Phase {
    /// Short, for the strip.
    package var title: String {
        switch self {
        case .prepare: "prepare"
        case .roots: "roots"
        case .grayList, .grayListAgain: "gray list"
        case .modified: "modified"
        case .suspects: "suspects"
        case .confirmPrepare: "confirm"
        case .confirmRoots: "roots"
        case .confirmGrayList: "gray list"
        case .report: "report"
        }
    }
}

extension Phase {
    /// For a strip that has to be short.
    fileprivate var shortTitle: String {
        switch self {
        case .grayList, .grayListAgain, .confirmGrayList: "gray"
        default: title
        }
    }
}

extension Shade {
    package var title: String {
        switch self {
        case .white: "white"
        case .gray: "gray"
        case .scanned: "scanned"
        case .ignored: "ignored"
        }
    }
}
