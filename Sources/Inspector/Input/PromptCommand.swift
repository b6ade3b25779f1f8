/// What may be typed after `:`. The program's own verbs; everything else goes to kmemleak's control file.
package enum PromptCommand: Equatable, Sendable {
    case quit, help
    /// `config`: how the kernel was configured and started.
    case configuration
    /// `goto ADDRESS`
    case goTo(String)
    /// `advance SECONDS`: moves the clock.
    case advance(String)
    /// As it will be written.
    case control(String)

    package init(parsing text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        let argument = words.count == 2 ? String(words[1]) : ""
        self = switch words.first {
        case "q", "quit": .quit
        case "help": .help
        case "config": .configuration
        case "goto", "g": .goTo(argument)
        case "advance": .advance(argument)
        default: .control(text)
        }
    }
}
