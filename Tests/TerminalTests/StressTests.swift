import CVTerm
import Foundation
import Glibc
import Inspector
import Testing

extension TerminalTests {
    /// Terminals that are slow, restless, or gone; and a person who does nothing.
    @Suite struct Stress {
        @Test func aStormOfSizesEndsInTheRightPicture() throws {
            let terminal = try startedProgram()
            terminal.type("s")
            let sizes = [(1, 1), (100, 300), (24, 80), (2, 200), (60, 10), (30, 116), (23, 79), (40, 120)]
            for number in 0..<200 {
                let (rows, columns) = sizes[number % sizes.count]
                terminal.resize(rows: rows + number / 50, columns: columns + number % 3)
                terminal.readInput(milliseconds: 1)
            }
            terminal.resize(rows: 24, columns: 80)
            terminal.type("S?")
            try terminal.wait(for: try frame("sS?"))
            #expect(try terminal.quit() == .exited(0))
        }

        @Test(arguments: ["", "s"])
        func aTerminalThatIsClosedEndsTheProgram(keys: String) throws {
            let terminal = try startedProgram()
            terminal.type(keys)
            terminal.hangUp()
            try terminal.wait("the program's end", seconds: 2) { $0.exitStatus != nil }
            #expect(terminal.exitStatus == .signalled(SIGHUP))
        }

        /// Without the signal, as a terminal ends that is not the session's own.
        @Test func aTerminalThatIsClosedEndsTheProgramThatIgnoresHangUps() throws {
            let terminal = try PseudoTerminal(["/bin/sh", "-c", "trap '' HUP; exec \"$0\"", programPath])
            try terminal.wait("the first screen") { $0.showsFirstScreen }
            terminal.hangUp()
            try terminal.wait("the program's end", seconds: 2) { $0.exitStatus != nil }
            #expect(terminal.exitStatus == .signalled(SIGHUP))
        }

        /// At 9600 baud. The kernel alone would take some 20 kB, and the last key its turn after them.
        @Test func aSlowTerminalIsNotBuriedInFrames() throws {
            let terminal = try startedProgram()
            let frames = terminal.output.count
            terminal.type("s+")
            terminal.drip(bytesPerSecond: 960, seconds: 2)
            #expect(terminal.output.count > frames + 1500, "frames do come")
            terminal.type("q")
            terminal.drip(bytesPerSecond: 960, seconds: 4) { $0.exitStatus != nil }
            #expect(terminal.exitStatus == .exited(0))
            let unread = terminal.output.count
            #expect(try terminal.waitForExit() == .exited(0))
            #expect(terminal.output.count - unread < 10_000)
            #expect(terminal.isGivenBack)
        }

        @Test(arguments: ["", "?", "S"])
        func aPersonWhoDoesNothingCostsNothing(keys: String) throws {
            let terminal = try startedProgram()
            terminal.type(keys)
            try terminal.wait(for: try frame(keys))
            let before = try terminal.wakeUps
            terminal.drip(bytesPerSecond: 1, seconds: 0.5)
            #expect(try terminal.wakeUps == before)
            #expect(try terminal.quit() == .exited(0))
        }
    }
}

extension PseudoTerminal {
    /// How often the program's threads have gone to sleep so far, and so have been woken, or nearly so.
    fileprivate var wakeUps: Int {
        get throws {
            let tasks = "/proc/\(child)/task"
            return try FileManager.default.contentsOfDirectory(atPath: tasks).reduce(0) { sum, task in
                let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
                return try sum + #require(line?.split(separator: "\t").last.flatMap { Int($0) })
            }
        }
    }
}
