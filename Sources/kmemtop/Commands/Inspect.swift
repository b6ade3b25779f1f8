import ArgumentParser

/// `kmemtop [SOURCE]`: the screen.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Open a heap on the screen.")

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String = Source.standardName

    func run() throws {
        let source = try Source(source)
        do {
            try Session.run(source)
        } catch {
            Output.complain(error.description)
            throw ExitStatus.badInput
        }
    }
}
