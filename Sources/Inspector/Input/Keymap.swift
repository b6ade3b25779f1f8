import HeapModel
import Scanner

/// One key, where it counts, what it does, and how that is told. The only place where keys are written down.
package struct Binding: Sendable {
    package let keys: [Key]
    package let action: Action
    /// A full line for the help, imperative.
    package let help: String
    /// For the footer, where there is room.
    package let label: String?
    package let group: Group
    /// Where the key means this; empty: wherever no binding of the place takes it.
    package let places: [Place]

    /// What can have the keys.
    package enum Place: Hashable, Sendable {
        case pane(Pane), page(Page)

        package var title: String {
            switch self {
            case .pane(let pane): pane.title
            case .page(let page): "page \(page.title)"
            }
        }
    }

    /// Headings of the help, in its order.
    package enum Group: String, CaseIterable, Sendable {
        case scan = "Scan"
        case step = "Step through the scan"
        case move = "Move and find"
        case place = "In one place only"
        case screen = "Arrange the screen"
        case control = "Control kmemleak and its kernel"
        case program = "Program"
    }

    fileprivate init(
        _ keys: [Key], _ action: Action, _ group: Group, in panes: [Pane] = [], on page: Page? = nil, _ help: String,
        label: String? = nil
    ) {
        self.keys = keys
        self.action = action
        self.group = group
        places = panes.map(Place.pane) + (page.map { [.page($0)] } ?? [])
        self.help = help
        self.label = label
    }

    /// "objects, leaks: ", or nothing for a key that counts everywhere.
    package var place: String { places.isEmpty ? "" : places.map(\.title).joined(separator: ", ") + ": " }
}

/// The table of keys: gives the key handling, the footer, the help, the man page and README's table.
package enum Keymap {
    package static let bindings: [Binding] = [
        .init(["s"], .scanAnimated, .scan, "Scan and watch it, or go on watching", label: "scan"),
        .init(["S"], .scanAtOnce, .scan, "Scan at once, or end the scan that is being watched", label: "at once"),
        .init([" "], .playPause, .scan, "Pause or play", label: "play/pause"),
        .init(["+", "="], .changeSpeed(.forwards), .scan, "Play twice as fast"),
        .init(["-"], .changeSpeed(.backwards), .scan, "Play half as fast"),
        .init(["p"], .showPresent, .scan, "Leave the scan for the present: the heap as it is now", label: "present"),
        .init(["F"], .toggleFollowing, .scan, "Follow mode: the selection goes with the scan, or stays"),

        .init(["."], .step(.reference, .forwards), .step, "To the next word that points at an object", label: "step"),
        .init([","], .step(.reference, .backwards), .step, "Back to the reference before"),
        .init([">"], .step(.object, .forwards), .step, "To the next object or root"),
        .init(["<"], .step(.object, .backwards), .step, "Back to the object before"),
        .init(["}"], .step(.phase, .forwards), .step, "To the next phase"),
        .init(["{"], .step(.phase, .backwards), .step, "Back to the phase before"),
        .init(["w"], .step(.word, .forwards), .step, "To the next word"),
        .init(["W"], .step(.word, .backwards), .step, "Back by one word"),
        .init(["r"], .seekToChange(.forwards), .step, "To the next moment at which the selected object changes", label: "its change"),
        .init(["R"], .seekToChange(.backwards), .step, "Back to the selected object's change before"),
        .init(["b"], .toggleBreakpoint, .step, "Break when the selected object changes colour, or no more"),
        .init(["J"], .seekToBreakpoint(.forwards), .step, "Run to the next breakpoint"),
        .init(["K"], .seekToBreakpoint(.backwards), .step, "Back to the breakpoint before"),
        .init(["B"], .show(.breakpoints), .step, "List the breakpoints"),

        .init([.named(.up), "k"], .move(.up), .move, "Up"),
        .init([.named(.down), "j"], .move(.down), .move, "Down"),
        .init([.named(.left), "h"], .move(.left), .move, "Left"),
        .init([.named(.right), "l"], .move(.right), .move, "Right"),
        .init([.named(.pageUp), .control("b")], .move(.pageUp), .move, "A page up"),
        .init([.named(.pageDown), .control("f")], .move(.pageDown), .move, "A page down"),
        .init([.named(.home)], .move(.start), .move, "To the first line"),
        .init([.named(.end), "G"], .move(.end), .move, "To the last line"),
        .init([.named(.backspace)], .back, .move, "Back to the object looked at before", label: "back"),
        .init(["L"], .selectNextLeak(.forwards), .move, "Select the next leak", label: "leak"),
        .init(["g"], .ask(.address), .move, "Go to an address, a name, a symbol, each with +offset", label: "go to"),
        .init(["/"], .ask(.search), .move, "Search in the pane that has the keys", label: "search"),
        .init(["n"], .nextMatch(.forwards), .move, "To the next match"),
        .init(["N"], .nextMatch(.backwards), .move, "Back to the match before"),
        .init(["m"], .toggleMark, .move, "Mark the selected object, or no more; kept between runs"),
        .init(["'"], .selectNextMark, .move, "Select the next marked object"),
        .init(["M"], .ask(.note), .move, "Write a note about the selected object; kept between runs"),

        .init([.named(.enter)], .open, .place, in: [.objects], "Look at the selected object's bytes", label: "bytes"),
        .init([.named(.enter)], .open, .place, in: [.hex], "Follow the pointer under the cursor", label: "follow"),
        .init([.named(.enter)], .open, .place, in: [.leaks], "Open or close the group, or look at the leak's bytes", label: "open"),
        .init([.named(.enter)], .open, .place, in: [.map], "Look at the object under the cursor", label: "look"),
        .init([.named(.enter)], .open, .place, in: [.references, .why], "Go to what the line tells of", label: "go there"),
        .init(["f"], .ask(.filter), .place, in: [.objects, .leaks], "Show only some objects: size>512 comm:kworker colour:white fn:hub_", label: "filter"),
        .init(["f"], .ask(.logFilter), .place, in: [.log], "Show only lines with a text", label: "filter"),
        .init(["o"], .sortByNextColumn, .place, in: [.objects, .leaks], "Sort by the next column", label: "sort"),
        .init(["O"], .reverseOrder, .place, in: [.objects], "Turn the order round"),
        .init(["v"], .changeGrouping, .place, in: [.leaks], "Group by cause, which no other leak points at, or by backtrace", label: "by cause"),
        .init(["v"], .changeRowWidth, .place, in: [.hex], "8, 16 or 32 bytes in a row", label: "width"),
        .init(["+", "="], .zoomMap(.forwards), .place, in: [.map], "Closer: fewer bytes in a cell", label: "closer"),
        .init(["-"], .zoomMap(.backwards), .place, in: [.map], "Farther: more bytes in a cell", label: "farther"),

        .init([.named(.enter)], .open, .place, on: .breakpoints, "Go to the breakpoint's next stop", label: "go there"),
        .init([.named(.enter)], .open, .place, on: .whatIf, "Go to the object that changed colour", label: "go there"),
        .init([.named(.delete), "D"], .deleteBreakpoint, .place, on: .breakpoints, "Delete the breakpoint", label: "delete"),

        .init(["1"], .focus(.objects), .screen, "Keys to the objects"),
        .init(["2"], .focus(.leaks), .screen, "Keys to the leaks, grouped by backtrace"),
        .init(["3"], .focus(.map), .screen, "Keys to the map of the address space"),
        .init(["4"], .focus(.scan), .screen, "Keys to the scan"),
        .init(["5"], .focus(.hex), .screen, "Keys to the selected object's bytes"),
        .init(["6"], .focus(.backtrace), .screen, "Keys to its backtrace"),
        .init(["7"], .focus(.references), .screen, "Keys to its references: who points at it, what it points at"),
        .init(["8"], .focus(.why), .screen, "Keys to why it is thought lost, or not"),
        .init(["9"], .focus(.log), .screen, "Keys to the kernel log"),
        .init([.named(.tab)], .focusNext(.forwards), .screen, "Keys to the next pane", label: "pane"),
        .init([.named(.backTab)], .focusNext(.backwards), .screen, "Keys to the pane before"),
        .init(["z"], .zoomPane, .screen, "Give the pane the whole screen, or no more", label: "zoom"),
        .init(["["], .moveBorder(.rows, .backwards), .screen, "Make the pane shorter"),
        .init(["]"], .moveBorder(.rows, .forwards), .screen, "Make the pane taller"),
        .init(["("], .moveBorder(.columns, .backwards), .screen, "Make the pane narrower"),
        .init([")"], .moveBorder(.columns, .forwards), .screen, "Make the pane wider"),
        .init(["T"], .changeTheme, .screen, "The next theme"),

        .init(["c"], .ask(.confirm(.clear)), .control, "Clear: reported leaks become gray; asks first"),
        .init(["d"], .ask(.dump), .control, "Dump an object to the log, by address", label: "dump"),
        .init(["t"], .toggleStackScanning, .control, "Scan task stacks, or not", label: "stacks"),
        .init(["a"], .toggleAutomaticScanning, .control, "Start or stop the automatic thread"),
        .init(["x"], .changeClock(.forwards), .control, "Run the kernel's clock: paused, 1x, 10x, 100x", label: "clock"),
        .init(["X"], .changeClock(.backwards), .control, "Run the clock slower, or stop it"),
        .init(["i"], .ask(.whatIf), .control, "What if: a word cut, the object freed or annotated, a root left out", label: "what if"),
        .init(["I"], .show(.whatIf), .control, "List what is supposed, and what changed colour"),
        .init(["u"], .undo, .control, "Undo the last command: clear, off, stack, scan, a supposition …", label: "undo"),

        .init([":"], .ask(.command), .program, "Type a command: off, stack=off, dump=…, advance 5, break …, set …", label: "command"),
        .init(["y"], .copyPlace, .program, "Copy the command line that opens this very place"),
        .init(["e"], .ask(.export), .program, "Export: leaks as a report or JSON, or the screen as a picture"),
        .init(["?"], .show(.help), .program, "This help; / searches in it", label: "help"),
        .init([.named(.escape)], .cancel, .program, "Stop what takes long, close a page, end a search, drop a filter or a message"),
        .init(["q"], .quit, .program, "Quit; on a page, close it", label: "quit"),
    ]

    /// What a key means at a place; nil for a key that means nothing there.
    package static func binding(for key: Key, at place: Binding.Place) -> Binding? {
        let candidates = byKey[key] ?? []
        return candidates.first { $0.places.contains(place) } ?? candidates.first { $0.places.isEmpty }
    }

    /// Where a key means something that means nothing everywhere.
    package static func places(for key: Key) -> [Binding.Place] { (byKey[key] ?? []).flatMap(\.places) }

    private static let byKey: [Key: [Binding]] = Dictionary(
        bindings.flatMap { binding in binding.keys.map { ($0, [binding]) } }, uniquingKeysWith: +)

    /// README's table of keys.
    package static var markdown: String {
        let rows = bindings.map { binding in
            let keys = binding.keys.map { "`\($0.label)`" }.joined(separator: " ")
            return "| \(keys) | \(binding.place)\(binding.help) |\n"
        }
        return "| key | what it does |\n|---|---|\n" + rows.joined()
    }
}

extension Key: ExpressibleByExtendedGraphemeClusterLiteral {
    package init(extendedGraphemeClusterLiteral character: Character) { self = .character(character) }
}
