import Measuring

/// Heaps of several sizes, scanned in turn, so that what is told of one by another does not depend on the minute in which each
/// was measured.
struct Growth {
    private let heaps: [(name: String, scans: Int, heap: ScannedHeap)]

    /// How often each is scanned in a round: the smaller, the more a single value says of chance.
    static let sizes: [(name: String, scans: Int)] = [("10k", 25), ("1M", 5), ("5M", 1)]

    init() throws {
        heaps = try Self.sizes.compactMap { name, scans in
            try Surroundings.heap(name).map { (name, scans, try ScannedHeap(capture: $0)) }
        }
    }

    func round(_ record: (_ metric: String, _ value: Int) -> Void) {
        for (name, scans, heap) in heaps {
            heap.letHostTakeFreeMemory()
            for _ in 0..<scans {
                heap.provideMemory()
                record(name, time { heap.scan(threads: 2) }.nanoseconds)
            }
        }
    }
}
