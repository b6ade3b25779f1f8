import ArgumentParser
import Inspector

/// `kmemtop roots SOURCE`: what a scan reads.
struct Roots: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what a scan has read, by kind of root, and how much was missing.",
        discussion: "Words and references add up to the scan's own; what was not captured was not read."
    )

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String

    @Option(help: ArgumentHelp("Do this first, as typed at the : prompt.", valueName: "command; command"))
    var after = "scan"

    func run() throws {
        var state = try AppState(scanning: source, after: after)
        try state.checkThatThereWasAScan()
        Output.write(state.text(of: .roots))
    }
}
