import CYardsticks
import Foundation
import HeapModel
import Measuring
import Scanner

/// One heap, and all ways of scanning it: each round does them one after the other, so that whatever else the machine does
/// falls on all of them.
final class ScanContest {
    private let heap: ScannedHeap
    private let yardHeap: UnsafeMutablePointer<yard_heap>
    private let redBlack, sorted: OpaquePointer
    private let reading: OpaquePointer
    private let result: UnsafeMutablePointer<yard_result>
    private let collectors: [(name: String, helper: Helper)]

    init(capture path: String) throws {
        heap = try ScannedHeap(capture: path)
        guard let yardHeap = yard_open(path) else { throw Disagreement(description: "\(path): not read in C") }
        self.yardHeap = yardHeap
        redBlack = yard_red_black_build(yardHeap)
        sorted = yard_sorted_build(yardHeap)
        result = yard_result_for(yardHeap)
        yard_red_black_scan(redBlack, result)
        reading = yard_reading_of(yardHeap, result)
        collectors = [("1", Metric.boehm), ("2", Metric.boehmTwice)].map {
            ($1, Helper([Surroundings.program("BoehmMark"), path, $0]))
        }
        let recording = heap.scan(threads: 1).recording
        let white = Moment(recording: recording, tick: recording.lastTick).totals[.white] ?? 0
        for (name, helper) in collectors { try checkShape(name, helper, white: white) }
    }

    deinit {
        yard_red_black_free(redBlack)
        yard_sorted_free(sorted)
        yard_reading_free(reading)
        yard_result_free(result)
    }

    /// The collector has other rules, but on a heap of the same shape it misses nearly as many objects as stay white, which
    /// are more than the leaks: some are too young to be reported.
    private func checkShape(_ name: String, _ helper: Helper, white: Int) throws {
        let unreached = helper.greeting.split(separator: " ").first.flatMap { Int($0) }
        guard let unreached, abs(unreached - white) <= heap.objectCount / 1000 else {
            throw Disagreement(description: "\(name): \"\(helper.greeting)\", but \(white) objects stay white")
        }
    }

    /// Measures every contender once. What a scan needs beforehand (tree, array, `RankIndex`) is at hand for all of them.
    func round(_ record: (_ metric: String, _ value: Int) -> Void) throws {
        record(Metric.read, time { yard_read(reading) }.nanoseconds)
        yard_red_black_reset(redBlack)
        record(Metric.redBlack, time { yard_red_black_scan(redBlack, result) }.nanoseconds)
        let kernels = Outcome(result.pointee)
        yard_sorted_reset(sorted)
        record(Metric.sorted, time { yard_sorted_scan(sorted, result) }.nanoseconds)
        try Outcome(result.pointee).check(kernels, "sorted array")
        for (name, helper) in collectors { record(name, Int(helper.ask()) ?? 0) }

        // What was free all that time.
        let cold = time { heap.scan(threads: 2) }
        record(Metric.engineCold, cold.nanoseconds)
        try Outcome(cold.result.recording).check(kernels, "engine in new memory")
        // The others have theirs since they were built.
        heap.provideMemory()
        let built = time { heap.buildIndex() }
        record(Metric.index, built.nanoseconds)
        heap.provideMemory()
        let once = time { heap.scan(threads: 1) }
        record(Metric.engine, once.nanoseconds)
        try Outcome(once.result.recording).check(kernels, "engine")
        heap.letHostTakeFreeMemory()
        heap.provideMemory()
        let twice = time { heap.scan(threads: 2) }
        record(Metric.engineTwice, twice.nanoseconds)
        try Outcome(twice.result.recording).check(kernels, "engine with two threads")
        heap.provideMemory()
        let leak = Outcome(twice.result.recording).leaks.first
        let again = time { heap.walkAgain(twice.result.graph, leak) }
        record(Metric.again, again.nanoseconds)

        record(Metric.words, kernels.words)
        record(Metric.references, kernels.references)
        record(Metric.leaks, kernels.leaks.count)
        record(Metric.bytes, Int(yard_reading_bytes(reading)))
    }
}

/// What a scan found: the same for all of them, or something was measured that is not this scan.
private struct Outcome {
    let words, references: Int
    let leaks: [ObjectID]

    init(_ result: yard_result) {
        words = Int(result.words)
        references = Int(result.references)
        leaks = (0..<Int(result.leak_count)).map { ObjectID(rawValue: result.leaks[$0]) }
    }

    init(_ recording: ScanRecording) {
        words = recording.wordCount
        references = recording.referenceCount
        leaks = recording.outcome.reportedLeaks
    }

    func check(_ expected: Outcome, _ name: String) throws {
        guard words == expected.words, references == expected.references, leaks == expected.leaks else {
            throw Disagreement(description: """
                \(name): \(words) words, \(references) references, \(leaks.count) leaks; the red-black tree found \
                \(expected.words), \(expected.references), \(expected.leaks.count)
                """)
        }
    }
}

struct Disagreement: Error, CustomStringConvertible {
    let description: String
}
