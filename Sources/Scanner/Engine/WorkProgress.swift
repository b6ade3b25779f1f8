import Synchronization

/// How far a long piece of work is, for somebody who waits for it on another thread and may tell it to stop.
package final class WorkProgress: Sendable {
    /// Of what is being done on this thread; nil when nobody waits for it.
    @TaskLocal package static var current: WorkProgress?

    private let done = Atomic<Double>(0)
    private let stopped = Atomic(false)

    private let whole: WorkProgress?

    package init() { whole = nil }

    /// Of a part that stops when the whole does, and does not tell how far that is.
    init(within whole: WorkProgress) { self.whole = whole }

    /// From 0 to 1; 0 of work that does not tell.
    package var fraction: Double { done.load(ordering: .relaxed) }
    package var isStopped: Bool { stopped.load(ordering: .relaxed) || whole?.isStopped == true }

    package func stop() { stopped.store(true, ordering: .relaxed) }

    /// - Parameter part: of the whole work, what `done` of `all` stand for.
    func tell(_ done: Int, of all: Int, in part: ClosedRange<Double> = 0...1) {
        let share = Double(done) / Double(max(1, all))
        self.done.store(part.lowerBound + (part.upperBound - part.lowerBound) * share, ordering: .relaxed)
    }

    /// What a scan's two halves take of it.
    static let sweep = 0...0.6, walk = 0.6...1
}
