/// Why a frame is to be shown.
enum FrameReason {
    /// Something happened: a person waits for it.
    case answer
    /// Time has passed.
    case animation
}

/// Leaves a slow terminal time between the frames of an animation.
///
/// A refresh blocks once everything on the way to the terminal is full, and then for as long as the terminal needs for
/// one frame. All that waits on the way comes before the answer to the next key; so from then on frames come at half
/// that rate, and what waits is read. No wait for a while lets the rate rise again.
struct FramePace {
    /// Longer than ncurses itself needs for a large screen.
    private static let promptly = Duration.milliseconds(20)
    /// A scan that stands still for more than twice this looks broken.
    private static let longest = Duration.seconds(1)

    /// What the terminal needs for a frame, as the slowest refresh told; forgotten little by little.
    private var wait = Duration.zero
    private var restsUntil: ContinuousClock.Instant?

    /// A refresh began and ended at these times.
    mutating func shown(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        wait = min(max(end - start, wait * 15 / 16), Self.longest)
        restsUntil = wait > Self.promptly ? end + wait * 2 : nil
    }

    func allows(_ reason: FrameReason, at time: ContinuousClock.Instant) -> Bool {
        reason == .answer || restsUntil.map { time >= $0 } ?? true
    }
}
