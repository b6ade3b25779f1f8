import Scanner

/// A line that is being typed at the foot of the screen.
package struct Prompt: Equatable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `:`, any command.
        case command
        /// `g`, an address to go to.
        case address
        /// `d`, an address to dump.
        case dump
        /// `/`, what to look for.
        case search
        /// `f`, which objects to show, or which lines of the log.
        case filter, logFilter
        /// `M`, a note about the selected object.
        case note
        /// `e`, a file's name.
        case export
        /// `i`, a supposition.
        case whatIf
        /// A yes or no before something that changes much.
        case confirm(ControlCommand)

        package var label: String {
            switch self {
            case .command: ":"
            case .address: "go to: "
            case .dump: "dump: "
            case .search: "/"
            case .filter: "filter: "
            case .logFilter: "lines with: "
            case .note: "note: "
            case .export: "export to: "
            case .whatIf: "what if: "
            case .confirm(.off): "off ends kmemleak for good on a real kernel (here u takes it back). Type yes to do it: "
            case .confirm(let command): "\(command.text) turns the reported leaks gray. y to do it: "
            }
        }

        /// What may be typed, told while nothing is.
        var hint: String {
            switch self {
            case .command: "scan, clear, off, stack=off, dump=ADDRESS, advance 5, break hub0, breaks, config, set theme light, help, quit"
            case .address, .dump: "ffff888000ad0c00, hub0+0x40, .data, a symbol"
            case .search: "text, or as in a filter: size>512 fn:hub_"
            case .filter: "size>512 comm:kworker colour:white fn:hub_ age<60s; empty shows all"
            case .logFilter: "empty shows all"
            case .note: "empty takes the note away"
            case .export: "NAME.txt or .json: the leaks; .svg, .ansi: this screen"
            case .whatIf: SuppositionVerb.hint
            case .confirm: ""
            }
        }

        /// Whether the screen follows while it is typed.
        var isIncremental: Bool { [.search, .filter, .logFilter].contains(self) }
    }

    package let kind: Kind
    package var text: String
    /// Characters before the cursor.
    package var cursor: Int

    package init(_ kind: Kind, text: String = "") {
        self.kind = kind
        self.text = text
        cursor = text.count
    }
}

extension Prompt {
    /// What joins the character before it, as a combining mark does, leaves the cursor where it is.
    mutating func insert(_ character: Character) {
        let count = text.count
        text.insert(character, at: position)
        cursor = max(0, cursor + text.count - count)
    }

    /// Takes away the character before the cursor.
    mutating func deleteBackwards() {
        guard cursor > 0 else { return }
        cursor -= 1
        text.remove(at: position)
    }

    mutating func delete() {
        if cursor < text.count { text.remove(at: position) }
    }

    /// Takes away the word before the cursor, and the blanks behind it.
    mutating func deleteWord() {
        let before = text.prefix(cursor)
        let blanks = before.reversed().prefix { $0 == " " }.count
        let word = before.dropLast(blanks).reversed().prefix { $0 != " " }.count
        for _ in 0..<(blanks + word) { deleteBackwards() }
    }

    mutating func moveCursor(by characters: Int) { cursor = min(max(0, cursor + characters), text.count) }

    private var position: String.Index { text.index(text.startIndex, offsetBy: cursor) }
}
