import HeapModel
import Scanner

/// A recording being looked at: the place in it, and how fast it runs.
package struct Playback: Sendable {
    package private(set) var moment: Moment
    /// Where the recording is not of what really was.
    package private(set) var whatIf: WhatIf?
    package var tick: Tick {
        didSet {
            moment = Moment(recording: recording, tick: tick)
            beat = beats(until: tick)
        }
    }
    package var isPlaying: Bool
    /// Doublings of the normal speed; negative is slower.
    package private(set) var speed = 0
    /// How far the animation is, in beats.
    private var beat: Double

    /// At normal speed a scan takes this long, in seconds, whatever its size.
    private static let duration = 20.0
    /// A word takes one beat; one whose reference counts, the start of a block, and what the kernel does meanwhile are
    /// dwelt on.
    private static let (referenceBeats, blockBeats, meanwhileBeats) = (60.0, 8.0, 240.0)
    private static let speeds = -8...12

    package init(_ recording: ScanRecording, tick: Tick = 0, isPlaying: Bool = false) {
        moment = Moment(recording: recording, tick: tick)
        self.tick = tick
        self.isPlaying = isPlaying
        beat = 0
        beat = beats(until: tick)
    }

    /// At the end of the scan as it would have been.
    init(_ whatIf: WhatIf) {
        self.init(whatIf.recording, tick: whatIf.recording.lastTick)
        self.whatIf = whatIf
    }

    package var recording: ScanRecording { _read { yield moment.recording } }
    package var isAtEnd: Bool { tick >= recording.lastTick }

    package mutating func changeSpeed(_ direction: Direction) {
        speed = min(max(speed + (direction == .forwards ? 1 : -1), Self.speeds.lowerBound), Self.speeds.upperBound)
    }

    /// "1x", "4x", "1/8x", "instant".
    package var speedLabel: String {
        speed == Self.speeds.upperBound ? "instant" : speed >= 0 ? "\(1 << speed)x" : "1/\(1 << -speed)x"
    }

    /// Steps a second, at the mean, at this speed.
    package var wordsPerSecond: Int {
        let seconds = Self.duration / (speed >= 0 ? Double(1 << speed) : 1 / Double(1 << -speed))
        return max(1, Int(Double(recording.endTick) / seconds))
    }

    /// Lets time pass; stops at the end.
    package mutating func advance(microseconds: Int) {
        guard isPlaying else { return }
        let rate = beats(until: recording.lastTick) / Self.duration * (speed >= 0 ? Double(1 << speed) : 1 / Double(1 << -speed))
        let target = beat + rate * Double(microseconds) / 1_000_000
        let reached = (tick..<recording.endTick).partitioningIndex { beats(until: $0) > target } - 1
        tick = min(max(reached, tick), recording.lastTick)
        beat = max(beat, target)
        if isAtEnd { isPlaying = false }
    }

    private func beats(until tick: Tick) -> Double {
        let references = recording.changeCount(upTo: tick)
        let blocks = recording.blocks.partitioningIndex { $0.tick > tick }
        let epochs = recording.epochs.partitioningIndex { $0.tick > tick }
        return Double(tick) + Self.referenceBeats * Double(references) + Self.blockBeats * Double(blocks)
            + Self.meanwhileBeats * Double(max(0, epochs - 1))
    }
}
