import HeapModel
import Inspector
import Measuring
import Scanner
import SystemPackage

/// The program without its terminal: keys go in, frames come out, on one thread as in a session.
///
/// A measured time is that of the event with all that follows from it in the state, and of the frame that shows it; of the
/// references and why panes without the frame, which belongs to their keys' times.
final class DrivenScreen {
    private var state: AppState
    private var random = SplitMix64(seed: 1)
    private var frames = 0
    private let lastTick: Tick
    private let addresses: [Address]

    static let size = Size(columns: 120, rows: 40), largeSize = Size(columns: 200, rows: 60)
    /// Keys that walk through the list of objects, then through the scan.
    private static let moves = "j j k pgdn pgdn pgup end home down up", steps = ". . , > < w } {"
    private static let filters = [
        "size>512", "colour:white", "comm:kworker", "fn:function_7", "colour:white size<=128", "kworker", "8881",
    ]

    /// Opens a capture and scans it, as `S` does.
    init(capture path: String) throws {
        var heap = try Capture(FilePath(path)).heap
        heap.isEnabled = true
        state = AppState(sourceName: "benchmark", machine: Machine(Kmemleak(heap)), size: Self.size)
        state.apply(.key(.character("S")))
        lastTick = state.kmemleak.recording?.lastTick ?? 0
        addresses = heap.objects.ids.map { heap.objects.pointers[$0.index] }
    }

    /// - Parameter record: takes nanoseconds.
    func round(_ record: (_ metric: String, _ value: Int) -> Void) {
        record(Metric.frame, time { draw() }.nanoseconds)
        state.apply(.resize(Self.largeSize))
        record(Metric.largeFrame, time { draw() }.nanoseconds)
        state.apply(.resize(Self.size))
        for key in Self.moves.split(separator: " ") { record(Metric.key, press(key)) }
        for key in Self.steps.split(separator: " ") { record(Metric.key, press(key)) }
        for _ in 0..<10 { record(Metric.seek, seek(to: Int(random.next() % UInt64(lastTick + 1)))) }
        record(Metric.seek, seek(to: lastTick))
        // Once round the columns.
        _ = press("1")
        record(Metric.sort, ObjectColumn.allCases.map { _ in press("o") }.max() ?? 0)
        // Escape drops the filter, and all rows are back.
        record(Metric.filter, Self.filters.map { max(filtering($0), press("esc")) }.max() ?? 0)
        for pane in ["7", "8"] {
            for _ in 0..<20 {
                goToAnyObject(showing: pane)
                let answer = time { state.apply(.key(.character("j"))) }.nanoseconds
                record(pane == "7" ? Metric.references : Metric.why, answer)
                record(Metric.key, answer + time { draw() }.nanoseconds)
            }
        }
        _ = press("5")
        _ = press("1")
    }

    private func press(_ name: Substring) -> Int {
        let key = key(name)
        return time {
            state.apply(.key(key))
            draw()
        }.nanoseconds
    }

    private func key(_ name: Substring) -> Key {
        guard let key = Key(parsing: name) else { fatalError("no key is called \(name)") }
        return key
    }

    /// Types a filter; the slowest of its keys is told.
    private func filtering(_ text: String) -> Int {
        _ = press("f")
        let typed = text.map { press($0 == " " ? "space" : Substring(String($0))) }
        return max(typed.max() ?? 0, press("enter"))
    }

    /// - Parameter pane: its key. Going somewhere shows the bytes in its place.
    private func goToAnyObject(showing pane: String) {
        let address = addresses[Int(random.next() % UInt64(addresses.count))].description
        for name in ["g"] + address.map(String.init) + ["enter", pane, "1"] { state.apply(.key(key(name[...]))) }
    }

    private func seek(to tick: Tick) -> Int {
        time {
            if let problem = state.open(script: "", address: nil, tick: tick) { fatalError(problem) }
            draw()
        }.nanoseconds
    }

    private func draw() {
        // The size keeps the compiler from leaving the frame out.
        frames += Screen(state).frame().size.rows
    }
}
