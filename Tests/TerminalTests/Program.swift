import CVTerm
import Glibc

/// The program under test, on its first screen: the scenario `hub-probe`.
func startedProgram(
    rows: Int = 24, columns: Int = 80, environment: [String: String?] = [:]
) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
        [programPath], rows: rows, columns: columns, environment: environment)
    try terminal.wait("the first screen") { $0.showsFirstScreen }
    return terminal
}

let programPath = buildDirectory + "/kmemtop"

extension PseudoTerminal {
    /// From the header to the keys in the last row, so that nothing of the picture is still to come.
    var showsFirstScreen: Bool {
        line(0).contains("hub-probe") && line(0).contains("4.9") && line(rows - 1).contains("s scan")
    }

    /// Whether the terminal reads lines and echoes them, as a shell expects to find it.
    var isGivenBack: Bool {
        let lineMode = tcflag_t(ECHO | ICANON | ISIG)
        return localModes & lineMode == lineMode && modes.c_iflag == initialModes.c_iflag
            && modes.c_oflag == initialModes.c_oflag && !text.contains("hub-probe")
    }

    func quit() throws -> ExitStatus {
        type("q")
        return try waitForExit()
    }
}
