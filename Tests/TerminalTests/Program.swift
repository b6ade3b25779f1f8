import CVTerm
import Glibc
import Inspector
@testable import kmemtop

/// The program under test, on its first screen: the scenario `hub-probe`.
func startedProgram(
    rows: Int = 24, columns: Int = 80, environment: [String: String?] = [:], wrapsAtOnce: Bool = false
) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
        [programPath], rows: rows, columns: columns, environment: environment, wrapsAtOnce: wrapsAtOnce)
    try terminal.wait("the first screen") { $0.showsFirstScreen }
    return terminal
}

/// What the program should show after some keys, of the scenario `hub-probe` or another source.
func frame(_ keys: String = "", of source: String = Source.standardName, rows: Int = 24, columns: Int = 80, isUnicode: Bool = true)
    throws -> Frame
{
    let source = try Source(source)
    var state = AppState(sourceName: source.name, machine: source.machine, size: Size(columns: columns, rows: rows))
    for key in keys { state.apply(.key(.character(key))) }
    return Screen(state, glyphs: Glyphs(isUnicode: isUnicode)).frame()
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

    /// Waits until the screen's text is the frame's.
    func wait(for frame: Frame) throws {
        let lines = frame.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try wait("this picture:\n\(frame.text)\n") { $0.lines == lines }
    }

    func quit() throws -> ExitStatus {
        // The first may only close a page.
        type("q")
        type("q")
        return try waitForExit()
    }
}
