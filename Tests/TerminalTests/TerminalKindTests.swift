import CVTerm
import Foundation
import Inspector
import Testing

/// A kind of terminal: its name in terminfo, and the colours that it has.
struct TerminalKind: CustomTestStringConvertible, Sendable {
    let name: String
    let depth: ColourDepth
    var testDescription: String { name }

    static let all = [
        Self(name: "xterm-256color", depth: .palette256), Self(name: "xterm", depth: .eight),
        Self(name: "xterm-mono", depth: .monochrome), Self(name: "rxvt-unicode-256color", depth: .palette256),
        Self(name: "screen", depth: .eight), Self(name: "screen-256color", depth: .palette256),
        Self(name: "tmux-256color", depth: .palette256), Self(name: "linux", depth: .eight),
        Self(name: "vt100", depth: .monochrome), Self(name: "vt220", depth: .monochrome), Self(name: "ansi", depth: .eight),
    ]

    /// Kinds that Debian's terminfo does not have, in its source form.
    static let compiled = [Self(name: "test-16", depth: .sixteen), Self(name: "test-direct", depth: .trueColour)]
    static let source = """
        test-16|xterm with sixteen colours, ccc@, colors#16, pairs#256, initc@,
        \tsetab=\\E[%?%p1%{8}%<%t4%p1%d%e10%p1%{8}%-%d%;m, setaf=\\E[%?%p1%{8}%<%t3%p1%d%e9%p1%{8}%-%d%;m,
        \tsetb@, setf@, use=xterm-256color,
        test-direct|xterm with direct colour, RGB, ccc@, colors#0x1000000, pairs#0x10000, initc@,
        \tsetab=\\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
        \tsetaf=\\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
        \tsetb@, setf@, use=xterm-256color,

        """
}

extension TerminalTests {
    /// The first screen on every kind of terminal: the frame, cell by cell.
    @Suite struct Kinds {
        @Test(arguments: TerminalKind.all)
        func theScreenIsTheFrame(kind: TerminalKind) throws {
            try expectFrame(on: kind)
        }

        @Test(arguments: TerminalKind.compiled)
        func theScreenIsTheFrameInColoursThatFewTerminalsHave(kind: TerminalKind) throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }
            let source = folder.appendingPathComponent("source.ti")
            try TerminalKind.source.write(to: source, atomically: true, encoding: .utf8)
            let compiler = try Process.run(URL(filePath: "/usr/bin/tic"), arguments: ["-x", "-o", folder.path, source.path])
            compiler.waitUntilExit()
            try #require(compiler.terminationStatus == 0)
            try expectFrame(on: kind, environment: ["TERMINFO": folder.path])
        }

        @Test(arguments: [("0;15", Theme.Kind.light), ("15;0", .dark), ("nonsense", .dark)])
        func theGroundDecidesTheTheme(told: String, theme: Theme.Kind) throws {
            try expectFrame(on: TerminalKind.all[0], theme: theme, environment: ["COLORFGBG": told])
        }

        private func expectFrame(
            on kind: TerminalKind, theme: Theme.Kind = .dark, environment: [String: String?] = [:]
        ) throws {
            let terminal = try startedProgram(
                environment: environment.merging(["TERM": kind.name]) { $1 }, wrapsAtOnce: kind.name == "ansi")
            let frame = try frame(), theme = Theme(theme, depth: kind.depth)
            try terminal.wait(for: frame)
            for row in 0..<terminal.rows {
                for column in 0..<terminal.columns {
                    let cell = terminal.cell(row: row, column: column), look = theme[frame[row, column].style]
                    #expect(cell.background == Cell.Colour(look.background, kind.depth), "row \(row), column \(column)")
                    // Of a blank only the ground is seen.
                    guard cell.text != " ", !cell.text.isEmpty else { continue }
                    #expect(cell.foreground == Cell.Colour(look.foreground, kind.depth), "row \(row), column \(column)")
                    #expect(cell.isReverse == look.isReverse && cell.isBold == look.isBold, "row \(row), column \(column)")
                }
            }
            #expect(try terminal.quit() == .exited(0))
            #expect(terminal.localModes == terminal.initialModes.c_lflag)
        }
    }
}

extension Cell.Colour {
    /// A theme's colour as the emulator tells it.
    fileprivate init(_ number: Int?, _ depth: ColourDepth) {
        self = switch number {
        case nil: .terminals
        case let number? where depth == .trueColour && number >= 8:
            .rgb(UInt8(number >> 16), UInt8(number >> 8 & 0xff), UInt8(number & 0xff))
        case let number?: .palette(UInt8(number))
        }
    }
}
