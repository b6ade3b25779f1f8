import HeapModel

/// What points where among the white objects: an edge for each word of a white object that would be counted for another
/// one if its holder were scanned.
///
/// So words outside of scan areas and in NO_SCAN objects are no edges, nor are those that point into their own object; any
/// byte of an object may be pointed at. The edges of a node stand in the order of its words, and may lead to the same node
/// more than once.
struct WhiteGraph: Sendable {
    /// By node; ascending.
    let ids: [ObjectID]
    /// By row of the table, the node; `none` for what is not white.
    let nodes: [UInt32]
    /// By node, the first of its edges; one more for the end.
    private(set) var firstEdges: [UInt32] = [0]
    /// The nodes that the edges lead to.
    private(set) var targets: [UInt32] = []

    static let none = UInt32.max

    var count: Int { ids.count }

    func edges(of node: UInt32) -> ArraySlice<UInt32> { targets[Int(firstEdges[Int(node)])..<Int(firstEdges[Int(node) + 1])] }

    /// Nothing is white.
    init() { (ids, nodes) = ([], []) }

    /// - Parameter graph: of this heap as it is.
    init(_ heap: Heap, _ graph: ReferenceGraph) {
        let ids = heap.whites
        var nodes = [UInt32](repeating: Self.none, count: heap.objects.count)
        // By number of the graph.
        var nodesByNumber = [UInt32](repeating: Self.none, count: graph.rows.count)
        for (node, id) in ids.enumerated() {
            nodes[id.index] = UInt32(node)
            nodesByNumber[Int(graph.numbers[id.index])] = UInt32(node)
        }
        (self.ids, self.nodes) = (ids, nodes)
        let passes = PassedOn(heap, graph, ids, nodesByNumber)
        firstEdges.reserveCapacity(ids.count + 1)
        for node in ids.indices {
            graph.forEachReference(ofBlock: Int(graph.numbers[ids[node].index])) { _, number in
                let target = nodesByNumber[Int(number)]
                if target != Self.none {
                    targets.append(target)
                } else if let other = passes.byGray[number], other != node {
                    targets.append(other)
                }
            }
            if let other = passes.byWhite[UInt32(node)] { targets.append(other) }
            firstEdges.append(UInt32(targets.count))
        }
    }

    /// The same edges the other way round.
    var reversed: (firstEdges: [UInt32], targets: [UInt32]) {
        var firstEdges = [UInt32](repeating: 0, count: count + 1)
        for target in targets { firstEdges[Int(target) + 1] += 1 }
        for node in 0..<count { firstEdges[node + 1] += firstEdges[node] }
        var next = firstEdges, sources = [UInt32](repeating: 0, count: targets.count)
        for node in 0..<count {
            for target in edges(of: UInt32(node)) {
                sources[Int(next[Int(target)])] = UInt32(node)
                next[Int(target)] += 1
            }
        }
        return (firstEdges, sources)
    }
}

/// The white objects that surplus references are passed on to (excess_ref; mm/kmemleak.c, `scan_block()`).
private struct PassedOn {
    /// By number of a gray object: each reference to it goes to this node.
    private(set) var byGray: [UInt32: UInt32] = [:]
    /// By node of a white object: it has more white references than it still needs, and the rest would go to this node.
    private(set) var byWhite: [UInt32: UInt32] = [:]

    init(_ heap: Heap, _ graph: ReferenceGraph, _ ids: [ObjectID], _ nodesByNumber: [UInt32]) {
        var needs: [UInt32: (rest: Int32, other: UInt32)] = [:]
        for (owner, target) in graph.excessTargets {
            let other = nodesByNumber[Int(target)], row = Int(graph.rows[Int(owner)])
            guard other != WhiteGraph.none, target != owner, heap.objects.minCounts[row] != -1 else { continue }
            if nodesByNumber[Int(owner)] == WhiteGraph.none {
                byGray[owner] = other
            } else {
                needs[owner] = (heap.objects.minCounts[row] - heap.objects.counts[row], other)
            }
        }
        guard !needs.isEmpty else { return }
        for (node, id) in ids.enumerated() {
            // What waits for the reference is not read before it has it.
            graph.forEachReference(ofBlock: Int(graph.numbers[id.index])) { _, number in
                if let other = needs[number]?.other, other != node { needs[number]?.rest -= 1 }
            }
        }
        for (owner, need) in needs where need.rest < 0 { byWhite[nodesByNumber[Int(owner)]] = need.other }
    }
}

extension Heap {
    /// What the last scan left white, in creation order: reported or too young to be, but not what is younger than the scan.
    fileprivate var whites: [ObjectID] {
        guard let lastScan else { return [] }
        let (counts, minCounts, flags, jiffies) = (objects.counts.array, objects.minCounts, objects.flags, objects.jiffies)
        return minCounts.indices.lazy.filter { row in
            Colour(count: counts[row], minCount: minCounts[row]) == .white && flags[row].contains(.allocated)
                && lastScan.isAtOrAfter(jiffies[row])
        }.map { ObjectID($0) }
    }
}
