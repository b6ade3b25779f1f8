import Synchronization

/// Who has which part of a graph's stream: the shards of a sweep take theirs, and later the blocks whose words are told anew.
// Graphs that come from the same sweep share their memory; each writes only what it took for itself.
final class GraphRoom: Sendable {
    private let end: Atomic<Int>
    private let capacity: Int

    init(used: Int, capacity: Int) {
        end = Atomic(used)
        self.capacity = capacity
    }

    /// Elements that are in use.
    var used: Int { end.load(ordering: .relaxed) }

    /// The place of the first of so many elements; nil when there are not as many left.
    func take(_ count: Int) -> Int? {
        var first = used
        while count <= capacity - first {
            let (isTaken, end) = end.compareExchange(expected: first, desired: first + count, ordering: .relaxed)
            if isTaken { return first }
            first = end
        }
        return nil
    }
}
