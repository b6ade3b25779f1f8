import CVTerm
import Glibc
import Testing

extension TerminalTests {
    /// Keys, mouse and size reach the program.
    @Suite struct Input {
        @Test func helpOpensAndCloses() throws {
            let terminal = try startedProgram()
            let before = terminal.lines
            terminal.type("?")
            try terminal.wait(for: "Help")
            terminal.press(VTERM_KEY_ESCAPE)
            try terminal.wait("the screen as it was") { $0.lines == before }
        }

        @Test func arrowKeysMoveTheSelection() throws {
            let terminal = try startedProgram()
            let before = terminal.looks
            terminal.press(VTERM_KEY_DOWN)
            try terminal.wait("another row to be selected") { $0.looks != before }
            terminal.press(VTERM_KEY_UP)
            try terminal.wait("the first row to be selected again") { $0.looks == before }
        }

        @Test func aClickSelectsTheRowUnderIt() throws {
            let terminal = try startedProgram()
            let row = try #require(terminal.lastObjectRow)
            let before = terminal.looks[row]
            terminal.click(row: row, column: 10)
            try terminal.wait("row \(row) to look otherwise") { $0.looks[row] != before }
        }

        @Test func theWheelMoves() throws {
            let terminal = try startedProgram()
            let before = terminal.looks
            let row = try #require(terminal.lastObjectRow)
            terminal.click(row: row, column: 10, button: 5)
            try terminal.wait("the screen to change") { $0.looks != before }
        }

        @Test func theScanIsAnimatedAndPauses() throws {
            let terminal = try startedProgram()
            let before = terminal.lines
            terminal.type("s")
            try terminal.wait("the scan to show") { $0.lines != before }
            let then = terminal.lines
            try terminal.wait("the scan to go on") { $0.lines != then }
            terminal.type(" ")
            #expect(try terminal.quit() == .exited(0))
        }

        @Test func theLastRowIsThePrompt() throws {
            let terminal = try startedProgram()
            terminal.type(":")
            try terminal.wait("the prompt") { $0.line(23).hasPrefix(":") }
            terminal.type("dump=0xé")
            try terminal.wait("the text") { $0.line(23).hasPrefix(":dump=0xé") }
            terminal.press(VTERM_KEY_ESCAPE)
            try terminal.wait("the prompt to close") { !$0.line(23).hasPrefix(":") }
            #expect(try terminal.quit() == .exited(0))
        }

        @Test func aNewSizeIsFilled() throws {
            let terminal = try startedProgram()
            let last = terminal.line(23)
            #expect(!last.isEmpty)
            terminal.resize(rows: 40, columns: 120)
            try terminal.wait("the last row of 40") { !$0.line(39).isEmpty && $0.showsFirstScreen }
            terminal.resize(rows: 24, columns: 80)
            try terminal.wait("the last row of 24") { $0.line(23) == last }
        }

        @Test(arguments: [(23, 80), (24, 79), (5, 10), (1, 1)])
        func aTerminalTooSmallIsToldSoAndRecovers(rows: Int, columns: Int) throws {
            let terminal = try startedProgram()
            let before = terminal.lines
            terminal.resize(rows: rows, columns: columns)
            if columns >= 40 {
                try terminal.wait(for: "needs 80x24")
            } else {
                try terminal.wait("the picture to go") { !$0.showsFirstScreen }
            }
            terminal.resize(rows: 24, columns: 80)
            try terminal.wait("the screen as it was") { $0.lines == before }
            #expect(try terminal.quit() == .exited(0))
        }

        @Test func aTerminalTooSmallFromTheStartRecovers() throws {
            let terminal = try PseudoTerminal([programPath], rows: 10, columns: 40)
            try terminal.wait(for: "needs 80x24")
            terminal.resize(rows: 24, columns: 80)
            try terminal.wait("the first screen") { $0.showsFirstScreen }
        }
    }
}

extension PseudoTerminal {
    /// Each row as text and look, to see a selection that shows by colour alone.
    fileprivate var looks: [[Cell]] {
        (0..<rows).map { row in (0..<columns).map { cell(row: row, column: $0) } }
    }

    /// The lowest row that shows an object's address near its start.
    fileprivate var lastObjectRow: Int? {
        (0..<rows).last { line($0).prefix(12).contains("0xffff") }
    }
}
