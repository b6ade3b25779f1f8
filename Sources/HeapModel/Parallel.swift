import Dispatch

/// Work on several threads at once.
package enum Parallel {
    /// Objects from which on a second thread gains more than it costs, where little is done for each.
    package static let worthASecondThread = 20_000

    /// How many of the threads there are to use for so many objects: one, where more are not worth it.
    package static func threads(_ threads: Int, forObjects count: Int, from worthASecondThread: Int = worthASecondThread) -> Int {
        count >= worthASecondThread ? max(1, threads) : 1
    }

    /// Of so many pieces of work, those that are for one of the threads.
    package static func part(_ thread: Int, of threads: Int, count: Int) -> Range<Int> {
        count * thread / threads..<count * (thread + 1) / threads
    }

    /// Does the work as often as there are threads, at once, with the number of each.
    package static func run(_ threads: Int, _ work: (Int) -> Void) {
        guard threads > 1 else { return work(0) }
        // It does not escape; and what is shared, the caller divides.
        nonisolated(unsafe) let work = work
        DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
    }

    /// The same for work that has a result: those of all threads, by their numbers.
    package static func map<Result>(_ threads: Int, _ work: (Int) -> Result) -> [Result] {
        var results = [Result?](repeating: nil, count: max(1, threads))
        results.withUnsafeMutableBufferPointer { results in
            // Each thread has its own element.
            nonisolated(unsafe) let results = results
            run(threads) { results[$0] = work($0) }
        }
        return results.compactMap { $0 }
    }

    /// Does two things that have nothing to do with one another, at once if there are several threads for it; the first one
    /// on this thread.
    package static func perform(_ threads: Int, _ first: () -> Void, _ second: () -> Void) {
        guard threads > 1 else {
            first()
            return second()
        }
        withoutActuallyEscaping(second) { second in
            nonisolated(unsafe) let second = second
            let group = DispatchGroup()
            DispatchQueue.global().async(group: group) { second() }
            first()
            group.wait()
        }
    }
}
