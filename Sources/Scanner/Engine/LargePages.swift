import HeapModel
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// In large pages, memory that is accessed here and there misses the translation of addresses less often, and there are
/// fewer faults.
enum LargePages {
    /// In bytes.
    static let size = 2 << 20

    /// Asks for those that lie in memory of the allocator's, which helps where nobody has written yet.
    static func use(for memory: UnsafeRawBufferPointer) {
        let start = UInt(bitPattern: memory.baseAddress), page = UInt(size)
        let first = (start + page - 1) / page * page, end = (start + UInt(memory.count)) / page * page
        if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_HUGEPAGE) }
    }
}

extension Array {
    /// An array that `fill` initialises, all of it; in large pages if it is large.
    ///
    /// Unlike `init(unsafeUninitializedCapacity:)` also where there is nothing to fill: all empty arrays share their memory,
    /// which threads must not write to.
    init(count: Int, filledBy fill: (UnsafeMutableBufferPointer<Element>) -> Void) {
        guard count > 0 else {
            self = []
            return
        }
        self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
            LargePages.use(for: UnsafeRawBufferPointer(buffer))
            fill(buffer)
            initialized = count
        }
    }

    /// Changes elements of an array that others have, too. Set one by one, the first would have all of it copied into pages
    /// of 4 KB, each with a fault.
    mutating func changeCopy(at places: [Int], threads: Int = 1, _ change: (inout Element) -> Void) {
        guard !places.isEmpty else { return }
        var copy = withUnsafeBufferPointer { all in
            Array(count: all.count) { copy in
                // Each thread has its own part.
                nonisolated(unsafe) let (all, copy) = (all, copy)
                Parallel.run(threads) { part in
                    let range = Parallel.part(part, of: threads, count: all.count)
                    _ = UnsafeMutableBufferPointer(rebasing: copy[range]).initialize(from: all[range])
                }
            }
        }
        for place in places { change(&copy[place]) }
        self = copy
    }
}

extension Array where Element: BitwiseCopyable {
    /// An array that is going to be accessed here and there.
    init(inLargePages value: Element, count: Int) { self.init(count: count) { $0.initialize(repeating: value) } }
}
