import HeapModel

/// The nodes some words away from an object: what leads to it, and what it leads to.
struct Neighbourhood {
    /// The object first, then by distance; what leads to it before what it leads to.
    private(set) var nodes: [HeapDrawing.Node]
    /// Nodes that were met once there were enough; what lies behind them is not known.
    private(set) var omittedCount = 0

    private let graph: ReferenceGraph
    private let heap: Heap
    private let limit: Int
    private var met: Set<HeapDrawing.Node>

    /// - Complexity: O(references · depth)
    init(of id: ObjectID, in graph: ReferenceGraph, _ heap: Heap, depth: Int, limit: Int) {
        (self.graph, self.heap, self.limit) = (graph, heap, limit)
        nodes = [.object(id)]
        met = [.object(id)]
        var holders = nodes, held = nodes
        for _ in 0..<depth where !holders.isEmpty || !held.isEmpty {
            holders = add(referrers(of: holders))
            held = add(referents(of: held))
        }
    }

    /// Returns those of them that are new and have room.
    private mutating func add(_ found: [HeapDrawing.Node]) -> [HeapDrawing.Node] {
        let new = found.filter { met.insert($0).inserted }, taken = new.prefix(max(0, limit - nodes.count))
        omittedCount += new.count - taken.count
        nodes += taken
        return Array(taken)
    }

    /// Roots first, then objects in the order of their creation.
    private func referrers(of nodes: [HeapDrawing.Node]) -> [HeapDrawing.Node] {
        var isWanted = [Bool](repeating: false, count: graph.rows.count), isEmpty = true
        for case .object(let id) in nodes {
            isWanted[Int(graph.numbers[id.index])] = true
            isEmpty = false
        }
        guard !isEmpty else { return [] }
        func leads(_ block: Int) -> Bool {
            var leads = false
            graph.forEachReference(ofBlock: block) { _, number in if isWanted[Int(number)] { leads = true } }
            return leads
        }
        let roots = heap.roots.indices.filter { leads(graph.block(ofRoot: $0)) }.map { HeapDrawing.Node.root($0) }
        return roots + heap.objects.ids.filter { leads(Int(graph.numbers[$0.index])) }.map { .object($0) }
    }

    /// In the order of the words.
    private func referents(of nodes: [HeapDrawing.Node]) -> [HeapDrawing.Node] {
        nodes.flatMap { node in
            guard case .object(let id) = node else { return [HeapDrawing.Node]() }
            return graph.references(from: id).map { .object($0.target) }
        }
    }
}
