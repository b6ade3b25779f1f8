import CVTerm
import Foundation
import Testing

extension TerminalTests {
    /// What is kept between runs.
    @Suite struct Kept {
        private func config(_ folder: String) -> URL { URL(fileURLWithPath: folder + "/kmemtop/config.yaml") }

        @Test func aMarkANoteAndABorderAreThereAgain() throws {
            let environment: [String: String?] = ["XDG_CONFIG_HOME": ChildProcess.newConfigurationFolder()]
            let first = try startedProgram(environment: environment)
            let before = first.lines
            for key in "mMa note" { first.type(String(key)) }
            first.press(VTERM_KEY_ENTER)
            try first.wait(for: "Noted.")
            first.type("]")
            try first.wait("the taller pane") { $0.line(5).contains("◆") && $0.lines[11] != before[11] }
            let picture = first.lines.prefix(20)
            #expect(try first.quit() == .exited(0))

            let second = try startedProgram(environment: environment)
            try second.wait("the screen as it was left") { $0.lines.prefix(20) == picture }
            second.type("6")
            try second.wait(for: "note a note")
            #expect(try second.quit() == .exited(0))
        }

        @Test func aBadFileIsToldAndLeftAsItIs() throws {
            let folder = ChildProcess.newConfigurationFolder()
            try "theme: pink\n".write(to: config(folder), atomically: true, encoding: .utf8)
            let terminal = try PseudoTerminal([programPath], rows: 24, columns: 200, environment: ["XDG_CONFIG_HOME": folder])
            try terminal.wait("the warning") { $0.line(23).contains("config.yaml:1:8: expected theme:") }
            terminal.type("T")
            try terminal.wait(for: "settings are not kept")
            #expect(try terminal.quit() == .exited(0))
            #expect(try String(contentsOf: config(folder), encoding: .utf8) == "theme: pink\n")
        }

        @Test func theFirstStartOfAllSaysWhatToDo() throws {
            let folder = ChildProcess.newConfigurationFolder()
            try FileManager.default.removeItem(at: config(folder))
            let environment: [String: String?] = ["XDG_CONFIG_HOME": folder]
            let first = try PseudoTerminal([programPath], rows: 24, columns: 80, environment: environment)
            try first.wait(for: "Welcome. s watches a scan")
            #expect(try first.quit() == .exited(0))
            #expect(try startedProgram(environment: environment).quit() == .exited(0))
        }
    }
}
