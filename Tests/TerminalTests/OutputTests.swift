import CVTerm
import Foundation
import Glibc
import Testing

extension TerminalTests {
    /// Colours and characters, as far as each terminal has them.
    @Suite struct Output {
        @Test func coloursOfThePaletteArrive() throws {
            let terminal = try startedProgram()
            let numbers = Set(terminal.cells.compactMap { $0.foreground.number ?? $0.background.number })
            #expect(numbers.contains { $0 >= 16 }, "more than the sixteen of old: \(numbers.sorted())")
        }

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

        @Test(arguments: ["xterm-mono", "vt100", "vt220"])
        func aTerminalWithoutColoursWillDo(name: String) throws {
            let terminal = try startedProgram(environment: ["TERM": name])
            #expect(!terminal.cells.contains { $0.hasColour })
            #expect(try terminal.quit() == .exited(0))
        }

        @Test(arguments: ["xterm", "linux", "ansi", "screen-256color", "tmux-256color", "rxvt-unicode-256color"])
        func otherTerminalsWork(name: String) throws {
            let terminal = try startedProgram(environment: ["TERM": name])
            #expect(terminal.cells.contains { $0.hasColour })
            #expect(try terminal.quit() == .exited(0))
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
            let terminal = try startedProgram(environment: ["LC_ALL": "C"])
            let others = terminal.text.unicodeScalars.filter { !$0.isASCII }
            #expect(others.isEmpty)
            #expect(try terminal.quit() == .exited(0))
        }
    }
}

extension Cell.Colour {
    fileprivate var number: UInt8? {
        if case .palette(let number) = self { number } else { nil }
    }
}
