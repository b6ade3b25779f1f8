import HeapModel

/// Which of the lost objects are the cause, and which only fell with them.
///
/// Told of all objects that the last scan left white, reported or still too young, since a young one may hold a leak. A
/// *cause* is a white object that no other white one points at, or a cycle of them that none outside of it points at. It
/// *drags along* the objects to which every chain of words from any cause leads through it: its part of the dominator tree,
/// exact. What more than one cause leads to is *shared*.
///
/// A word is a link of a chain however many references its target needs. So with min_count above 1 (vmalloc), what is
/// dragged along is what nothing else that is lost leads to, which finding the cause again need not be enough to hold.
package struct LeakCauses: Sendable {
    /// A lost object, or a cycle of them, that nothing else that is lost points at.
    package struct Cause: Sendable {
        /// One, or those of a cycle; in creation order.
        package let members: ArraySlice<ObjectID>
        /// Its members together.
        package let own: LeakTotal
        /// What falls with it alone, without its members.
        package let dragged: LeakTotal
        /// What it and at least one other cause lead to; nil where there is too much to be counted for each cause.
        package fileprivate(set) var shared: LeakTotal?

        package var isCycle: Bool { members.count > 1 }
        /// All that is lost by it alone.
        package var total: LeakTotal { own + dragged }
    }

    /// What a white object is among the others.
    package enum Role: Hashable, Sendable {
        /// An index of `causes`; the object is it, or one of its cycle.
        case cause(Int)
        /// Falls with this cause alone.
        case dragged(by: Int)
        /// Several causes lead to it (`causes(of:)`).
        case shared
    }

    /// The one by which most bytes are lost first; equal ones in the order of creation.
    package private(set) var causes: [Cause] = []
    /// All white objects together.
    package private(set) var total = LeakTotal()
    /// What several causes lead to.
    package private(set) var shared = LeakTotal()

    let graph: WhiteGraph
    let components: Components
    private let tree: DominatorTree
    /// The members of the components, one component's behind the other's.
    private let members: [ObjectID]
    /// By component.
    private var own: [LeakTotal] = []
    /// By component: what hangs on it in the tree.
    private var dragged: [LeakTotal] = []
    /// By component, an index of `causes`; `none` for what is shared.
    private var owners: [UInt32] = []

    /// - Parameters:
    ///   - heap: as a scan left it, or any time later.
    ///   - graph: of this heap, where it is at hand.
    /// - Complexity: O(bytes held) without a graph; with it, O(n · log n) for n words in white objects
    package init(of heap: Heap, graph: ReferenceGraph? = nil) {
        // A scan that was never made has left nothing white.
        let swept = heap.lastScan == nil ? nil : graph ?? Sweep.graph(of: heap, index: RankIndex(heap.objects))
        self.graph = swept.map { WhiteGraph(heap, $0) } ?? WhiteGraph()
        components = Components(of: self.graph)
        tree = DominatorTree(of: self.graph, components)
        members = components.members.map { [ids = self.graph.ids] in ids[Int($0)] }
        addUp(heap.objects)
        findOwners()
        countShared()
    }

    /// From the leaves of the tree up: what hangs on a component has a lower number.
    private mutating func addUp(_ objects: ObjectTable) {
        own = (0..<tree.root).map { component in
            components.range(of: component).reduce(LeakTotal()) { $0 + LeakTotal(of: members[$1], in: objects) }
        }
        total = own.reduce(LeakTotal(), +)
        dragged = [LeakTotal](repeating: LeakTotal(), count: own.count)
        for component in own.indices {
            let parent = tree.parents[component]
            if parent != tree.root { dragged[Int(parent)] += own[component] + dragged[component] }
        }
    }

    /// From the root of the tree down.
    private mutating func findOwners() {
        let bytes = tree.sources.map { (own[Int($0)] + dragged[Int($0)]).bytes }
        let first = tree.sources.map { members[components.range(of: $0).lowerBound] }
        let order = tree.sources.indices.sorted { bytes[$0] != bytes[$1] ? bytes[$0] > bytes[$1] : first[$0] < first[$1] }
        owners = [UInt32](repeating: WhiteGraph.none, count: own.count)
        causes = order.enumerated().map { place, index in
            let source = tree.sources[index]
            owners[Int(source)] = UInt32(place)
            return Cause(
                members: members[components.range(of: source)], own: own[Int(source)], dragged: dragged[Int(source)],
                shared: LeakTotal())
        }
        for component in own.indices.reversed() {
            let parent = tree.parents[component]
            if parent != tree.root { owners[component] = owners[Int(parent)] }
            if owners[component] == WhiteGraph.none { shared += own[component] }
        }
    }

    /// Words that may be looked at for `Cause.shared`: a fraction of a second.
    private static let shareLimit = 1 << 21

    /// Each cause's share in what several lead to, as long as that is not too much: it is counted for each anew.
    private mutating func countShared() {
        guard shared.objects > 0 else { return }
        // By component, the cause that was last seen to lead to it.
        var seenBy = [UInt32](repeating: WhiteGraph.none, count: own.count), effort = 0
        for place in causes.indices {
            let cause = UInt32(place), source = component(of: causes[place].members[causes[place].members.startIndex])
            var open = [source], share = LeakTotal()
            seenBy[Int(source)] = cause
            while let component = open.popLast() {
                if owners[Int(component)] == WhiteGraph.none { share += own[Int(component)] }
                for member in components.range(of: component) {
                    let targets = graph.edges(of: components.members[member])
                    effort += 1 + targets.count
                    for target in targets {
                        let held = components.ofNode[Int(target)]
                        guard seenBy[Int(held)] != cause else { continue }
                        seenBy[Int(held)] = cause
                        open.append(held)
                    }
                }
            }
            causes[place].shared = share
            guard effort < Self.shareLimit else {
                for later in causes.indices[(place + 1)...] { causes[later].shared = nil }
                return
            }
        }
    }

    private func component(of id: ObjectID) -> UInt32 { components.ofNode[Int(graph.nodes[id.index])] }
}

extension LeakCauses {
    /// Whether the object is one of those told of.
    package func contains(_ id: ObjectID) -> Bool {
        id.index < graph.nodes.count && graph.nodes[id.index] != WhiteGraph.none
    }

    /// nil for an object that is not white.
    package func role(of id: ObjectID) -> Role? {
        guard contains(id) else { return nil }
        let component = component(of: id), owner = owners[Int(component)]
        if owner == WhiteGraph.none { return .shared }
        return tree.parents[Int(component)] == tree.root ? .cause(Int(owner)) : .dragged(by: Int(owner))
    }

    /// The objects that point at each other round about with this one, itself included, in creation order: the object alone
    /// where it is in no cycle; none for one that is not white.
    package func cycle(of id: ObjectID) -> ArraySlice<ObjectID> {
        contains(id) ? members[components.range(of: component(of: id))] : []
    }

    /// What would be reached again with the object (with its cycle) alone: all that every chain from outside passes it to.
    package func dragged(by id: ObjectID) -> LeakTotal { contains(id) ? dragged[Int(component(of: id))] : LeakTotal() }

    /// The causes that lead to an object, as indices, ascending: one, unless it is shared.
    /// - Complexity: O(n) for n words in white objects where it is shared
    package func causes(of id: ObjectID) -> [Int] {
        guard contains(id) else { return [] }
        let owner = owners[Int(component(of: id))]
        guard owner == WhiteGraph.none else { return [Int(owner)] }
        let (firstEdges, sources) = graph.reversed
        var found: Set<UInt32> = [], open = [graph.nodes[id.index]], seen = Set(open)
        while let node = open.popLast() {
            let owner = owners[Int(components.ofNode[Int(node)])]
            if owner != WhiteGraph.none {
                found.insert(owner)
                continue
            }
            for source in sources[Int(firstEdges[Int(node)])..<Int(firstEdges[Int(node) + 1])]
            where seen.insert(source).inserted { open.append(source) }
        }
        return found.map { Int($0) }.sorted()
    }

    /// The objects that each cause drags along, in creation order; by index of `causes`.
    package var draggedObjects: [[ObjectID]] {
        var objects = [[ObjectID]](repeating: [], count: causes.count)
        for id in graph.ids { if case .dragged(let cause) = role(of: id) { objects[cause].append(id) } }
        return objects
    }
}

extension LeakTotal {
    fileprivate init(of id: ObjectID, in objects: ObjectTable) {
        self.init(leaks: objects.flags[id.index].contains(.reported) ? 1 : 0, bytes: objects.sizes[id.index])
    }
}
