import Foundation
import HeapModel
import Scanner
import Testing

@testable import Inspector

/// No sequence of events breaks the state.
struct FuzzTests {
    /// Of one run, which begins with the scenario as it was opened.
    private static let events = 1_000

    /// How many times as many runs: a long one is 10 (`KMEMTOP_FUZZ=10`).
    private static let scale = ProcessInfo.processInfo.environment["KMEMTOP_FUZZ"].flatMap(Int.init) ?? 1

    /// A scan of the busy kernel takes as long as a run of the others.
    @Test(arguments: [("hub-probe", 2), ("busy", 1), ("lost-list-node", 2), ("moving-pointer-2026", 2), ("percpu", 3)])
    func noSequenceOfEventsBreaksTheState(scenario: String, runs: Int) throws {
        let seed = scenario.utf8.reduce(0 as UInt64) { $0 << 8 ^ UInt64($1) }
        var scans = 0
        for run in 0..<runs * Self.scale {
            var state = try opened(scenario), random = RandomEvents(seed: seed + UInt64(run), for: state)
            var last: [Event] = [], rows: [ObjectID] = []
            for number in 1...Self.events {
                let event = random.next(), isStill = number % 20 == 0
                last = last.suffix(11) + [event]
                state.apply(event)
                // As a session does.
                state.effects = []
                let flaw = state.brokenInvariant(rows: isStill || rows != state.list.rows) ?? (isStill ? state.brokenFrame : nil)
                if let flaw {
                    Issue.record("run \(run), event \(number): \(flaw), after \(last)")
                    return
                }
                rows = state.list.rows
            }
            scans += state.kmemleak.scanCount
        }
        #expect(scans > runs)
    }
}

extension AppState {
    /// What is wrong with the picture of the state; nil when nothing is.
    fileprivate var brokenFrame: String? {
        let frame = Screen(self).frame()
        if frame.size != size { return "a picture of \(frame.size) for \(size)" }
        for row in 0..<size.rows {
            for column in 0..<size.columns where frame[row, column].text.unicodeScalars.contains(where: \.isControl) {
                return "a control character in row \(row), column \(column)"
            }
        }
        return nil
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}
