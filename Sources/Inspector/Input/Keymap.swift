import HeapModel
import Scanner

/// One key, what it does, and how that is told. The only place where keys are written down.
package struct Binding: Sendable {
    package let keys: [Key]
    package let action: Action
    /// A full line for the help, imperative.
    package let help: String
    /// For the footer, where there is room.
    package let label: String?
    package let group: Group

    /// Headings of the help, in its order.
    package enum Group: String, CaseIterable, Sendable {
        case scan = "Scan"
        case step = "Step through the scan"
        case look = "Look"
        case control = "Control kmemleak"
        case program = "Program"
    }

    fileprivate init(_ keys: [Key], _ action: Action, _ group: Group, _ help: String, label: String? = nil) {
        self.keys = keys
        self.action = action
        self.group = group
        self.help = help
        self.label = label
    }
}

/// The table of keys: gives the key handling, the footer, the help and README's table.
package enum Keymap {
    package static let bindings: [Binding] = [
        .init(["s"], .scanAnimated, .scan, "Scan and watch it, or go on watching", label: "scan"),
        .init(["S"], .scanAtOnce, .scan, "Scan at once, or end the scan that is being watched", label: "at once"),
        .init([" "], .playPause, .scan, "Pause or play", label: "play/pause"),
        .init(["p"], .showPresent, .scan, "Leave the scan for the present: the heap as it is now", label: "present"),
        .init(["+", "="], .changeSpeed(.forwards), .scan, "Play twice as fast"),
        .init(["-"], .changeSpeed(.backwards), .scan, "Play half as fast"),

        .init(["."], .step(.reference, .forwards), .step, "To the next word that points at an object", label: "reference"),
        .init([","], .step(.reference, .backwards), .step, "Back to the reference before"),
        .init([">"], .step(.object, .forwards), .step, "To the next object or root", label: "object"),
        .init(["<"], .step(.object, .backwards), .step, "Back to the object before"),
        .init(["}"], .step(.phase, .forwards), .step, "To the next phase", label: "phase"),
        .init(["{"], .step(.phase, .backwards), .step, "Back to the phase before"),
        .init(["w"], .step(.word, .forwards), .step, "To the next word", label: "word"),
        .init(["W"], .step(.word, .backwards), .step, "Back by one word"),
        .init(["r"], .seekToReach, .step, "To the word that turned the selected object gray", label: "reached"),

        .init([.named(.up), "k"], .move(.up), .look, "Up"),
        .init([.named(.down), "j"], .move(.down), .look, "Down"),
        .init([.named(.pageUp), .control("b")], .move(.pageUp), .look, "A page up"),
        .init([.named(.pageDown), .control("f")], .move(.pageDown), .look, "A page down"),
        .init([.named(.home)], .move(.start), .look, "To the first line"),
        .init([.named(.end), "G"], .move(.end), .look, "To the last line"),
        .init([.named(.enter)], .inspect, .look, "Show the selected object's bytes"),
        .init(["g"], .ask(.address), .look, "Go to an address", label: "go to"),
        .init(["L"], .selectNextLeak(.forwards), .look, "Select the next leak", label: "leak"),
        .init(["o"], .changeOrder, .look, "Order the objects by creation, address or size"),
        .init(["1"], .focus(.objects), .look, "Keys to the objects"),
        .init(["2"], .focus(.scan), .look, "Keys to the scan"),
        .init(["3"], .focus(.hex), .look, "Keys to the bytes of the object"),
        .init(["4"], .focus(.backtrace), .look, "Keys to the backtrace"),
        .init(["5"], .focus(.log), .look, "Keys to the kernel log"),
        .init([.named(.tab)], .focusNext(.forwards), .look, "Keys to the next pane", label: "pane"),
        .init([.named(.backTab)], .focusNext(.backwards), .look, "Keys to the pane before"),

        .init(["c"], .control(.clear), .control, "Clear: reported leaks become gray for good"),
        .init(["d"], .ask(.dump), .control, "Dump an object to the log, by address", label: "dump"),
        .init(["t"], .toggleStackScanning, .control, "Scan task stacks, or not", label: "stacks"),
        .init(["a"], .toggleAutomaticScanning, .control, "Start or stop the automatic thread"),
        .init(["x"], .changeClock(.forwards), .control, "Run the kernel's clock: paused, 1x, 10x, 100x", label: "clock"),
        .init(["X"], .changeClock(.backwards), .control, "Run the clock slower, or stop it"),
        .init([":"], .ask(.command), .control, "Type a command: off, stack=off, dump=…, advance 5, config …", label: "command"),

        .init(["?"], .toggleHelp, .program, "This help", label: "help"),
        .init([.named(.escape)], .cancel, .program, "Close the help, drop a message"),
        .init(["q"], .quit, .program, "Quit", label: "quit"),
    ]

    /// The binding of a key; nil for a key that means nothing.
    package static func binding(for key: Key) -> Binding? { byKey[key] }

    private static let byKey: [Key: Binding] = Dictionary(
        bindings.flatMap { binding in binding.keys.map { ($0, binding) } }, uniquingKeysWith: { first, _ in first })

    /// README's table of keys.
    package static var markdown: String {
        let rows = bindings.map { binding in
            let keys = binding.keys.map { "`\($0.label)`" }.joined(separator: " ")
            return "| \(keys) | \(binding.help) |\n"
        }
        return "| key | what it does |\n|---|---|\n" + rows.joined()
    }
}

extension Key: ExpressibleByExtendedGraphemeClusterLiteral {
    package init(extendedGraphemeClusterLiteral character: Character) { self = .character(character) }
}
