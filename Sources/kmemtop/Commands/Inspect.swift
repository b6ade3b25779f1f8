import ArgumentParser
import Inspector

/// `kmemtop [SOURCE]`: the screen.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Open a heap on the screen.")

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String = Source.standardName

    @OptionGroup var screen: ScreenOptions

    @Flag(help: "Leave the mouse to the terminal.")
    var noMouse = false

    func run() throws {
        let files = UserFiles()
        var settings = files.settings.content
        if noMouse { settings.mouse = false }
        let opening = Background { [screen, source, settings, notebook = files.notes.content] in
            Result {
                try screen.state(of: Source(source), size: Size(columns: 80, rows: 24), settings: settings, notebook: notebook)
            }
        }
        for warning in files.warnings { Output.complain(warning) }
        do {
            try Session.run(opening, name: source, files: files, mouse: settings.mouse)
        } catch let error as TerminalError {
            Output.complain(error.description)
            throw ExitStatus.badInput
        }
    }
}
