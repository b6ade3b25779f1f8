import ArgumentParser
import HeapModel
import Inspector
import Scanner

/// `kmemtop graph SOURCE [ADDRESS]`: a picture of what points where, for Graphviz.
struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what points where as a graph for Graphviz (dot -Tsvg).",
        discussion: """
            Without an address all leaks, those that no other one points at first; with one, the objects around it. What needs \
            no reference is a box, leaks have a red border; an edge tells where in its holder the word stands, and behind an \
            arrow how far into its target it points. Exit status 1 when nothing is tracked there.
            """
    )

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String

    @Argument(help: "An address inside of an object, its name in the scenario, each with +offset.")
    var address: String?

    @Option(help: "With an address: how many words away from it; \(HeapGraph.standardDepth) where nothing is said.")
    var depth: Int?

    @Option(help: "How many objects and roots at most.")
    var limit = HeapGraph.standardLimit

    @Option(help: ArgumentHelp("Do this first, as typed at the : prompt.", valueName: "command; command"))
    var after = "scan"

    func validate() throws {
        if let depth {
            guard (0...1000).contains(depth) else { throw ValidationError("--depth: expected a number from 0 to 1000, found \(depth)") }
            guard address != nil else { throw ValidationError("--depth: expected an address to be that far from, found none") }
        }
        guard (1...1_000_000).contains(limit) else {
            throw ValidationError("--limit: expected a number from 1 to 1000000, found \(limit)")
        }
    }

    func run() throws {
        let state = try AppState(scanning: source, after: after)
        let graph: HeapGraph
        if let text = address {
            let address = try state.place(text)
            guard let around = state.graph(around: address, depth: depth ?? HeapGraph.standardDepth, limit: limit) else {
                Output.complain("\(source): nothing is tracked at \(address)")
                throw ExitStatus.found
            }
            graph = around
        } else {
            // A captured kernel may have reported some.
            if state.leaks.isEmpty { try state.checkThatThereWasAScan() }
            graph = state.graphOfLeaks(limit: limit)
        }
        Output.write(graph.dot)
        if let omission = graph.omission { Output.complain("\(source): \(omission)") }
    }
}
