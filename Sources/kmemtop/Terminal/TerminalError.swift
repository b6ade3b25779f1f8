/// Why there is no terminal to draw on. Nothing has been written to the screen and no mode is changed.
enum TerminalError: Error, Equatable {
    enum Stream: String { case input, output }

    case notATerminal(Stream)
    case termNotSet
    /// terminfo has no entry of this name.
    case unknownTerminal(String)
    /// The entry has no `cup`: `dumb`, or a terminal that prints on paper.
    case cannotMoveCursor(String)
    case cannotOpen(String)
}

extension TerminalError: CustomStringConvertible {
    var description: String {
        switch self {
        case .notATerminal(let stream):
            "standard \(stream.rawValue) is not a terminal, which the screen needs; see `kmemtop --help` for what works without"
        case .termNotSet:
            "TERM is not set; it must name the terminal, for example TERM=xterm-256color"
        case .unknownTerminal(let name):
            "TERM is \"\(name)\", which is no terminal that this system's terminfo knows (see `toe -a`, or try TERM=xterm)"
        case .cannotMoveCursor(let name):
            "TERM is \"\(name)\", a terminal that cannot move its cursor; the screen needs one that can, for example xterm"
        case .cannotOpen(let name):
            "ncurses cannot open a terminal of the kind that TERM names, \"\(name)\""
        }
    }
}
