import Dispatch
import Glibc
import Inspector

/// The loop: show the state, wait for what happens, let the state take it in, do what it asks for.
struct Session: ~Copyable {
    /// How soon to look again whether the terminal is ready, or something is done, in milliseconds.
    private static let retry: Int32 = 33
    /// What takes no longer is not worth a word.
    private static let patience = DispatchTimeInterval.milliseconds(60)

    private var terminal: Terminal
    private var state: AppState
    private var files: UserFiles
    /// The state that something takes its time to lead to, and what happened since it began.
    private var work: (next: Background<AppState>, name: String)?
    private var waiting: [Event] = []
    /// Why a frame is still to be shown. While the terminal is slow, time and keys change what will be in it.
    private var pending: FrameReason? = .answer

    /// Takes the terminal until the person quits: what takes long to open can be waited for there.
    ///
    /// - Throws: `TerminalError`, or what the opening ended with.
    static func run(
        _ opening: Background<Result<AppState, any Error>>, name: String, files: UserFiles, mouse: Bool
    ) throws {
        let opened = try opening.value(within: patience)?.get()
        var terminal = try Terminal(mouse: mouse)
        var state = opened
        while state == nil {
            let work = Work("Opening \(name)", seconds: opening.seconds, fraction: opening.progress.fraction)
            terminal.show(work.frame(terminal.size), theme: Theme(.forTerminal, depth: terminal.depth), for: .animation)
            let isUnwanted = terminal.events(waitingAtMost: retry).contains {
                $0 == .key(.named(.escape)) || $0 == .key(.character("q"))
            }
            if isUnwanted { return }
            state = try opening.value(within: .nanoseconds(0))?.get()
        }
        guard let state else { return }
        var session = Session(state, files, terminal)
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
            let wait = work != nil || pending != nil ? Self.retry : -1
            let events = terminal.events(waitingAtMost: tick.map { wait < 0 ? $0 : min($0, wait) } ?? wait)
            for event in events { take(event) }
            if !events.isEmpty { pending = .answer }
            lookAfterWork()
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

    // MARK: Work

    /// What may take long is done by another thread, to a state of its own, while this one can be looked at.
    private mutating func take(_ event: Event) {
        guard work == nil else { return takeMeanwhile(event) }
        guard state.mayTakeLong(event) else { return state.apply(event) }
        // Else it would be asked of both states.
        doWhatIsAsked()
        let name = state.workName(event)
        let next = Background { [state] in
            var next = state
            next.apply(event)
            return next
        }
        if let next = next.value(within: Self.patience) { state = next } else { work = (next, name) }
    }

    private mutating func takeMeanwhile(_ event: Event) {
        switch event {
        case .key(.named(.escape)): stopWork()
        case .tick: state.apply(event)
        case .resize: state.apply(event); waiting.append(event)
        default:
            if state.onlyMoves(event) { state.apply(event) }
            waiting.append(event)
        }
    }

    /// The state stays as it was.
    private mutating func stopWork() {
        guard let work else { return }
        work.next.progress.stop()
        self.work = nil
        state.work = nil
        waiting = []
        state.apply(.told("Stopped: \(work.name).", isError: false))
    }

    private mutating func lookAfterWork() {
        guard let (background, name) = work else { return }
        guard let next = background.value(within: .nanoseconds(0)) else {
            state.work = Work(name, seconds: background.seconds, fraction: background.progress.fraction)
            pending = pending ?? .animation
            return
        }
        (work, state, pending) = (nil, next, .answer)
        let events = waiting
        waiting = []
        for event in events { take(event) }
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
