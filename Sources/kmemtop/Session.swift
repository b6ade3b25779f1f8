import Glibc
import Inspector

/// The loop: show the state, wait for what happens, let the state take it in, do what it asks for.
struct Session: ~Copyable {
    /// How soon to look again whether the terminal is ready, in milliseconds.
    private static let retry: Int32 = 33

    private var terminal: Terminal
    private var state: AppState
    private var files: UserFiles
    /// Why a frame is still to be shown. While the terminal is slow, time and keys change what will be in it.
    private var pending: FrameReason? = .answer

    /// Takes the terminal until the person quits.
    static func run(_ state: AppState, files: UserFiles) throws(TerminalError) {
        var session = Session(state, files, try Terminal(mouse: state.settings.mouse))
        session.run()
    }

    private init(_ state: AppState, _ files: UserFiles, _ terminal: consuming Terminal) {
        self.terminal = terminal
        self.state = state
        self.files = files
    }

    private mutating func run() {
        let clock = ContinuousClock()
        state.terminalTheme = .forTerminal
        state.apply(.resize(terminal.size))
        state.welcome()
        for warning in files.warnings { complain(warning) }
        doWhatIsAsked()
        var last = clock.now
        while !state.wantsToQuit {
            showIfReady()
            let tick = state.millisecondsToNextTick
            let events = terminal.events(waitingAtMost: tick ?? (pending == nil ? -1 : Self.retry))
            for event in events { state.apply(event) }
            if !events.isEmpty { pending = .answer }
            let now = clock.now
            // What begins with a key begins now, however long the key was waited for.
            if tick != nil, state.millisecondsToNextTick != nil {
                state.apply(.tick(microseconds: (now - last).microseconds))
                pending = pending ?? .animation
            }
            last = now
            doWhatIsAsked()
        }
    }

    private mutating func showIfReady() {
        guard let reason = pending, terminal.isReady(for: reason) else { return }
        let theme = Theme(state.themeKind, depth: terminal.depth)
        let glyphs = Glyphs(isUnicode: terminal.isUTF8 && !state.settings.ascii)
        terminal.show(Screen(state, glyphs: glyphs).frame(), theme: theme, for: reason)
        pending = nil
    }

    private mutating func doWhatIsAsked() {
        let effects = state.effects
        state.effects = []
        for effect in effects {
            switch effect {
            case .copy(let text):
                tell((terminal.copy(text) ? "Copied: " : "This terminal has no clipboard: ") + text)
            case .setMouse(let isOn): terminal.setMouse(isOn)
            case .saveHint: _ = files.save(state.settings)
            case .saveSettings: complain(files.save(state.settings))
            case .saveNotes: complain(files.save(state.notebook))
            case .write(let text, let file):
                if let problem = UserFiles.write(text, to: file) { complain(problem) } else { tell("Written: \(file)") }
            }
        }
    }

    private mutating func tell(_ text: String) { state.apply(.told(text, isError: false)) }

    /// Of a problem; none is not worth a word.
    private mutating func complain(_ problem: String?) {
        if let problem { state.apply(.told(problem, isError: true)) }
    }
}

extension Theme.Kind {
    fileprivate static var forTerminal: Self { Self(colourFGBG: getenv("COLORFGBG").map { String(cString: $0) }) }
}

extension Duration {
    fileprivate var microseconds: Int {
        Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
    }
}
