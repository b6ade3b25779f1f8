import Glibc
import Inspector

/// The loop: show the state, wait for what happens, let the state take it in.
enum Session {
    /// Takes the terminal until the person quits.
    /// - Parameter theme: nil for the one that fits the terminal's ground, as far as that is known.
    static func run(_ source: Source, theme: Theme.Kind? = nil, mouse: Bool = true) throws(TerminalError) {
        var terminal = try Terminal(mouse: mouse)
        let theme = Theme(theme ?? .forTerminal, depth: terminal.depth)
        let glyphs = Glyphs(isUnicode: terminal.isUTF8)
        let clock = ContinuousClock()
        var state = source.state(size: terminal.size)
        var last = clock.now
        while !state.wantsToQuit {
            terminal.show(Screen(state, glyphs: glyphs).frame(), theme: theme)
            for event in terminal.events(waitingAtMost: state.millisecondsToNextTick ?? -1) { state.apply(event) }
            let now = clock.now
            if state.millisecondsToNextTick != nil { state.apply(.tick(microseconds: (now - last).microseconds)) }
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
