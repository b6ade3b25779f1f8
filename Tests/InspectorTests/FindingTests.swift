import HeapModel
import Scanner
import Testing

@testable import Inspector

/// Searching, filtering, following, breaking, the mouse.
struct FindingTests {
    @Test func aSearchFollowsWhatIsTyped() throws {
        var state = try opened()
        state.press("/ h u b 0")
        #expect(state.search?.matches.count == 1)
        let row = state.selection.flatMap(state.list.row)
        state.press("esc")
        #expect(state.search == nil && state.selection.flatMap(state.list.row) == 0 && row != 0)
    }

    @Test func aSearchThatIsNotFoundLeavesTheCursor() throws {
        var state = try opened()
        state.press("down down /")
        state.type("nosuchthing")
        #expect(state.selection.flatMap(state.list.row) == 2)
        #expect(state.message == AppState.Message(text: "nosuchthing: not found.", isError: true))
    }

    @Test func helpIsSearched() throws {
        var state = try opened()
        state.press("? /")
        state.type("breakpoint")
        #expect(state.page == .help && state.pageCursor > 0)
        #expect(state.lines(of: .help)[state.pageCursor].plain.lowercased().contains("breakpoint"))
        let first = state.pageCursor
        state.press("n")
        #expect(state.pageCursor > first)
    }

    @Test func bytesAreSearchedAsTextAndAsHex() throws {
        var state = try opened()
        state.press("g")
        state.type("kmem_cache11")
        state.press("5 /")
        state.type("task_str")
        let offset = state.hex.cursor
        #expect(offset > 0)
        state.press("home /")
        state.type("74 61 73 6b")
        #expect(state.hex.cursor == offset)
        #expect(BytePattern(parsing: "0x1234") == BytePattern(parsing: "34 12") && BytePattern(parsing: "123") == nil)
    }

    @Test func aFilterIsShownAsItIsTypedAndEscEndsIt() throws {
        var state = try opened()
        state.press("f")
        for character in "size=512" { state.apply(.key(.character(character))) }
        let shown = state.list.rows.count
        #expect(shown > 0 && shown < 312)
        state.press("enter")
        #expect(state.message?.text == "\(shown) of 312 objects; Esc shows all.")
        state.press("esc")
        #expect(state.list.rows.count == 312)
    }

    @Test func aMistakeInAFilterIsToldWithItsColumn() throws {
        var state = try opened()
        state.press("f")
        state.type("size>512 colr:white")
        #expect(state.message?.isError == true)
        #expect(state.message?.text == "filter: column 10: no field is called \"colr\"; did you mean \"color\"?")
    }

    /// While a scan plays, what a filter by colour shows goes with it.
    @Test func aFilterByColourFollowsTheScan() throws {
        var state = try opened()
        state.press("f")
        state.type("colour:gray")
        #expect(state.list.rows.isEmpty)
        state.press("s space } . . .")
        #expect(state.list.rows.count == state.moment?.totals[.gray])
        state.press(",")
        #expect(state.list.rows.count == state.moment?.totals[.gray])
    }

    @Test(arguments: ObjectColumn.allCases)
    func theTableIsSortedByAnyColumn(column: ObjectColumn) throws {
        var state = try opened("sample-module", columns: 200, rows: 60)
        state.press("S")
        state.sort(ObjectOrder(column: column))
        let rows = state.list.rows
        #expect(Set(rows).count == state.list.objectCount)
        let keys: [String] = rows.map { id in
            let objects = state.heap.objects, row = id.index
            func padded(_ number: UInt64) -> String { String(repeating: "0", count: 20 - String(number).count) + String(number) }
            return switch column {
            case .mark: state.isLeak(id) ? "0" : "\(1 + Shade.allCases.firstIndex(of: state.shade(of: id))!)"
            case .address: padded(objects.pointers[row].rawValue)
            case .size: padded(.max - objects.sizes[row])
            case .count: padded(UInt64(1 << 32) - UInt64(max(0, state.count(of: id))))
            case .age: padded(UInt64(row))
            case .comm: objects.comms[row].string
            case .pid: padded(UInt64(objects.pids[row]))
            case .flags: padded(UInt64(UInt32.max - objects.flags[row].rawValue))
            case .site: state.label(of: id)
            }
        }
        #expect(keys == keys.sorted())
        state.press("O")
        #expect(state.list.rows == rows.reversed())
    }

    @Test func whatChangedSinceTheLastScanIsMarked() throws {
        var state = try opened("busy", columns: 160, rows: 48)
        state.press("S p :")
        state.type("advance 5")
        state.press("p")
        let memory = try #require(state.memoryOfLastScan)
        let changed = try #require(state.list.rows.first { id in
            let range = state.heap.objects.range(of: id)
            return memory.contains(range) && state.heap.memory.bytes(in: range) != memory.bytes(in: range)
                && state.heap.memory.bytes(in: range).prefix(64) != memory.bytes(in: range).prefix(64)
        })
        state.visit(changed)
        state.press("5")
        let frame = Screen(state).frame()
        let styles = (0..<48).flatMap { row in (0..<160).map { frame[row, $0].style } }
        #expect(styles.contains(.changed))
    }

    // MARK: Breakpoints

    @Test func playingStopsAtABreakpoint() throws {
        var state = try opened()
        state.press("g")
        state.type("hub0")
        state.press("b s")
        var ticks = 0
        while state.playback?.isPlaying == true, ticks < 4000 {
            state.apply(.tick(microseconds: 33_000))
            ticks += 1
        }
        #expect(state.message?.text == "Stopped: hub0 turned gray.")
        let reached = try #require(state.moment?.tick)
        #expect(state.playback?.isAtEnd == false)
        state.press("J")
        #expect(state.message?.text == "Stopped: hub0 is scanned." && state.moment!.tick > reached)
        state.press("K")
        #expect(state.moment?.tick == reached)
    }

    @Test(arguments: [
        ("leak", "is reported"), ("gray", "turned gray"), ("fn:hub_probe", "turned gray"), (".data", "the scan reads .data"),
        (".data+0x10-.data+0x20", "the scan reads"), ("hub0+0x40", "the scan reads hub0+0x40"),
    ])
    func aBreakpointIsAnAddressARangeANameAFunctionOrAColour(place: String, reason: String) throws {
        var state = try opened()
        state.press("S { { { { { {")
        state.press(":")
        state.type("break \(place)")
        #expect(state.breakpoints.count == 1 && state.message?.isError == false)
        state.press("J")
        #expect(state.message?.text.hasPrefix("Stopped: ") == true && state.message!.text.contains(reason), "\(state.message!.text)")
    }

    // MARK: Mouse

    @Test func aClickOnAHeadingSortsAndOnATabComesToTheFront() throws {
        var state = try opened()
        state.apply(.click(row: 4, column: 25))
        #expect(state.list.order == ObjectOrder(column: .size))
        state.apply(.click(row: 4, column: 25))
        #expect(state.list.order == ObjectOrder(column: .size, isReversed: true))
        state.apply(.click(row: 3, column: 16))
        #expect(state.focus == .leaks)
        state.apply(.click(row: 3, column: 3))
        #expect(state.focus == .objects)
    }

    @Test func aDoubleClickOpens() throws {
        var state = try opened()
        state.apply(.click(row: 7, column: 20))
        state.apply(.doubleClick(row: 7, column: 20))
        #expect(state.selection.flatMap(state.list.row) == 2 && state.focus == .hex)
    }

    @Test func aClickOnAPhaseGoesThere() throws {
        var state = try opened()
        state.press("S")
        state.apply(.click(row: 1, column: 14))
        #expect(state.moment?.phase == .roots)
        if case .phase(.roots)? = state.moment?.step {} else { Issue.record("not at the beginning of the phase") }
    }
}
