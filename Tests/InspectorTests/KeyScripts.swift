import HeapModel
import Scanner
import Testing

@testable import Inspector

/// What a key has to do: a scenario, keys that lead to a place, the key, and what must be different then.
struct KeyScript: Sendable, CustomTestStringConvertible {
    let key: String
    let source: String
    let before: String
    let check: @Sendable (_ before: AppState, _ after: AppState) -> Bool

    init(_ key: String, in source: String = "hub-probe", after before: String = "", _ check: @escaping @Sendable (AppState, AppState) -> Bool) {
        self.key = key
        self.source = source
        self.before = before
        self.check = check
    }

    var testDescription: String { "\(before) → \(key)" }

    func run() throws -> (before: AppState, after: AppState, place: Binding.Place) {
        var state = try opened(source, columns: 120, rows: 40)
        state.press(before)
        let first = state, place = state.place
        state.press(key)
        return (first, state, place)
    }
}

/// At least one for each key of the table and each place where it means something of its own.
let keyScripts: [KeyScript] = [
    // Scan.
    .init("s") { $1.playback?.isPlaying == true && $1.playback?.tick == 0 && $1.kmemleak.scanCount == 1 },
    .init("S") { $1.playback?.isAtEnd == true && $1.leaks.count == 3 },
    .init("space", after: "s") { $0.playback?.isPlaying == true && $1.playback?.isPlaying == false },
    .init("+", after: "s") { $1.playback?.speedLabel == "2x" },
    .init("=", after: "s") { $1.playback?.speedLabel == "2x" },
    .init("-", after: "s") { $1.playback?.speedLabel == "1/2x" },
    .init("p", after: "S") { $0.playback != nil && $1.playback == nil },
    .init("F") { $0.isFollowing && !$1.isFollowing },

    // Step.
    .init(".", after: "s space }") { $1.tick > $0.tick && $1.moment?.verdict?.hits.isEmpty == false },
    .init(",", after: "s space } . .") { $1.tick < $0.tick && $1.moment?.verdict?.hits.isEmpty == false },
    .init(">", after: "s space }") { if case .block? = $1.moment?.step { $1.tick > $0.tick } else { false } },
    .init("<", after: "s space } > > >") { if case .block? = $1.moment?.step { $1.tick < $0.tick } else { false } },
    .init("}", after: "s space") { $0.moment?.phase == .prepare && $1.moment?.phase == .roots },
    .init("{", after: "S") { $1.moment?.phase == .report && !$1.playback!.isAtEnd },
    .init("w", after: "s space") { $1.tick == $0.tick + 1 },
    .init("W", after: "s space } .") { $1.tick == $0.tick - 1 },
    .init("r", after: "S g h u b 0 enter") { $1.tick < $0.tick && $1.moment?.changes.isEmpty == false },
    .init("R", after: "S g h u b 0 enter") { $1.tick < $0.tick },
    .init("b") { $1.breakpoints.count == 1 },
    .init("J", after: "S g h u b 0 enter b {") { _, after in after.message?.text.hasPrefix("No breakpoint stops") == true },
    .init("K", after: "S g h u b 0 enter b") { $1.tick < $0.tick && $1.message?.text.hasPrefix("Stopped: hub0") == true },
    .init("B") { $1.page == .breakpoints },

    // Move and find.
    .init("up", after: "down down") { $1.row == $0.row - 1 },
    .init("k", after: "down down") { $1.row == $0.row - 1 },
    .init("down") { $1.row == 1 && $0.row == 0 },
    .init("j") { $1.row == 1 },
    .init("left", after: "s space } . 4") { $1.tick == $0.tick - 1 },
    .init("h", after: "s space } . 4") { $1.tick == $0.tick - 1 },
    .init("right", after: "s space 4") { $1.tick == $0.tick + 1 },
    .init("l", after: "5") { $1.hex.cursor == $0.hex.cursor + 8 },
    .init("pgup", after: "end") { $1.row < $0.row - 5 },
    .init("ctrl-b", after: "end") { $1.row < $0.row - 5 },
    .init("pgdn") { $1.row > 5 },
    .init("ctrl-f") { $1.row > 5 },
    .init("home", after: "end") { $0.row > 5 && $1.row == 0 },
    .init("end") { $1.row == $1.list.rows.count - 1 },
    .init("G") { $1.row == $1.list.rows.count - 1 },
    .init("backspace", after: "g h u b 0 enter") { $0.row > 0 && $1.row == 0 },
    .init("L", after: "S home") { $1.selection.map($1.isLeak) == true },
    .init("g") { $1.prompt?.kind == .address },
    .init("/") { $1.prompt?.kind == .search },
    .init("n", after: "/ t a s k enter") { $1.row > $0.row },
    .init("N", after: "/ t a s k enter n") { $1.row < $0.row },
    .init("m") { $1.selection.map($1.isMarked) == true && $1.effects.contains(.saveNotes) },
    .init("'", after: "m down down") { $0.row == 2 && $1.row == 0 },
    .init("M") { $1.prompt?.kind == .note },

    // In one place only.
    .init("enter") { $0.focus == .objects && $1.focus == .hex },
    .init("enter", after: "S g h u b 0 enter 5") { $1.selection != $0.selection },
    .init("enter", after: "S 2") { $1.leakGroups.rows(open: $1.leakState.open).count > $0.leakGroups.rows(open: $0.leakState.open).count },
    .init("enter", after: "S 3 end") { $1.selection != $0.selection || $1.viewedMemory != nil },
    .init("enter", after: "S g h u b 0 enter 7 down") { $1.history.count > $0.history.count || $1.viewedMemory != nil },
    .init("enter", after: "S g h u b 0 enter 8 down") { $1.tick != $0.tick || $1.history != $0.history || $1.viewedMemory != $0.viewedMemory },
    .init("f") { $1.prompt?.kind == .filter },
    .init("f", after: "2") { $1.prompt?.kind == .filter },
    .init("f", after: "9") { $1.prompt?.kind == .logFilter },
    .init("o") { $0.list.order == .creation && $1.list.order.column != $0.list.order.column },
    .init("o", after: "S 2") { $0.leakState.order == .bytes && $1.leakState.order == .count },
    .init("O") { $1.list.order.isReversed && $1.list.rows == $0.list.rows.reversed() },
    .init("v", in: "cycle", after: "2") { $0.leakState.grouping == .backtrace && $1.leakState.grouping == .cause },
    .init("v", after: "5") { $0.hex.rowWidth == nil && $1.hexRowWidth == 8 },
    .init("+", after: "3") { $1.mapState.grid($1.map, in: $1.mapSize).bytesPerCell < $0.mapState.grid($0.map, in: $0.mapSize).bytesPerCell },
    .init("=", after: "3") { $1.mapState.grid($1.map, in: $1.mapSize).bytesPerCell < $0.mapState.grid($0.map, in: $0.mapSize).bytesPerCell },
    .init("-", after: "3") { $1.mapState.grid($1.map, in: $1.mapSize).bytesPerCell > $0.mapState.grid($0.map, in: $0.mapSize).bytesPerCell },
    .init("enter", after: "S b g h u b 0 enter b B down") { $1.page == nil && $1.message?.text.hasPrefix("Stopped: hub0") == true },
    .init("enter", after: "S L i n o t - l e a k enter down down") { $0.page == .whatIf && $1.page == nil },
    .init("delete", after: "b B") { $0.breakpoints.count == 1 && $1.breakpoints.isEmpty },
    .init("D", after: "b B") { $0.breakpoints.count == 1 && $1.breakpoints.isEmpty },

    // The screen.
    .init("1", after: "5") { $1.focus == .objects },
    .init("2") { $1.focus == .leaks && $1.isVisible(.leaks) },
    .init("3") { $1.focus == .map && $1.isVisible(.map) },
    .init("4") { $1.focus == .scan && $1.isVisible(.scan) },
    .init("5") { $1.focus == .hex && $1.isVisible(.hex) },
    .init("6") { $1.focus == .backtrace && $1.isVisible(.backtrace) },
    .init("7") { $1.focus == .references && $1.isVisible(.references) },
    .init("8") { $1.focus == .why && $1.isVisible(.why) },
    .init("9") { $1.focus == .log && $1.isVisible(.log) },
    .init("tab") { $1.focus == .leaks },
    .init("backtab") { $1.focus == .log },
    .init("z") { $1.isZoomed && $1.layout.slots.count == 1 },
    .init("[") { $1.visibleRows(of: .objects) < $0.visibleRows(of: .objects) && $1.effects.contains(.saveSettings) },
    .init("]") { $1.visibleRows(of: .objects) > $0.visibleRows(of: .objects) },
    .init("(") { $1.layout.area(of: .objects)!.columns < $0.layout.area(of: .objects)!.columns },
    .init(")") { $1.layout.area(of: .objects)!.columns > $0.layout.area(of: .objects)!.columns },
    .init("T") { $1.settings.theme != $0.settings.theme && $1.effects.contains(.saveSettings) },

    // kmemleak and its kernel.
    .init("c", after: "S") { $1.prompt?.kind == .confirm(.clear) && $1.leaks.count == 3 },
    .init("d") { $1.prompt?.kind == .dump },
    .init("t") { $0.kmemleak.heap.scansStacks && !$1.kmemleak.heap.scansStacks },
    .init("a") { $0.kmemleak.isAutomatic != $1.kmemleak.isAutomatic },
    .init("x") { $1.clockSpeed > $0.clockSpeed },
    .init("X", after: "x x") { $1.clockSpeed < $0.clockSpeed },
    .init("i") { $1.prompt?.kind == .whatIf },
    .init("I", after: "S L i f r e e enter q") { $0.page == nil && $1.page == .whatIf },
    .init("u", after: "t") { !$0.kmemleak.heap.scansStacks && $1.kmemleak.heap.scansStacks },

    // The program.
    .init(":") { $1.prompt?.kind == .command },
    .init("y") { $1.effects.contains(.copy("kmemtop hub-probe --at 0xffffffc008e00000")) },
    .init("e") { $1.prompt?.kind == .export },
    .init("?") { $1.page == .help },
    .init("esc", after: "?") { $0.page == .help && $1.page == nil },
    .init("q") { $1.wantsToQuit },
    .init("q", after: "?") { $1.page == nil && !$1.wantsToQuit },
]

extension AppState {
    fileprivate var tick: Tick { playback?.tick ?? -1 }
    fileprivate var row: Int { selection.flatMap(list.row) ?? -1 }
    fileprivate func isVisible(_ pane: Pane) -> Bool { layout.area(of: pane) != nil }
}

struct KeymapTests {
    @Test(arguments: keyScripts)
    func aKeyDoesWhatTheTableSays(script: KeyScript) throws {
        let (before, after, _) = try script.run()
        // States are too long to be printed.
        let isRight = script.check(before, after)
        #expect(isRight, "\(after.message?.text ?? "")")
    }

    @Test func everyKeyOfTheTableHasAScript() throws {
        let tested = try keyScripts.map { script in
            let key = try #require(Key(parsing: script.key))
            return (key, try #require(Keymap.binding(for: key, at: script.run().place)).action)
        }
        for binding in Keymap.bindings {
            for key in binding.keys {
                let isTested = tested.contains { $0.0 == key && $0.1 == binding.action }
                #expect(isTested, "\(key.label): \(binding.help)")
            }
        }
    }

    @Test func noKeyMeansTwoThingsInOnePlace() {
        let meanings = Keymap.bindings.flatMap { binding in
            binding.keys.flatMap { key in (binding.places.isEmpty ? [nil] : binding.places.map(Optional.some)).map { [AnyHashable(key), AnyHashable($0)] } }
        }
        #expect(Set(meanings).count == meanings.count)
    }
}
