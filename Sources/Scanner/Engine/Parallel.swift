import Dispatch

enum Parallel {
    /// Does things that have nothing to do with one another, at once if there are several threads for it.
    static func perform(_ threads: Int, _ works: () -> Void...) {
        guard threads > 1 else { return works.forEach { $0() } }
        // None of them escapes, and each writes what is its own.
        nonisolated(unsafe) let works = works
        DispatchQueue.concurrentPerform(iterations: works.count) { works[$0]() }
    }
}
