import HeapModel

/// A picture of what points where, for Graphviz (`dot -Tsvg`).
///
/// Only words that a scan reads make edges, those on stacks also while `stack=off`; and as a capture may hold anything, no name in it is more than text.
package struct HeapGraph: Sendable {
    /// In the language of Graphviz.
    package let dot: String
    /// What had to be left out, as a sentence; nil when nothing was.
    package let omission: String?

    /// As many nodes as one can look at.
    package static let standardLimit = 200
    package static let standardDepth = 2

    /// The lost objects with what points where among them: causes first and emphasised, cycles framed, and behind them what
    /// each drags along.
    ///
    /// Of causes with nothing reported among what is lost by them there is no more than their number.
    /// - Parameters:
    ///   - heap: as a scan left it, or any time later.
    ///   - names: what the scenario calls its objects.
    ///   - limit: of the nodes.
    package init(leaksOf heap: Heap, names: [Address: String] = [:], limit: Int = standardLimit) {
        let graph = Self.graph(of: heap), causes = LeakCauses(of: heap, graph: graph)
        var drawing = HeapDrawing(heap, names: names, graph: graph, title: "What kmemleak finds lost, and which points at which.")
        let candidates = causes.drawn
        let ids = candidates.prefix(limit)
        var isDrawn: Set<ObjectID> = []
        for id in ids where !isDrawn.contains(id) {
            let cycle = causes.cycle(of: id)
            let members = cycle.count > 1 ? cycle.filter(ids.contains) : [id]
            isDrawn.formUnion(members)
            let note = causes.note(on: id)
            if cycle.count > 1 {
                drawing.cluster(id, label: ["cycle of \(cycle.count)"] + note) { drawing in
                    for id in members { drawing.draw(.object(id), isEmphasised: causes.isCause(id)) }
                }
            } else {
                drawing.draw(.object(id), isEmphasised: causes.isCause(id), note: note)
            }
        }
        drawing.drawEdges(among: ids.map { .object($0) })
        let unreported = causes.total.objects - candidates.count
        let notes = (candidates.isEmpty ? ["nothing is lost"] : [])
            + (ids.count < candidates.count ? ["\(ids.count) of \(candidates.count) lost objects are drawn"] : [])
            + (unreported > 0 ? ["left out: \(unreported) white object\(unreported == 1 ? "" : "s") that no report tells of"] : [])
        (dot, omission) = Self.finish(drawing, notes)
    }

    /// An object, what leads to it and where it leads to.
    /// - Parameters:
    ///   - depth: how many words away from the object.
    package init(around id: ObjectID, of heap: Heap, names: [Address: String] = [:], depth: Int = standardDepth, limit: Int = standardLimit) {
        let graph = Self.graph(of: heap), place = heap.objects.pointers[id.index]
        let neighbourhood = Neighbourhood(of: id, in: graph, heap, depth: depth, limit: limit)
        var drawing = HeapDrawing(heap, names: names, graph: graph, title: "What points at \(place), and what it points at.")
        for node in neighbourhood.nodes { drawing.draw(node, isEmphasised: node == .object(id)) }
        drawing.drawEdges(among: neighbourhood.nodes)
        // Without the object itself.
        let leftOut = neighbourhood.omittedCount, drawn = neighbourhood.nodes.count - 1
        let notes = leftOut == 0 ? [] : ["\(drawn) of at least \(drawn + leftOut) neighbours are drawn"]
        (dot, omission) = Self.finish(drawing, notes)
    }

    /// Stacks included: words in them are drawn as what would be read.
    private static func graph(of heap: Heap) -> ReferenceGraph {
        var heap = heap
        heap.scansStacks = true
        guard let graph = Sweep.graph(of: heap, index: RankIndex(heap.objects)) else { preconditionFailure("nobody stops it") }
        return graph
    }

    private static func finish(_ drawing: HeapDrawing, _ notes: [String]) -> (String, String?) {
        var drawing = drawing
        for note in notes { drawing.comment(note + ".") }
        return (drawing.text, notes.isEmpty ? nil : notes.joined(separator: "; "))
    }
}

extension LeakCauses {
    /// What a picture shows: each cause with what it drags along, then what is shared; nothing without a report in it.
    fileprivate var drawn: [ObjectID] {
        let dragged = draggedObjects
        let families = zip(causes, dragged).filter { $0.0.total.leaks > 0 }.flatMap { cause, dragged in cause.members + dragged }
        return families + (shared.leaks > 0 ? graph.ids.filter { role(of: $0) == .shared } : [])
    }

    fileprivate func isCause(_ id: ObjectID) -> Bool { if case .cause = role(of: id) { true } else { false } }

    /// What an object that others hang on drags along.
    fileprivate func note(on id: ObjectID) -> [String] {
        let dragged = dragged(by: id)
        return dragged.objects == 0 ? [] : ["+ \(dragged.objects) object\(dragged.objects == 1 ? "" : "s"), \(dragged.bytes) bytes"]
    }
}
