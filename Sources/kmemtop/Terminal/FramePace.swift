/// Why a frame is to be shown.
enum FrameReason {
    /// Something happened: a person waits for it.
    case answer
    /// Time has passed.
    case animation
}

/// Leaves a slow terminal time between the frames of an animation.
///
/// A refresh blocks once everything on the way to the terminal is full. All of that comes before the answer to the next
/// key, so a terminal that made a refresh wait gets none but answers until much of it has been read.
struct FramePace {
    /// Longer than ncurses itself needs for a large screen.
    private static let promptly = Duration.milliseconds(20)
    /// The rest, in lengths of the wait, and at most: a scan that stands still for longer looks broken.
    private static let (waits, longest) = (8, Duration.seconds(2))

    private var restsUntil: ContinuousClock.Instant?

    /// A refresh began and ended at these times.
    mutating func shown(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        let wait = end - start
        restsUntil = wait > Self.promptly ? end + min(wait * Self.waits, Self.longest) : nil
    }

    func allows(_ reason: FrameReason, at time: ContinuousClock.Instant) -> Bool {
        reason == .answer || restsUntil.map { time >= $0 } ?? true
    }
}
