import Foundation
import Testing

extension TerminalTests {
    /// Without a terminal that can show a screen the program says so and touches nothing.
    @Suite struct Refusal {
        @Test(arguments: ["no-such-terminal", "dumb", "", nil])
        func aTerminalThatCannotShowAScreenIsRefused(name: String?) throws {
            let terminal = try PseudoTerminal([programPath], environment: ["TERM": name])
            #expect(try terminal.waitForExit() == .exited(2))
            // A sentence may fill more than one row of the terminal.
            let message = terminal.lines.joined()
            #expect(message.contains("TERM"))
            if let name, !name.isEmpty { #expect(message.contains(name)) }
            #expect(terminal.lines.filter { !$0.isEmpty }.count <= 2)
            let (before, after) = (terminal.initialModes, terminal.modes)
            #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag)
        }

        @Test func whatIsNoTerminalIsRefused() throws {
            let process = Process()
            process.executableURL = URL(filePath: programPath)
            process.environment = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"]
            let (output, errors) = (Pipe(), Pipe())
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            process.waitUntilExit()

            let written = try output.fileHandleForReading.readToEnd() ?? Data()
            let message = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(process.terminationReason == .exit && process.terminationStatus == 2)
            #expect(written.isEmpty)
            #expect(message.contains("is not a terminal"))
            #expect(message.split(separator: "\n").count == 1)
        }

        @Test func aPipeForAnOutputIsRefusedAndGetsNothing() throws {
            let terminal = try PseudoTerminal(
                ["/bin/bash", "--norc", "-c", "set -o pipefail; \"$0\" | { wc -c; }; echo status $?", programPath])
            #expect(try terminal.waitForExit() == .exited(0))
            #expect(terminal.text.contains("standard output is not a terminal"))
            #expect(terminal.text.contains("status 2"))
            #expect(terminal.lines.contains("0"))
        }
    }
}
