import ArgumentParser
import HeapModel
import Inspector

/// `kmemtop why SOURCE ADDRESS`: the chain that holds an object, or what is wrong with each word that points at it.
struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why an object is held, or thought lost.",
        discussion: """
            For an object that was reached, the words from a root to it, and ways through other holders, those easiest to read \
            first; for a white one, every word in memory that points at it, and why it does not count; in a \
            scenario, the write that lost the last reference. Exit status 1 when nothing is tracked there.
            """
    )

    @OptionGroup var object: ObjectArguments

    func run() throws { try object.tell(.why) }
}

/// `kmemtop refs SOURCE ADDRESS`: who points at an object, and what it points at.
struct Refs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the words that point at an object, and those in it that point at others.",
        discussion: "Any word of memory, whether a scan counts it or not. Exit status 1 when nothing is tracked there."
    )

    @OptionGroup var object: ObjectArguments

    func run() throws { try object.tell(.references) }
}

/// An object of a source, after a scan.
struct ObjectArguments: ParsableArguments {
    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String

    @Argument(help: "An address inside of the object, its name in the scenario, each with +offset.")
    var address: String

    @Option(help: ArgumentHelp("Do this first, as typed at the : prompt.", valueName: "command; command"))
    var after = "scan"

    /// Prints what a pane of the screen tells of the object.
    func tell(_ pane: Pane) throws {
        var state = try AppState(scanning: source, after: after)
        let address = try state.place(self.address)
        guard state.selectObject(containing: address) else {
            Output.complain("\(self.source): nothing is tracked at \(address)")
            throw ExitStatus.found
        }
        Output.write(state.text(of: pane))
    }
}

extension AppState {
    /// The screen that nobody sees, once some commands were given; lines are broken at 120 columns.
    /// - Throws: `SourceError`, `PlaceError`
    init(scanning source: String, after script: String) throws {
        let source = try Source(source)
        self.init(source: source.argument, sourceName: source.name, machine: source.machine, size: Size(columns: 120, rows: 40))
        if let problem = open(script: script, address: nil, tick: nil) { throw PlaceError(problem: problem) }
    }

    /// What tells of scans has nothing to tell before the first one.
    func checkThatThereWasAScan() throws(PlaceError) {
        if recordingTold == nil { throw PlaceError(problem: "--after: expected a scan among the commands, found none") }
    }

    /// The address that an argument names.
    func place(_ text: String) throws(PlaceError) -> Address {
        do { return try address(text) } catch { throw PlaceError(problem: "\(error)") }
    }
}
