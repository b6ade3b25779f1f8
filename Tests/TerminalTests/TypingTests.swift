import CVTerm
import Foundation
import HeapModel
import Inspector
import Testing

extension TerminalTests {
    /// A person who cannot stop typing.
    @Suite struct Typing {
        /// In each of the batches; a long run has 20 times as many (`KMEMTOP_FUZZ=20`).
        private static let keys = 120 * (ProcessInfo.processInfo.environment["KMEMTOP_FUZZ"].flatMap(Int.init) ?? 1)
        private static let batches = 20

        /// The letters of the table, but for those that end the program, ask for a command or write a file.
        private static let letters = Keymap.bindings.flatMap(\.keys).compactMap { key in
            if case .character(let letter) = key, !":eq".contains(letter) { String(letter) } else { nil }
        }
        private static let others = [VTERM_KEY_UP, VTERM_KEY_DOWN, VTERM_KEY_LEFT, VTERM_KEY_RIGHT, VTERM_KEY_ENTER, VTERM_KEY_ESCAPE, VTERM_KEY_ESCAPE]

        @Test func memoryIsNotLostHoweverMuchIsTyped() throws {
            // Borders, themes and marks are kept.
            let terminal = try startedProgram(environment: ["XDG_CONFIG_HOME": ChildProcess.newConfigurationFolder()])
            var random = SplitMix64(seed: 1), early = 0
            for batch in 1...Self.batches {
                for number in 1...Self.keys {
                    if Int.random(in: 0..<6, using: &random) == 0 {
                        terminal.press(Self.others.randomElement(using: &random) ?? VTERM_KEY_ENTER)
                    } else {
                        terminal.type(Self.letters.randomElement(using: &random) ?? " ")
                    }
                    // The line to the program holds 4095 bytes.
                    if number % 250 == 0 { try terminal.waitForAnAnswer() }
                }
                try terminal.waitForAnAnswer()
                if batch == Self.batches * 3 / 10 { early = try terminal.residentPages() }
            }
            let late = try terminal.residentPages()
            #expect(late * 10 <= early * 13, "\(early) pages after 30 % of the keys, \(late) after all")
            #expect(try terminal.quit() == .exited(0))
        }
    }
}

extension PseudoTerminal {
    /// Asks for the help and puts it away: then all keys before have been read, and nothing lies over the panes.
    fileprivate func waitForAnAnswer() throws {
        // Out of a prompt, a page, a search, a filter.
        for _ in 0..<4 { press(VTERM_KEY_ESCAPE) }
        type("?")
        try wait("the help", seconds: 60) { $0.line(3).contains("Help") }
        press(VTERM_KEY_ESCAPE)
        try wait("the help to close") { !$0.line(3).contains("Help") }
    }

    /// Pages of memory that the program has.
    fileprivate func residentPages() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/\(child)/statm", encoding: .utf8).split(separator: " ")
        return try #require(fields.dropFirst().first.flatMap { Int($0) })
    }
}
