import Glibc
import Inspector

/// The loop: show the state, wait for what happens, let the state take it in.
enum Session {
    /// How soon to look again whether the terminal is ready, in milliseconds.
    private static let retry: Int32 = 33

    /// Takes the terminal until the person quits.
    /// - Parameter theme: nil for the one that fits the terminal's ground, as far as that is known.
    static func run(_ source: Source, theme: Theme.Kind? = nil, mouse: Bool = true) throws(TerminalError) {
        var terminal = try Terminal(mouse: mouse)
        let theme = Theme(theme ?? .forTerminal, depth: terminal.depth)
        let glyphs = Glyphs(isUnicode: terminal.isUTF8)
        let clock = ContinuousClock()
        var state = source.state(size: terminal.size)
        var last = clock.now
        // The frame that is still to be shown. While the terminal is slow, time and keys change what will be in it.
        var pending: FrameReason? = .answer
        while !state.wantsToQuit {
            if let reason = pending, terminal.isReady(for: reason) {
                terminal.show(Screen(state, glyphs: glyphs).frame(), theme: theme)
                pending = nil
            }
            let tick = state.millisecondsToNextTick
            let events = terminal.events(waitingAtMost: tick ?? (pending == nil ? -1 : retry))
            for event in events { state.apply(event) }
            if !events.isEmpty { pending = .answer }
            let now = clock.now
            // What begins with a key begins now, however long the key was waited for.
            if tick != nil, state.millisecondsToNextTick != nil {
                state.apply(.tick(microseconds: (now - last).microseconds))
                pending = pending ?? .animation
            }
            last = now
        }
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
