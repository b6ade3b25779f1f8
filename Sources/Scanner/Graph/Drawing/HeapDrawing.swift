import HeapModel

/// Objects and roots as nodes, and words as edges, of a heap as a scan left it. All drawings of heaps look like this:
/// what needs no reference is a box, everything else round.
struct HeapDrawing {
    let heap: Heap
    /// What the scenario calls its objects.
    let names: [Address: String]
    let graph: ReferenceGraph
    private let index: ObjectIndex
    private(set) var dot = DotGraph()

    /// Where a word stands, or what it points at.
    enum Node: Hashable {
        case root(Int)
        case object(ObjectID)

        var name: String {
            switch self {
            case .root(let number): "root\(number)"
            case .object(let id): "object\(id.index)"
            }
        }
    }

    init(_ heap: Heap, names: [Address: String], graph: ReferenceGraph, title: String) {
        (self.heap, self.names, self.graph) = (heap, names, graph)
        index = ObjectIndex(heap.objects)
        dot.comment(title)
        dot.defaults(of: "graph", ["rankdir": .plain("LR")])
        dot.defaults(of: "node", ["fontname": .text(["monospace"]), "fontsize": .plain("10"), "style": .plain("filled")])
        dot.defaults(of: "edge", ["fontname": .text(["monospace"]), "fontsize": .plain("8")])
    }

    var text: String { dot.text }

    mutating func comment(_ text: String) { dot.comment(text) }

    // MARK: Nodes

    /// - Parameter note: lines of their own below what is known of the object.
    mutating func draw(_ node: Node, isEmphasised: Bool = false, note: [String] = []) {
        let width = isEmphasised ? DotGraph.Value.plain("3") : nil
        switch node {
        case .root(let number): draw(heap.roots[number], node.name, width)
        case .object(let id):
            let look = look(of: id), isRoot = heap.objects.minCounts[id.index] == 0
            dot.node(node.name, [
                "shape": isRoot ? .plain("box") : nil,
                "label": .text(label(of: id) + note), "fillcolor": .text([look.fill]),
                "fontcolor": .text([look.font]), "penwidth": width, "color": .text([look.border]),
            ])
        }
    }

    mutating func cluster(_ id: ObjectID, label: [String], _ draw: (inout HeapDrawing) -> Void) {
        var inner = self
        dot.cluster("cycle\(id.index)", label: label) { dot in
            inner.dot = dot
            draw(&inner)
            dot = inner.dot
        }
    }

    private mutating func draw(_ root: Root, _ name: String, _ width: DotGraph.Value?) {
        let owner = root.kind == .stack ? "stack of \(root.name)" + (root.pid.map { ", pid \($0)" } ?? "") : root.name
        let isRead = root.kind != .stack || heap.scansStacks
        dot.node(name, [
            "shape": .plain("box"), "label": .text([owner] + (isRead ? [] : ["not scanned"])), "fillcolor": .text(["#ffffff"]),
            "penwidth": width,
        ])
    }

    private func label(of id: ObjectID) -> [String] {
        let object = heap.objects[id]
        let site = heap.allocationSite(of: id).map { heap.symbols.function($0) ?? $0.description }
        return (names[object.pointer].map { [$0] } ?? []) + [object.pointer.description + object.kind.reportSuffix]
            + ["\(object.size) bytes, " + (isLeak(id) ? "leak" : heap.objects.colour(of: id).rawValue)] + (site.map { [$0] } ?? [])
    }

    private func isLeak(_ id: ObjectID) -> Bool {
        heap.objects.colour(of: id) == .white && heap.objects.flags[id.index].contains(.reported)
    }

    /// kmemleak's colours, and leaks; they differ on paper without colours, too.
    private func look(of id: ObjectID) -> (fill: String, font: String, border: String) {
        switch heap.objects.colour(of: id) {
        case .white: isLeak(id) ? ("#ffd9d0", "#000000", "#a00000") : ("#ffffff", "#000000", "#000000")
        case .gray: ("#c8c8c8", "#000000", "#000000")
        case .black: ("#404040", "#ffffff", "#000000")
        }
    }

    // MARK: Edges

    /// Draws the words of these nodes that point at each other, those from one node to the same other one as one edge.
    mutating func drawEdges(among nodes: [Node]) {
        let drawn = Set(nodes)
        for node in nodes {
            var edges: [(target: ObjectID, words: [String])] = [], places: [ObjectID: Int] = [:]
            for edge in references(from: node) where drawn.contains(.object(edge.target)) {
                let place = places[edge.target] ?? edges.count
                if place == edges.count {
                    places[edge.target] = place
                    edges.append((edge.target, []))
                }
                edges[place].words.append(edge.label)
            }
            for edge in edges {
                let shown = edge.words.prefix(Self.wordsShown)
                let rest = edge.words.count > shown.count ? ["… of \(edge.words.count) words"] : []
                dot.edge(from: node.name, to: Node.object(edge.target).name, [
                    "label": .text(shown + rest), "style": isRead(node) ? nil : .plain("dashed"),
                ])
            }
            drawExcess(of: node, drawn)
        }
    }

    /// Labels of one edge.
    private static let wordsShown = 4

    /// Where surplus references go.
    private mutating func drawExcess(of node: Node, _ drawn: Set<Node>) {
        guard case .object(let id) = node, case let start = heap.objects.excessReferences[id.index], start != Address(0),
            let block = index.virtual.object(at: start), drawn.contains(.object(block))
        else { return }
        dot.edge(from: node.name, to: Node.object(block).name, ["label": .text(["excess_ref"]), "style": .plain("dotted")])
    }

    private func isRead(_ node: Node) -> Bool {
        if case .root(let number) = node { heap.roots[number].kind != .stack || heap.scansStacks } else { true }
    }

    /// The words of a node that point into objects: "+0x18", of a PERCPU object "+0x18 on cpu 1", and how far into it where it is
    /// interior, "+0x18 → +0x40".
    private func references(from node: Node) -> [(target: ObjectID, label: String)] {
        let edges: [ReferenceGraph.Edge], parts: (ranges: [AddressRange], areChunked: Bool), copies: [AddressRange], own: ObjectID?
        switch node {
        case .root(let number):
            let root = heap.roots[number]
            (edges, parts) = (graph.references(fromRoot: number), ([root.range], root.kind.isChunked))
            (copies, own) = ([root.range], nil)
        case .object(let id):
            (edges, parts) = (graph.references(from: id), heap.scannedParts(of: id))
            (copies, own) = (heap.contents(of: id), id)
        }
        guard !edges.isEmpty else { return [] }
        let places = places(of: edges.map(\.ordinal), in: parts)
        return zip(edges, places).map { edge, address in
            let word = heap.memory.word(at: address, size: heap.profile.wordSize) ?? 0
            let start = copies.first { $0.contains(address) }?.start ?? address
            let cpu = own.flatMap { heap.cpu(ofCopyOf: $0, at: address) }.map { " on cpu \($0)" } ?? ""
            let offset = Address(word) - heap.objects.pointers[edge.target.index]
            return (edge.target, Self.hexadecimal(address - start) + cpu + (offset == 0 ? "" : " → " + Self.hexadecimal(offset)))
        }
    }

    private static func hexadecimal(_ offset: UInt64) -> String { "+0x" + String(offset, radix: 16) }

    /// The addresses of words of a block by their numbers, which ascend.
    private func places(of ordinals: [Int], in parts: (ranges: [AddressRange], areChunked: Bool)) -> [Address] {
        let words = BlockWords(of: heap)
        var places: [Address] = [], first = 0
        for range in parts.ranges {
            words.forEachRun(in: range, chunked: parts.areChunked) { run in
                while places.count < ordinals.count, ordinals[places.count] < first + run.count {
                    places.append(run.address + UInt64(ordinals[places.count] - first) * words.wordSize)
                }
                first += run.count
            }
        }
        return places
    }
}
