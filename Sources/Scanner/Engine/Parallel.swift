import Dispatch

enum Parallel {
    /// Does the work as often as there are threads, at once, with the number of each.
    static func run(_ threads: Int, _ work: (Int) -> Void) {
        guard threads > 1 else { return work(0) }
        // It does not escape; and what is shared, the caller divides.
        nonisolated(unsafe) let work = work
        DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
    }

    /// The same for work that has a result: those of all threads, by their numbers.
    static func map<Result>(_ threads: Int, _ work: (Int) -> Result) -> [Result] {
        Array(count: max(1, threads)) { results in
            // Each thread has its own element.
            nonisolated(unsafe) let results = results
            run(threads) { results.initializeElement(at: $0, to: work($0)) }
        }
    }

    /// Does things that have nothing to do with one another, at once if there are several threads for it.
    static func perform(_ threads: Int, _ works: () -> Void...) {
        guard threads > 1 else { return works.forEach { $0() } }
        run(works.count) { works[$0]() }
    }
}
