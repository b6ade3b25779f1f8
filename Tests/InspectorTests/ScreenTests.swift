import HeapModel
import Scanner
import Synchronization
import Testing

@testable import Inspector

/// The state of a program that has just opened a scenario.
func opened(_ name: String = "hub-probe", columns: Int = 80, rows: Int = 24) throws -> AppState {
    AppState(sourceName: name, machine: try booted.machine(name), size: Size(columns: columns, rows: rows))
}

/// Kernels that have played their scenario's steps: booting one takes longer than most tests.
private let booted = BootedMachines()

private final class BootedMachines: Sendable {
    private let machines = Mutex<[String: Machine]>([:])

    func machine(_ name: String) throws -> Machine {
        try machines.withLock { machines in
            if let machine = machines[name] { return machine }
            let machine = try Machine(Scenario(builtIn: name))
            machines[name] = machine
            return machine
        }
    }
}

extension AppState {
    mutating func press(_ keys: String) {
        for key in keys.split(separator: " ").compactMap({ Key(parsing: $0) }) { apply(.key(key)) }
    }

    mutating func type(_ line: String) {
        for character in line { apply(.key(.character(character))) }
        apply(.key(.named(.enter)))
    }
}

struct ScreenTests {
    @Test func theFirstScreenAt80x24() throws {
        #expect(Screen(try opened()).frame().text.hasPrefix("""
             kmemtop hub-probe  4.9.118 arm64  up 65.08 s ‖  kmemleak on  auto in 0 s
             prepare → roots → gray list → modified → gray list → report   press s to scan
             ○ white 312  ◐ gray 0  ● scanned 0  ■ ignored 0  leaks 0  ░░░░░░░░░░░░░░░░░░░░
            ─ 1 objects ─ 2 leaks ─ 3 map ───────────────────────────────────── 312 by age ─
             C  ADDRESS               SIZE COUNT   AGE▲ COMM        ALLOCATED IN
             ○W 0xffffffc008e00000     192   0/1  65.0s swapper/0   kmem_cache0  create_cach
             ○W 0xffffffc008e000c0     192   0/1  65.0s swapper/0   kmem_cache1  create_cach
            """))
    }

    @Test func aFinishedScanShowsTheFirstLeakWithItsBacktrace() throws {
        var state = try opened()
        state.press("S 6")
        let lines = Screen(state).frame().text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[2].hasPrefix(" ○ white 3  ◐ gray 0  ● scanned 309  ■ ignored 0  leaks 3 "))
        #expect(lines[10] == " ○L 0xffffffc008efcc00     512   0/1  63.1s swapper/0   leak0_kzalloc  hub_probe")
        #expect(lines[12] == " object 0xffffffc008efcc00  size 512  comm \"swapper/0\"  pid 1")
        #expect(lines[13] == " count 0 of 1  flags ALLOCATED|REPORTED  checksum 0  jiffies 4294892779")
        #expect(lines[14] == " 0xffffff8008156eac  __save_stack_trace+0x24/0x30")
    }

    @Test func theScanPaneTellsTheVerdictOfEachWord() throws {
        var state = try opened()
        state.press("s space } .")
        let text = Screen(state).frame().text
        #expect(text.contains(" root .data  0xffffff8008a10000, 4096 bytes"))
        #expect(text.contains("   +0x10 ffffffc008e00068 ──▶ ◐G kmem_cache0+0x68  1 of 1"))
        #expect(text.contains(
            " 0xffffff8008a10010 in .data+0x10 points 104 bytes into kmem_cache0\n"
                + " (0xffffffc008e00000) → count 1 of 1: white → gray."))
        #expect(text.contains("gray list 1") && text.contains("◐ kmem_cache0"))
    }

    @Test func theWordUnderTheCursorIsMarked() throws {
        var state = try opened()
        state.press("s space } .")
        let frame = Screen(state).frame()
        let cursor = (0..<24).flatMap { row in (0..<80).filter { frame[row, $0].style == .cursor }.map { frame[row, $0].text } }
        #expect(cursor.joined() == "ffffffc008e00068")
    }

    @Test func aLeakHasAStyleOfItsOwnAndALetter() throws {
        var state = try opened()
        state.press("S")
        let frame = Screen(state).frame()
        #expect(frame[10, 1] == Cell("○", .leak))
        #expect(frame[10, 2] == Cell("L", .leak))
    }

    @Test func bytesThatPointAtObjectsHaveTheirColour() throws {
        var state = try opened(columns: 160, rows: 50)
        state.press("S g")
        state.type("0xffffffc008efce00")
        state.press("5 down")
        let frame = Screen(state).frame()
        let row = try #require((0..<50).first { row in
            (60..<160).map { frame[row, $0].text }.joined().contains("   +0x0  30 2a e0 08 c0 ff ff ff")
        })
        let column = try #require((60..<160).first { frame[row, $0].text == "3" })
        #expect(frame[row, column].style == .scanned)
    }

    @Test(arguments: [(79, 24), (80, 23), (1, 1), (0, 0)])
    func aScreenTooSmallSaysHowMuchItNeeds(columns: Int, rows: Int) throws {
        let text = Screen(try opened(columns: columns, rows: rows)).frame().text
        if columns >= 30 { #expect(text.hasPrefix("kmemtop needs 80x24,\nthis is \(columns)x\(rows).")) }
    }

    @Test(arguments: [(80, 24), (116, 29), (116, 30), (120, 40), (160, 50), (200, 60), (400, 200)])
    func everySizeHasItsPanes(columns: Int, rows: Int) throws {
        var state = try opened(columns: columns, rows: rows)
        state.press("s space . .")
        let layout = state.layout
        #expect(Set(layout.slots.flatMap(\.panes)) == Set(Pane.allCases), "each pane has a place")
        #expect(layout.area(of: .scan) != nil)
        // Every cell between header and footer belongs to exactly one slot, borders apart.
        for row in 3..<rows - 1 {
            let owned = (0..<columns).count { column in layout.slots.count { $0.area.contains(row: row, column: column) } == 1 }
            let bordered = (0..<columns).count { column in layout.dividers.contains { $0.contains(row: row, column: column) } }
            #expect(owned + bordered == columns)
        }
        for key in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "z", "?"] {
            state.press(key)
            #expect(Screen(state).frame().size == state.size)
        }
    }

    @Test func controlCharactersNeverReachTheScreen() throws {
        var heap = try Machine(Scenario(builtIn: "cycle")).heap
        heap.objects[ObjectID(0)].comm = Comm("\u{1b}[31m\u{7}\u{9b}x")
        let state = AppState(
            sourceName: "a\u{1b}]0;b\u{7}", 
            machine: Machine(Kmemleak(heap, log: [LogLine(time: Microseconds(1), text: "\u{1b}[2J\r\nboo")])),
            size: Size(columns: 160, rows: 50))
        let text = Screen(state).frame().text
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        #expect(text.contains("·[31m··x"))
    }

    @Test func wideCharactersTakeTwoColumnsAndAreNotCutInHalf() {
        var frame = Frame(size: Size(columns: 6, rows: 1))
        frame.put("内存泄露", row: 0, column: 1)
        #expect((0..<6).map { frame[0, $0].text } == [" ", "内", "", "存", "", " "])
        #expect(TextWidth.columns(of: "e\u{301}内") == 3)
    }

    @Test func withoutUnicodeAllIsASCII() throws {
        var state = try opened()
        state.press("s space . .")
        let text = Screen(state, glyphs: Glyphs(isUnicode: false)).frame().text
        #expect(text.contains("oW 0x") && text.contains("cG"))
        let others = text.filter { !$0.isASCII }
        #expect(others.isEmpty)
    }

    @Test(arguments: ["?", "S 8", "S 3", "S 7", "x S L", "b B"])
    func withoutUnicodeEveryPaneAndPageIsASCII(keys: String) throws {
        for size in PaneFrameTests.sizes {
            var state = try opened(columns: size.columns, rows: size.rows)
            state.press(keys)
            let text = Screen(state, glyphs: Glyphs(isUnicode: false)).frame().text
            let others = text.filter { !$0.isASCII }
            #expect(others.isEmpty)
        }
    }
}
