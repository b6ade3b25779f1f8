/// What may be typed after `:`. The program's own verbs; everything else goes to kmemleak's control file.
package enum PromptCommand: Equatable, Sendable {
    case quit, help
    /// `config`: how the kernel was configured and started.
    case configuration
    /// `roots`: what the last scan read.
    case roots
    /// `goto ADDRESS`
    case goTo(String)
    /// `advance SECONDS`: moves the clock.
    case advance(String)
    /// `filter TERMS`
    case filter(String)
    /// `break PLACE`: an address, a range, a name, a colour.
    case breakOn(String)
    /// `breaks`: their list.
    case breakpoints
    /// `delete NUMBER` or `delete all`
    case deleteBreakpoint(String)
    /// `set NAME VALUE`
    case set(String)
    /// `if SUPPOSITION`
    case suppose(String)
    /// `export FILE`
    case export(String)
    /// `graph FILE`: what points where around the selected object, for Graphviz.
    case graph(String)
    case undo
    /// As it will be written.
    case control(String)

    /// For completion, with a blank behind those that take an argument.
    static let names = [
        "advance ", "break ", "breaks", "clear", "config", "delete ", "dump=", "export ", "filter ", "goto ", "graph ",
        "help", "if ", "off", "quit", "roots", "scan", "scan=off", "scan=on", "set ascii ", "set mouse ", "set theme ", "stack=off", "stack=on", "undo",
    ]

    package init(parsing text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        let argument = words.count == 2 ? String(words[1]) : ""
        self = switch words.first {
        case "q", "quit": .quit
        case "help": .help
        case "config": .configuration
        case "roots": .roots
        case "goto", "g": .goTo(argument)
        case "advance": .advance(argument)
        case "filter": .filter(argument)
        case "break", "b": .breakOn(argument)
        case "breaks": .breakpoints
        case "delete": .deleteBreakpoint(argument)
        case "set": .set(argument)
        case "if": .suppose(argument)
        case "export": .export(argument)
        case "graph": .graph(argument)
        case "undo": .undo
        default: .control(text)
        }
    }
}
