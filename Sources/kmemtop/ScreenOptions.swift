import ArgumentParser
import HeapModel
import Inspector

/// What the screen and its pictures have in common on the command line.
struct ScreenOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Open at this place: an address, a name or a symbol, and a step of the scan.", valueName: "address[@tick]"))
    var at: PlaceArgument?

    @Option(help: ArgumentHelp("Do this first, as typed at the : prompt.", valueName: "command; command"))
    var after = ""

    @Option(help: "dark, light, contrast or classic; else as set, else by the terminal's background.")
    var theme: Theme.Kind?

    @Flag(help: "Draw with ASCII only.")
    var ascii = false

    /// The state when the source is opened: settings as they were kept, changed by the options.
    ///
    /// - Throws: `PlaceError` when a place or a command is none.
    func state(of source: Source, size: Size, settings: Settings = Settings(), notebook: Notebook = Notebook()) throws -> AppState {
        var settings = settings
        if let theme { settings.theme = theme }
        if ascii { settings.ascii = true }
        var state = AppState(
            source: source.argument, sourceName: source.name, machine: source.machine, size: size, settings: settings, notebook: notebook)
        if let problem = state.open(script: after, address: at?.address, tick: at?.tick) { throw PlaceError(problem: problem) }
        return state
    }
}

/// Why `--at` or `--after` leads nowhere.
struct PlaceError: ToldInOneSentence {
    let problem: String
    var description: String { problem }
}

extension Theme.Kind: ExpressibleByArgument {}
