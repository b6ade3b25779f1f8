/// Which component every way to a component passes, from outside: its dominators.
///
/// Ways begin at the components that no other one points at; all of these hang on one root. Between components there are no
/// cycles, so one pass in the order of the edges settles it: a component hangs on the deepest one that all its holders hang
/// below. That one is found over jump pointers in O(log n), whatever the graph is like.
struct DominatorTree: Sendable {
    /// By component: the last one that every way to it passes, or `root`.
    private(set) var parents: [UInt32]
    /// The components that no other one points at, descending.
    private(set) var sources: [UInt32] = []
    /// Stands for all that is not white.
    let root: UInt32

    private var depths: [UInt32]
    /// Far ancestors, as far for all components of one depth.
    private var jumps: [UInt32]

    /// - Complexity: O(nodes + edges · log nodes)
    init(of graph: WhiteGraph, _ components: Components) {
        let count = components.count
        root = UInt32(count)
        parents = [UInt32](repeating: WhiteGraph.none, count: count + 1)
        depths = [UInt32](repeating: 0, count: count + 1)
        jumps = [UInt32](repeating: root, count: count + 1)
        parents[count] = root
        // All edges lead downwards, so the holders of a component come before it.
        for component in (0..<root).reversed() {
            if parents[Int(component)] == WhiteGraph.none {
                parents[Int(component)] = root
                sources.append(component)
            }
            hang(component)
            for place in components.range(of: component) {
                for target in graph.edges(of: components.members[place]) {
                    let held = components.ofNode[Int(target)]
                    guard held != component else { continue }
                    let parent = parents[Int(held)]
                    parents[Int(held)] = parent == WhiteGraph.none ? component : common(parent, component)
                }
            }
        }
    }

    /// Settles where the jump from a component goes: as in skew-binary numbers, jumps double where two of a length meet.
    private mutating func hang(_ component: UInt32) {
        let parent = parents[Int(component)], jump = jumps[Int(parent)], far = jumps[Int(jump)]
        depths[Int(component)] = depths[Int(parent)] + 1
        let isPair = depths[Int(parent)] - depths[Int(jump)] == depths[Int(jump)] - depths[Int(far)]
        jumps[Int(component)] = isPair ? far : parent
    }

    /// The deepest component that both hang below, or are.
    private func common(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var (left, right) = (left, right)
        if depths[Int(left)] > depths[Int(right)] { swap(&left, &right) }
        while depths[Int(right)] > depths[Int(left)] {
            let jump = jumps[Int(right)]
            right = depths[Int(jump)] >= depths[Int(left)] ? jump : parents[Int(right)]
        }
        while left != right {
            let jumps = (self.jumps[Int(left)], self.jumps[Int(right)])
            (left, right) = jumps.0 != jumps.1 ? jumps : (parents[Int(left)], parents[Int(right)])
        }
        return left
    }
}
