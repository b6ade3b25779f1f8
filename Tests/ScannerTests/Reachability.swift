import HeapModel
import Scanner

/// What plain marking reaches: the words of the roots, then those of the objects in the order reached.
///
/// No checksums and no ages; a second opinion beside Scanner's scan.
struct Reachability {
    /// Words read.
    private(set) var words = 0
    private(set) var unreached: Set<Address> = []
    /// How many references the farthest object is away from the roots.
    private(set) var depth = 0

    init(_ heap: Heap, stacks: Bool = true) {
        let index = ObjectIndex(heap.objects)
        var counts: [ObjectID: Int32] = [:]
        var queue = heap.objects.ids.filter { heap.objects.minCounts[$0.index] == 0 }.map { (id: $0, depth: 0) }

        func read(_ range: AddressRange, from source: ObjectID?, depth: Int) -> Int {
            let count = Int(range.size / 8)
            for place in 0..<count {
                guard let word = heap.memory.word(at: range.start + 8 * UInt64(place)),
                    let target = index.virtual.object(containing: Address(word)), target != source
                else { continue }
                counts[target, default: 0] += 1
                if counts[target] == heap.objects.minCounts[target.index] { queue.append((target, depth + 1)) }
            }
            return count
        }

        for root in heap.roots where stacks || root.kind != .stack { words += read(root.range, from: nil, depth: 0) }
        var head = 0
        while head < queue.count {
            let (id, depth) = queue[head]
            head += 1
            self.depth = max(self.depth, depth)
            guard !heap.objects.flags[id.index].contains(.noScan) else { continue }
            for range in heap.objects.areas[id] ?? [heap.objects.range(of: id)] { words += read(range, from: id, depth: depth) }
        }
        let reached = Set(queue.map(\.id))
        unreached = Set(heap.objects.ids.filter { !reached.contains($0) }.map { heap.objects.pointers[$0.index] })
    }
}

extension Machine {
    /// Names of the objects that plain marking does not reach.
    func unreached(stacks: Bool = true) -> [String] {
        let lost = Reachability(heap, stacks: stacks).unreached
        return names.filter { lost.contains($0.value) }.map(\.key).sorted()
    }
}
