/// The strongly connected components of a graph: cycles that are entangled, and each node that is in none by itself.
///
/// By Tarjan's algorithm, without recursion: a list may be a million objects long.
struct Components: Sendable {
    /// By node. An edge leads to the same or to a lower component.
    private(set) var ofNode: [UInt32]
    private(set) var count = 0
    /// The nodes of all components, one component's behind the other's; ascending within each.
    private(set) var members: [UInt32] = []
    /// By component, the first of its members; one more for the end.
    private(set) var firstMembers: [UInt32] = []

    /// - Complexity: O(nodes + edges)
    init(of graph: WhiteGraph) {
        ofNode = [UInt32](repeating: WhiteGraph.none, count: graph.count)
        find(graph)
        gather()
    }

    private mutating func find(_ graph: WhiteGraph) {
        // When each node was met, from 1 on, and the earliest node it leads back to.
        var met = [UInt32](repeating: 0, count: graph.count), low = met, time: UInt32 = 0
        var nextEdge = graph.firstEdges
        // Nodes whose edges are being followed; nodes met that have no component yet.
        var path: [UInt32] = [], open: [UInt32] = []
        func meet(_ node: UInt32) {
            time += 1
            (met[Int(node)], low[Int(node)]) = (time, time)
            path.append(node)
            open.append(node)
        }
        for start in 0..<UInt32(graph.count) where met[Int(start)] == 0 {
            meet(start)
            while let last = path.last {
                let node = Int(last)
                if nextEdge[node] < graph.firstEdges[node + 1] {
                    let target = graph.targets[Int(nextEdge[node])]
                    nextEdge[node] += 1
                    if met[Int(target)] == 0 {
                        meet(target)
                    } else if ofNode[Int(target)] == WhiteGraph.none {
                        low[node] = min(low[node], met[Int(target)])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last { low[Int(parent)] = min(low[Int(parent)], low[node]) }
                guard low[node] == met[node] else { continue }
                while let member = open.popLast() {
                    ofNode[Int(member)] = UInt32(count)
                    if member == last { break }
                }
                count += 1
            }
        }
    }

    private mutating func gather() {
        firstMembers = [UInt32](repeating: 0, count: count + 1)
        for component in ofNode { firstMembers[Int(component) + 1] += 1 }
        for component in 0..<count { firstMembers[component + 1] += firstMembers[component] }
        var next = firstMembers
        members = [UInt32](repeating: 0, count: ofNode.count)
        for (node, component) in ofNode.enumerated() {
            members[Int(next[Int(component)])] = UInt32(node)
            next[Int(component)] += 1
        }
    }

    /// Places in `members`.
    func range(of component: UInt32) -> Range<Int> { Int(firstMembers[Int(component)])..<Int(firstMembers[Int(component) + 1]) }
}
