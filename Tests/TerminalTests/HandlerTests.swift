import Glibc
import Testing

extension TerminalTests {
    /// What handlers of signals must not do. The program is watched from inside (`Tests/HandlerWatch`): by chance alone, a handler
    /// that allocates or locks would be found once in hundreds of signals.
    @Suite struct Handlers {
        private static let found = ExitStatus.exited(70)

        @Test(arguments: [SIGHUP, SIGTERM, SIGINT, SIGSEGV, SIGABRT])
        func noneThatEndsTheProgramAllocatesOrLocks(number: Int32) throws {
            let terminal = try watchedProgram()
            terminal.type("s")
            terminal.signal(number)
            #expect(try terminal.waitForExit() == .signalled(number))
            #expect(terminal.isGivenBack)
        }

        @Test func neitherDoThoseOfAnotherSizeAndOfGoingOn() throws {
            let terminal = try watchedProgram()
            terminal.resize(rows: 30, columns: 100)
            try terminal.wait(for: try frame(rows: 30, columns: 100))
            terminal.writeOver("scribbled by somebody else")
            terminal.signal(SIGCONT)
            try terminal.wait(for: try frame(rows: 30, columns: 100))
            #expect(try terminal.quit() == .exited(0))
        }

        @Test(arguments: [SIGHUP, SIGWINCH, SIGCONT])
        func oneThatDoesIsFound(number: Int32) throws {
            let terminal = try watchedProgram(["HANDLER_WATCH_ALLOCATES": "1"])
            terminal.signal(number)
            #expect(try terminal.waitForExit() == Self.found)
        }

        private func watchedProgram(_ environment: [String: String?] = [:]) throws -> PseudoTerminal {
            let library = "\(buildDirectory)/libHandlerWatch.so"
            return try startedProgram(environment: environment.merging(["LD_PRELOAD": library]) { $1 })
        }
    }
}
