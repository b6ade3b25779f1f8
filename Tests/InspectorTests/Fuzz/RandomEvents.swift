import HeapModel

@testable import Inspector

/// Whatever a person, a mouse, a window and a clock may do, in any order; for a seed always the same.
struct RandomEvents {
    private var random: SplitMix64
    /// What is left of a line that is being typed.
    private var typing: [Event] = []
    private var size = Size(columns: 80, rows: 24)
    /// What stands for an address in a line.
    private let places: [String]

    init(seed: UInt64, for state: AppState) {
        random = SplitMix64(seed: seed)
        places = state.placeNames.sorted() + state.heap.objects.pointers.map(\.description)
    }

    mutating func next() -> Event {
        if !typing.isEmpty, number(0...99) > 0 { return typing.removeFirst() }
        typing = []
        switch number(0...99) {
        case 0..<60: return .key(pick(Self.keys))
        case 60..<63: return .key(pick(Self.otherKeys))
        // Out of a prompt that was left open.
        case 63..<66: return .key(.named(.escape))
        case 66..<75:
            typing = line()
            return typing.removeFirst()
        case 75..<83: return .tick(microseconds: pick([0, 33_000, 33_000, 100_000, 400_000, 9_000_000]))
        case 83..<90: return .click(row: number(-1...size.rows), column: number(-1...size.columns))
        case 90..<93: return .doubleClick(row: number(0...size.rows), column: number(0...size.columns))
        case 93..<98: return .wheel(rows: pick([-3, -1, 1, 3, 50]), row: number(0...size.rows), column: number(0...size.columns))
        case 98: return .told("told", isError: number(0...1) == 0)
        default:
            size = number(0...3) == 0 ? Size(columns: number(0...300), rows: number(0...100)) : pick(Self.sizes)
            return .resize(size)
        }
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    private mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[number(0...choices.count - 1)] }

    // MARK: Keys

    /// A line brings the key that asks for it.
    private static let keys = Keymap.bindings.filter { if case .ask = $0.action { false } else { true } }.flatMap(\.keys)
        // What there is more to see of.
        + ["s", "S", "c", "p", ".", ",", ">", "<", "{", "}", "W", "b", "J", "L", .named(.enter), .named(.down), .named(.pageDown)]

    private static let otherKeys: [Key] = ["ä", "内", "🐧", "%", "\t", "\u{1b}", "\u{301}", .control("x"), .control("q"), .named(.delete)]

    private static let sizes = [(80, 24), (80, 50), (116, 30), (120, 40), (200, 60), (79, 24), (80, 23)].map { Size(columns: $0.0, rows: $0.1) }

    // MARK: Lines

    /// A line at one of the prompts, with the key that asks for it and one that ends it.
    private mutating func line() -> [Event] {
        let (key, lines) = pick(Self.lines)
        let text = number(0...5) == 0 ? (0...number(0...12)).map { _ in pick(Self.garbage) }.joined() : pick(lines)
        var keys = [key] + text.replacing("@", with: pick(places)).map(Key.character)
        for _ in 0..<number(0...2) { keys.insert(pick(Self.editing), at: number(1...keys.count)) }
        keys.append(number(0...9) == 0 ? .named(.escape) : .named(.enter))
        // `off` and `clear` ask.
        if text == "off" { keys += "yes".map(Key.character) + [.named(.enter)] }
        if text == "clear" { keys.append(pick(["y", "n"])) }
        return keys.map(Event.key)
    }

    private static let lines: [(Key, [String])] = [
        (":", [
            "scan", "clear", "off", "stack=off", "stack=on", "scan=on", "scan=off", "scan=30", "scan=x", "dump=@", "dump=0x10", "offline",
            "advance 3", "advance 0.25", "advance x", "undo", "undo", "help", "config", "quit", "breaks",
        ]),
        (":", [
            "goto @", "goto @+8", "filter size>128", "filter nonsense:", "filter", "set theme light", "set mouse off", "set ascii on",
            "set nothing", "export a.txt", "export a.json", "export a.svg", "export a.ansi", "export a",
        ]),
        (":", [
            "break @", "break @+8", "break white", "break gray", "break scanned", "break ignored", "break leak", "break fn:hub_probe",
            "break fn:kmalloc", "break .data", "break .data-.data+0x40", "break @-@+64", "break nowhere", "b @", "delete 1", "delete 2", "delete all", "delete x",
        ]),
        ("/", ["0", "size>64", "comm:swapper", "leak", "ff ff", "0xffff", "kmem", "no such thing", ""]),
        ("f", ["size>64", "colour:white", "colour:gray", "leak", "age<60s", "count>0", "mark", "swapper", "!", "", "no such thing"]),
        ("g", ["@", "@+8", "@-8", "@+0x1000", ".data", "0", "ffffffffffffffff", "nowhere"]),
        ("d", ["", "@", "@+8", "nowhere"]), ("M", ["a note", ""]), ("e", ["a.txt", "a.json", "a"]),
    ]

    private static let garbage = [
        " ", "  ", "@", ";", ":", "=", "-", "+", "0x", "18446744073709551616", "size>", "break ", "dump=", "\"", "'", "\\", "é", "内存", "🐧",
        "\u{301}", "\u{200d}", "\t", "\u{0}", "\u{7}", "off", "delete -1", "(", "]", "advance ", "set ",
    ]

    private static let editing: [Key] = [
        .named(.left), .named(.right), .named(.home), .named(.end), .named(.up), .named(.down), .named(.tab), .named(.backspace), .named(.delete),
        .control("u"), .control("w"), .control("k"), .control("a"), .control("e"),
    ]
}
