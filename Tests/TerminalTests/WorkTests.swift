import CVTerm
import Foundation
import HeapModel
import Testing

extension TerminalTests {
    /// What takes long on a large heap.
    @Suite struct LongWork {
        /// Large enough that without optimisation a scan takes seconds.
        private static let heap: String = {
            let path = FileManager.default.temporaryDirectory.appending(path: "kmemtop-large-\(getpid()).kmemcore").path
            let program = Process()
            program.executableURL = URL(fileURLWithPath: programPath)
            program.arguments = ["generate", "--objects", "100000", "--seed", "3", "-o", path]
            program.standardError = FileHandle.nullDevice
            try? program.run()
            program.waitUntilExit()
            return path
        }()

        @Test func aScanCanBeStoppedLookedPastAndWaitedFor() throws {
            defer { try? FileManager.default.removeItem(atPath: Self.heap) }
            let terminal = try PseudoTerminal([programPath, Self.heap], rows: 24, columns: 100)
            try terminal.wait("the first screen", seconds: 60) { $0.line(23).contains("s scan") }
            terminal.type("S")
            try terminal.wait("the work") { $0.line(23).contains("S at once") && $0.line(23).contains("Esc stops it") }
            terminal.press(VTERM_KEY_ESCAPE)
            try terminal.wait("the end of the work") { $0.text.contains("Stopped: S at once.") }

            terminal.type("S")
            try terminal.wait("the work") { $0.line(23).contains("Esc stops it") }
            // Other keys are followed meanwhile.
            terminal.type("?")
            try terminal.wait("the help, while it is scanned") { $0.line(3).contains("Help") && $0.line(23).contains("Esc stops it") }
            try terminal.wait("the end of the scan", seconds: 120) { !$0.line(23).contains("Esc stops it") }
            #expect(terminal.line(3).contains("Help"))
            terminal.press(VTERM_KEY_ESCAPE)
            try terminal.wait("the leaks") { $0.line(1).contains("100") || $0.text.contains("leaks") }
            #expect(try terminal.quit() == .exited(0))
        }
    }
}
