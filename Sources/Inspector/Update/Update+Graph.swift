import HeapModel
import Scanner

// Pictures of what points where, for Graphviz.
extension AppState {
    /// The leaks, and what points where among them.
    package func graphOfLeaks(limit: Int = HeapGraph.standardLimit) -> HeapGraph {
        HeapGraph(leaksOf: heapAfterScan, names: names, limit: limit)
    }

    /// What leads to the object that contains an address, and where it leads to; nil when nothing is tracked there.
    package func graph(around address: Address, depth: Int = HeapGraph.standardDepth, limit: Int = HeapGraph.standardLimit) -> HeapGraph? {
        let heap = heapAfterScan
        return ObjectIndex(heap.objects).object(containing: address).map {
            HeapGraph(around: $0, of: heap, names: names, depth: depth, limit: limit)
        }
    }

    /// Writes the picture of what surrounds the selected object.
    mutating func exportGraph(to file: String) {
        guard !file.isEmpty else { return complain("graph: expected the name of a file to write, such as graph.dot") }
        guard let selection, let graph = graph(around: heap.objects.pointers[selection.index]) else {
            return complain("graph: no object is selected")
        }
        effects.append(.write(graph.dot, file: file))
    }

    /// Of the scan being looked at, its end.
    var heapAfterScan: Heap { playback?.recording.outcome ?? kmemleak.heap }
}
