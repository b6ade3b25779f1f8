import CVTerm
import Foundation
import Glibc
import Testing

extension TerminalTests {
    /// Colours and characters, as far as each terminal has them.
    @Suite struct Output {
        @Test func noColourWhenItIsNotWanted() throws {
            let terminal = try startedProgram(environment: ["NO_COLOR": "1"])
            #expect(!terminal.cells.contains { $0.hasColour })
            #expect(terminal.cells.contains { $0.isBold || $0.isReverse }, "attributes take the colours' place")
            #expect(try terminal.quit() == .exited(0))
        }

        @Test func anEmptyNoColorMeansNothing() throws {
            let terminal = try startedProgram(environment: ["NO_COLOR": ""])
            #expect(terminal.cells.contains { $0.hasColour })
        }

        @Test func aReportOnATerminalCarriesNoControlCharacters() throws {
            let path = NSTemporaryDirectory() + UUID().uuidString + ".yaml"
            try """
                name: evil
                kernel: {release: 6.12.1, arch: x86_64}
                linear: {start: 0xffff888000000000, size: 0x10000}
                tasks: [{pid: 1, comm: "\\e[31mred", stack: 0xffffc90000010000}]
                steps: [{alloc: {name: lost, size: 64}}, {time: 10}]
                """.write(toFile: path, atomically: true, encoding: .utf8)
            defer { unlink(path) }
            let terminal = try PseudoTerminal([programPath, "scan", path, "--format", "report"])
            #expect(try terminal.waitForExit() == .exited(1))
            #expect(terminal.text.contains("comm \"·[31mred\", pid 1"))
            #expect(!terminal.cells.contains { $0.hasColour })
        }

        @Test func aLocaleWithoutUTF8GetsASCII() throws {
            // One that cannot repeat a character, which libvterm 0.1 does wrong at the margin.
            let terminal = try startedProgram(environment: ["LC_ALL": "C", "TERM": "screen-256color"])
            let text = try frame(isUnicode: false).text
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                String(line.map { $0.isASCII ? $0 : "?" })
            }
            try terminal.wait("the frame in ASCII") { $0.lines == lines }
            terminal.type("s?")
            try terminal.wait(for: "Help")
            #expect(try terminal.quit() == .exited(0))
            #expect(terminal.output.allSatisfy { $0 < 0x80 })
        }

        /// Columns behind a name that a terminal shows wider than it is long, or not as it is spelled.
        @Test func aNameInWideAndCombiningCharactersShiftsNoColumn() throws {
            let names = ["plain", "\u{5185}\u{5b58}\u{6cc4}\u{9732}", "e\u{301}a\u{308}\u{323}", "\u{1f600}\u{ff21}b", "a\u{200d}\u{ad}b"]
            let path = NSTemporaryDirectory() + UUID().uuidString + ".yaml"
            let tasks = names.enumerated().map { "  - {pid: \($0 + 1), comm: \"\($1)\", stack: 0xffffc900000\($0 + 1)0000}" }
            let steps = names.indices.map { "  - task: \($0 + 1)\n  - alloc: {name: object\($0), size: 64}" }
            try """
                name: wide
                kernel: {release: 6.12.1, arch: x86_64}
                linear: {start: 0xffff888000000000, size: 0x10000}
                tasks:
                \(tasks.joined(separator: "\n"))
                steps:
                \(steps.joined(separator: "\n"))

                """.write(toFile: path, atomically: true, encoding: .utf8)
            defer { unlink(path) }
            let terminal = try PseudoTerminal([programPath, path], rows: 40, columns: 160)
            let frame = try frame(of: path, rows: 40, columns: 160)
            try terminal.wait("the first screen") { $0.line(0).contains("wide") && $0.line(39).contains("s scan") }
            let columns = names.indices.map { index -> Int? in
                (0..<40).compactMap { row in terminal.column(of: "object\(index)", row: row) }.first
            }
            #expect(columns[0] != nil && Set(columns).count == 1, "\(columns)\n\(terminal.text)")
            #expect(frame.text.contains("\u{5185}\u{5b58}") && terminal.text.contains("\u{5185}\u{5b58}"))
            #expect(terminal.text.unicodeScalars.contains("\u{301}"))
            try terminal.wait(for: frame)
            #expect(try terminal.quit() == .exited(0))
        }
    }
}

extension PseudoTerminal {
    /// The column of the screen where a word begins on a row.
    fileprivate func column(of word: String, row: Int) -> Int? {
        (0...columns - word.count).first { start in
            word.enumerated().allSatisfy { cell(row: row, column: start + $0).text == String($1) }
        }
    }
}
