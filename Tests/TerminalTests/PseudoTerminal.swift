import CVTerm
import Glibc

/// A program run in a terminal that exists only in memory: a pseudo-terminal whose output feeds libvterm, and whose
/// keys and mouse libvterm encodes as a real terminal would.
///
/// Nothing here sleeps: every wait is for a condition, with a deadline, and its error shows the screen.
final class PseudoTerminal {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private var master: Int32
    let child: pid_t
    private let vterm: OpaquePointer
    private let screen: OpaquePointer
    private var hasEnded = false
    private var status: Int32 = 0
    /// All bytes that the program has written, as far as they have been read.
    private(set) var output: [UInt8] = []
    private(set) var rows: Int
    private(set) var columns: Int
    /// The terminal's modes before the program ran.
    let initialModes: termios

    /// Whether the cursor goes to the next row as soon as the last column is written, as that of `ansi` does by terminfo.
    /// That of an xterm, and libvterm's, waits for the next character.
    private let wrapsAtOnce: Bool
    private var progress = CharacterProgress()

    /// - Parameter environment: on top of the standard one; a value of nil removes the variable.
    init(
        _ arguments: [String], rows: Int = 24, columns: Int = 80, environment: [String: String?] = [:], wrapsAtOnce: Bool = false
    ) throws {
        self.wrapsAtOnce = wrapsAtOnce
        self.rows = rows
        self.columns = columns
        var name = [CChar](repeating: 0, count: 64)
        var (master, slave): (Int32, Int32) = (-1, -1)
        var size = winsize(rows: rows, columns: columns)
        guard openpty(&master, &slave, &name, nil, &size) == 0 else {
            throw Failure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
        }
        defer { close(slave) }
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(slave, F_SETFD, FD_CLOEXEC)
        self.master = master
        var modes = termios()
        tcgetattr(master, &modes)
        initialModes = modes
        do {
            child = try ChildProcess.start(
                arguments, terminal: name, environment: ChildProcess.environment.merging(environment) { $1 })
        } catch {
            close(master)
            throw error
        }

        vterm = vterm_new(Int32(rows), Int32(columns))
        vterm_set_utf8(vterm, 1)
        screen = vterm_obtain_screen(vterm)
        // Before the reset, or there is no alternate screen to leave.
        vterm_screen_enable_altscreen(screen, 1)
        vterm_screen_reset(screen, 1)
    }

    deinit {
        if !hasEnded {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
        hangUp()
        vterm_free(vterm)
    }

    // MARK: What the person does

    func type(_ text: String) {
        // Key by key: libvterm holds no more than 64 bytes that nobody has read, and drops the rest.
        for scalar in text.unicodeScalars {
            vterm_keyboard_unichar(vterm, scalar.value, VTERM_MOD_NONE)
            sendOutput()
        }
    }

    func press(_ key: VTermKey, _ modifier: VTermModifier = VTERM_MOD_NONE) {
        vterm_keyboard_key(vterm, key, modifier)
        sendOutput()
    }

    /// Presses and lets go a mouse button: 1 left, 4 and 5 the wheel up and down.
    func click(row: Int, column: Int, button: Int32 = 1) {
        vterm_mouse_move(vterm, Int32(row), Int32(column), VTERM_MOD_NONE)
        vterm_mouse_button(vterm, button, true, VTERM_MOD_NONE)
        vterm_mouse_button(vterm, button, false, VTERM_MOD_NONE)
        sendOutput()
    }

    func resize(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        vterm_set_size(vterm, Int32(rows), Int32(columns))
        var size = winsize(rows: rows, columns: columns)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    func signal(_ number: Int32) { kill(child, number) }

    /// Closes the terminal's window, or pulls the plug.
    func hangUp() {
        guard master >= 0 else { return }
        close(master)
        master = -1
    }

    private func sendOutput() {
        var bytes = [CChar](repeating: 0, count: 4096)
        while case let count = vterm_output_read(vterm, &bytes, bytes.count), count > 0 {
            write(master, bytes, count)
        }
    }

    /// Puts text into the top left corner of the screen, as another program would.
    func writeOver(_ text: String) {
        let bytes = "\u{1B}[H" + text
        vterm_input_write(vterm, bytes, bytes.utf8.count)
    }

    // MARK: What the person sees

    /// Waits until `condition` holds, reading what the program writes; on time-out throws with the screen as it then is.
    func wait(_ what: String, seconds: Double = 10, until condition: (PseudoTerminal) -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !condition(self) {
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "waited \(seconds) s for \(what); the screen:\n\(text)")
            }
            readInput(milliseconds: 20)
        }
    }

    func wait(for text: String) throws {
        try wait("\"\(text)\"") { $0.text.contains(text) }
    }

    /// Waits for the program's end and returns how it ended, as `waitpid` tells it.
    func waitForExit(seconds: Double = 10) throws -> ExitStatus {
        try wait("the program's end", seconds: seconds) { _ in self.exitStatus != nil }
        while readInput(milliseconds: 20) {}
        return ExitStatus(waitStatus: status)
    }

    /// How the program ended; nil while it runs.
    var exitStatus: ExitStatus? {
        if !hasEnded { hasEnded = waitpid(child, &status, WNOHANG) == child }
        return hasEnded ? ExitStatus(waitStatus: status) : nil
    }

    /// Shows what the program writes for a while, at most so many bytes a second, as a line of old did.
    func drip(bytesPerSecond: Int, seconds: Double, until condition: (PseudoTerminal) -> Bool = { _ in false }) {
        let start = ContinuousClock.now, total = output.count
        while !condition(self), case let time = ContinuousClock.now - start, time < .seconds(seconds) {
            let allowed = total + Int(time / .seconds(1) * Double(bytesPerSecond)) - output.count
            if allowed <= 0 || !readInput(milliseconds: 0, atMost: allowed) { poll(nil, 0, 10) }
        }
    }

    @discardableResult
    func readInput(milliseconds: Int32, atMost limit: Int = 65536) -> Bool {
        var input = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, milliseconds) > 0 else { return false }
        var bytes = [CChar](repeating: 0, count: limit)
        let count = read(master, &bytes, bytes.count)
        guard count > 0 else { return false }
        let new = bytes.prefix(count).map { UInt8(bitPattern: $0) }
        output += new
        show(new)
        // The emulator's answers to the program's questions.
        sendOutput()
        return true
    }

    private func show(_ bytes: [UInt8]) {
        guard wrapsAtOnce else {
            return bytes.withUnsafeBytes { _ = vterm_input_write(vterm, $0.baseAddress, $0.count) }
        }
        for byte in bytes {
            let isAtMargin = cursor.col == columns - 1
            withUnsafeBytes(of: byte) { _ = vterm_input_write(vterm, $0.baseAddress, 1) }
            if progress.ends(with: byte), isAtMargin { vterm_input_write(vterm, "\r\n", 2) }
        }
    }

    private var cursor: VTermPos {
        var position = VTermPos()
        vterm_state_get_cursorpos(vterm_obtain_state(vterm), &position)
        return position
    }

    /// The terminal's modes as the program has set them.
    var modes: termios {
        var modes = termios()
        tcgetattr(master, &modes)
        return modes
    }

    /// The terminal's local modes (echo, canonical input, signals).
    var localModes: tcflag_t { modes.c_lflag }

    /// The lines of the screen, without blanks at their ends.
    var lines: [String] { (0..<rows).map(line) }

    var text: String { lines.joined(separator: "\n") }

    func line(_ row: Int) -> String {
        var line = "", column = 0
        while column < columns {
            let cell = self.cell(row: row, column: column)
            line += cell.text.isEmpty ? " " : cell.text
            column += max(1, cell.width)
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    func cell(row: Int, column: Int) -> Cell {
        var raw = VTermScreenCell()
        vterm_screen_get_cell(screen, VTermPos(row: Int32(row), col: Int32(column)), &raw)
        return Cell(raw)
    }

    var cells: [Cell] {
        (0..<rows).flatMap { row in (0..<columns).map { cell(row: row, column: $0) } }
    }
}

/// Tells where characters end in what a program writes.
private struct CharacterProgress {
    private var isInSequence = false
    private var missingBytes = 0

    /// Whether a character to be seen ends with this byte.
    mutating func ends(with byte: UInt8) -> Bool {
        switch byte {
        case 0x1b:
            isInSequence = true
            return false
        case _ where isInSequence:
            isInSequence = byte == UInt8(ascii: "[") || !(0x40...0x7e).contains(byte)
            return false
        case 0xc0...: missingBytes = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1
        case 0x80..<0xc0: missingBytes -= 1
        default: missingBytes = 0
        }
        return missingBytes == 0 && byte >= 0x20
    }
}

extension winsize {
    fileprivate init(rows: Int, columns: Int) {
        self.init(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    }
}
