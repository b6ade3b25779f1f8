/// Why a frame is to be shown.
enum FrameReason {
    /// Something happened: a person waits for it.
    case answer
    /// Time has passed.
    case animation
}

/// Leaves a slow terminal time between the frames of an animation, so that the answer to a key is not queued behind them.
///
/// The terminal is asked to say when it has come to the end of a frame, and gets the next one then: that sees through
/// remote shells, which take as much as is written. Where nobody answers, only a refresh that blocks tells: everything on
/// the way is full then, and frames come at half the rate at which it was taken until that is forgotten.
struct FramePace {
    /// Longer than ncurses itself needs for a large screen.
    private static let promptly = Duration.milliseconds(20)
    /// A scan that stands still for more than twice this looks broken.
    private static let longest = Duration.seconds(1)
    /// How long a receipt is waited for, of a terminal that has sent one before and of one that may never do.
    private static let (patience, firstPatience) = (Duration.seconds(5), Duration.milliseconds(500))
    /// Receipts that fail to come before no more are asked for.
    private static let trials = 8

    /// What the terminal needs for a frame, as the slowest refresh told; forgotten little by little.
    private var wait = Duration.zero
    private var restsUntil: ContinuousClock.Instant?
    private var askedAt: ContinuousClock.Instant?
    private var hasAnswered = false
    private var trialsLeft: Int

    /// - Parameter answers: whether the terminal may answer at all.
    init(answers: Bool = true) { trialsLeft = answers ? Self.trials : 0 }

    /// A refresh began and ended at these times.
    mutating func shown(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        wait = min(max(end - start, wait * 15 / 16), Self.longest)
        restsUntil = wait > Self.promptly ? end + wait * 2 : nil
    }

    /// Whether a receipt should be asked for now, which counts as done.
    mutating func asks(at time: ContinuousClock.Instant) -> Bool {
        guard !isAwaitingReceipt(at: time), hasAnswered || trialsLeft > 0 else { return false }
        trialsLeft -= askedAt == nil ? 0 : 1
        askedAt = time
        return true
    }

    mutating func received() {
        hasAnswered = true
        askedAt = nil
    }

    /// What was asked for may have gone to the shell while the program was stopped.
    mutating func forgetReceipt() { askedAt = nil }

    /// Whether a receipt may still come, however late.
    var isOwedReceipt: Bool { askedAt != nil && (hasAnswered || trialsLeft > 0) }

    private func isAwaitingReceipt(at time: ContinuousClock.Instant) -> Bool {
        askedAt.map { time < $0 + (hasAnswered ? Self.patience : Self.firstPatience) } ?? false
    }

    func allows(_ reason: FrameReason, at time: ContinuousClock.Instant) -> Bool {
        reason == .answer || !isAwaitingReceipt(at: time) && restsUntil.map { time >= $0 } ?? true
    }
}
