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
        let source = try Source(source)
        let files = UserFiles()
        var settings = files.settings.content
        if noMouse { settings.mouse = false }
        let state = try screen.state(of: source, size: Size(columns: 80, rows: 24), settings: settings, notebook: files.notes.content)
        for warning in files.warnings { Output.complain(warning) }
        do {
            try Session.run(state, files: files)
        } catch {
            Output.complain(error.description)
            throw ExitStatus.badInput
        }
    }
}
