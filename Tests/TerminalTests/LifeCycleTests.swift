import CVTerm
import Glibc
import Testing

extension TerminalTests {
    /// Taking the terminal and giving it back, whatever ends the program.
    @Suite struct LifeCycle {
        @Test func quittingGivesTheTerminalBack() throws {
            let terminal = try startedProgram()
            #expect(terminal.localModes & tcflag_t(ECHO | ICANON) == 0)
            #expect(try terminal.quit() == .exited(0))
            #expect(terminal.isGivenBack)
        }

        @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
        func aRequestToEndGivesTheTerminalBackAndIsSeenInTheStatus(number: Int32) throws {
            let terminal = try startedProgram()
            terminal.signal(number)
            #expect(try terminal.waitForExit() == .signalled(number))
            #expect(terminal.isGivenBack)
        }

        @Test func theInterruptKeyEndsTheProgram() throws {
            let terminal = try startedProgram()
            terminal.type("\u{03}")
            #expect(try terminal.waitForExit() == .signalled(SIGINT))
            #expect(terminal.isGivenBack)
        }

        @Test(arguments: [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE])
        func aCrashGivesTheTerminalBackAndIsSeenInTheStatus(number: Int32) throws {
            let terminal = try startedProgram()
            terminal.signal(number)
            #expect(try terminal.waitForExit() == .signalled(number))
            #expect(terminal.isGivenBack)
        }

        @Test func aHangUpThatNohupIgnoresStaysIgnored() throws {
            let terminal = try PseudoTerminal(["/bin/sh", "-c", "trap '' HUP; exec \"$0\"", programPath])
            try terminal.wait("the first screen") { $0.showsFirstScreen }
            terminal.signal(SIGHUP)
            terminal.type("?")
            try terminal.wait(for: "Help")
            terminal.press(VTERM_KEY_ESCAPE)
            try terminal.wait("the help to close") { !$0.text.contains("Help") }
            #expect(try terminal.quit() == .exited(0))
        }

        @Test func stoppingGivesTheTerminalToTheShellAndContinuingPaintsTheScreenAnew() throws {
            let shell = try startedShell()
            shell.type("\u{1A}")
            try shell.wait("the shell's word") { $0.text.contains("Stopped") && !$0.showsFirstScreen }
            shell.type("fg\r")
            try shell.wait("the screen") { $0.showsFirstScreen && !$0.text.contains("Stopped") }
            shell.type("?")
            try shell.wait(for: "Help")
            shell.press(VTERM_KEY_ESCAPE)
            try shell.wait("the help to close") { !$0.text.contains("Help") }
            shell.type("q")
            try shell.wait("the shell") { !$0.showsFirstScreen && $0.text.contains("Stopped") }
        }

        @Test func aStopWhileAFrameIsBeingWrittenIsNotLost() throws {
            let shell = try PseudoTerminal(["/bin/bash", "--norc", "--noprofile", "-i"])
            shell.type("\"\(programPath)\"\r")
            try shell.wait("the first row") { $0.line(0).contains("hub-probe  ") }
            shell.type("\u{1A}")
            try shell.wait("the shell's word") { $0.text.contains("Stopped") }
        }

        /// SIGSTOP cannot be caught and the screen is not left: only SIGCONT tells that others have written on it.
        @Test func afterAStopThatCannotBeCaughtTheScreenIsPaintedAnew() throws {
            let terminal = try startedProgram()
            let before = terminal.lines
            terminal.signal(SIGSTOP)
            terminal.writeOver("scribbled by somebody else")
            #expect(terminal.text.contains("scribbled"))
            terminal.signal(SIGCONT)
            try terminal.wait("the screen as it was") { $0.lines == before }
            #expect(try terminal.quit() == .exited(0))
        }

        @Test func aSizeThatChangedWhileStoppedIsNoticed() throws {
            let shell = try startedShell()
            shell.type("\u{1A}")
            try shell.wait("the shell's word") { $0.text.contains("Stopped") && !$0.showsFirstScreen }
            shell.resize(rows: 10, columns: 60)
            shell.type("fg\r")
            try shell.wait(for: "needs 80x24")
            shell.type("q")
            try shell.wait("the shell") { !$0.text.contains("needs 80x24") }
        }

        /// The terminal's receipts for frames are not left for the shell to read.
        @Test func quittingAnAnimationLeavesNothingToTheShell() throws {
            let shell = try PseudoTerminal(["/bin/bash", "-c", "\"$0\"; read -r line; printf '<%q>' \"$line\"", programPath])
            try shell.wait("the first screen") { $0.showsFirstScreen }
            shell.type("s")
            // A frame and the question behind it are on their way.
            shell.drip(bytesPerSecond: 1, seconds: 0.3)
            shell.type("q")
            try shell.wait("the shell") { !$0.showsFirstScreen }
            shell.type("typed\r")
            try shell.wait("what it read") { $0.text.contains("<") && $0.text.contains(">") }
            #expect(shell.text.contains("<typed>"), "\(shell.text)")
        }

        private func startedShell() throws -> PseudoTerminal {
            let shell = try PseudoTerminal(["/bin/bash", "--norc", "--noprofile", "-i"])
            shell.type("\"\(programPath)\"\r")
            try shell.wait("the first screen") { $0.showsFirstScreen }
            return shell
        }
    }
}
