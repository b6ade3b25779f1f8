import CNcurses
import Foundation
import Inspector

/// The terminal, taken on `init` and given back on `deinit`. The only owner of ncurses.
///
/// To be used from one thread. `exit()` runs no `deinit`: leave the terminal's scope first.
struct Terminal: ~Copyable {
    /// How many colours may be used; `.monochrome` too when `NO_COLOR` is set and not empty.
    let depth: ColourDepth
    /// Whether the locale's characters are UTF-8. If not, what is not ASCII is shown as `?`.
    let isUTF8: Bool

    private let screen: OpaquePointer
    private let window: UnsafeMutablePointer<WINDOW>
    private let defaultColours: DefaultColours
    private let wakeUp: WakeUpPipe
    private let crashGuard: CrashGuard
    private let clipboard: Clipboard
    private var pace: FramePace
    private var clicks = Clicks()

    var size: Size { Size(columns: Int(getmaxx(window)), rows: Int(getmaxy(window))) }

    /// Takes the terminal of standard input and output.
    ///
    /// - Parameter mouse: whether the terminal sends clicks and the wheel, instead of using them itself (to mark text).
    /// - Throws: before anything is written, when there is none or it cannot show a screen.
    init(mouse: Bool = true) throws(TerminalError) {
        let name = try Self.checkedName()
        setlocale(LC_ALL, "")
        let isUTF8 = nl_langinfo(nl_item(CODESET)).map { String(cString: $0) } == "UTF-8"

        // Before newterm, which leaves the signals alone that have a handler already.
        let crashGuard = CrashGuard()
        let wakeUp = WakeUpPipe()
        use_tioctl(true)
        guard let screen = cnc_open(), let window = cnc_window() else { throw .cannotOpen(name) }
        self.isUTF8 = isUTF8
        self.screen = screen
        self.window = window
        self.crashGuard = crashGuard
        self.wakeUp = wakeUp
        clipboard = Clipboard(environment: ProcessInfo.processInfo.environment)
        // The terminals that report their cursor, which terminfo knows, report their status too.
        pace = FramePace(answers: cnc_has_string("u7"))
        self.crashGuard.arm()

        cbreak()
        noecho()
        nonl()
        curs_set(0)
        keypad(window, true)
        TerminalInput.expectReceipts()
        nodelay(window, true)
        // ncurses waits a second for what may follow Esc, unless told otherwise by the same variable.
        if getenv("ESCDELAY") == nil { set_escdelay(25) }
        mouseinterval(0)  // No waiting for double clicks.
        (depth, defaultColours) = Self.startColours()
        setMouse(mouse)
    }

    deinit {
        if pace.isOwedReceipt { Self.swallowReceipt() }
        endwin()
        delscreen(screen)
    }

    /// The name in `TERM`, if both streams are a terminal of a kind that can show a screen.
    private static func checkedName() throws(TerminalError) -> String {
        guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(.input) }
        guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(.output) }
        guard let name = getenv("TERM").map({ String(cString: $0) }), !name.isEmpty else { throw .termNotSet }
        var found: Int32 = 0
        let status = setupterm(nil, STDOUT_FILENO, &found)
        // setupterm: 1 with ERR is an entry that exists and prints on paper.
        guard found == 1 else { throw .unknownTerminal(name) }
        guard status == OK, cnc_has_string("cup") else { throw .cannotMoveCursor(name) }
        return name
    }

    /// Waits for what would else be typed into the shell.
    private static func swallowReceipt() {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        poll(&input, 1, 2000)
        tcflush(STDIN_FILENO, TCIFLUSH)
    }

    private static func startColours() -> (ColourDepth, DefaultColours) {
        let isUnwanted = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        guard !isUnwanted, has_colors(), start_color() == OK else { return (.monochrome, .terminals) }
        let defaults: DefaultColours = use_default_colors() == OK ? .terminals : .whiteOnBlack
        return (ColourDepth(colors: Int(cnc_color_count())), defaults)
    }

    /// Turns the mouse on or off, from now on.
    func setMouse(_ isOn: Bool) {
        mousemask(isOn ? CNC_LEFT_PRESSED | CNC_WHEEL_UP | CNC_WHEEL_DOWN : 0, nil)
    }

    /// Whether a frame shown now would neither block nor queue behind the one before.
    func isReady(for reason: FrameReason) -> Bool {
        // Also when the terminal has hung up, which the next wait will find.
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&output, 1, 0) != 0 else { return false }
        return reason == .answer || pace.allows(reason, at: .now) && unsentBytes == 0
    }

    /// Bytes that a serial line has still to send. Always 0 where the terminal is a program.
    private var unsentBytes: Int32 {
        var count: Int32 = 0
        return ioctl(STDOUT_FILENO, UInt(TIOCOUTQ), &count) == 0 ? count : 0
    }

    /// Shows the frame; ncurses writes only what differs from the screen. What does not fit is cut off.
    mutating func show(_ frame: Frame, theme: Theme, for reason: FrameReason = .answer) {
        let size = self.size
        var writer = CellWriter(theme: theme, defaults: defaultColours, isUTF8: isUTF8)
        werase(window)
        for row in 0..<min(frame.size.rows, size.rows) {
            let cells = writer.cells(ofRow: row, in: frame, columns: size.columns)
            mvwadd_wchnstr(window, Int32(row), 0, cells, Int32(cells.count))
        }
        let start = ContinuousClock.now
        refresh()
        let end = ContinuousClock.now
        pace.shown(from: start, to: end)
        if reason == .animation, pace.asks(at: end) { send(TerminalInput.receiptRequest) }
    }

    /// Paints the whole screen anew, for when something else has written on it.
    func repaint() {
        cnc_distrust_screen()
        refresh()
    }

    /// ncurses ignores SIGTSTP while it writes, so that a Ctrl-Z would be lost; blocked, it comes afterwards.
    private func refresh() {
        var (stop, before) = (sigset_t(), sigset_t())
        sigemptyset(&stop)
        sigaddset(&stop, SIGTSTP)
        pthread_sigmask(SIG_BLOCK, &stop, &before)
        wrefresh(window)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    /// Offers the text to the clipboard of the terminal's person.
    /// - Returns: false when the terminal will certainly not take it, so that the text must be shown instead.
    func copy(_ text: String) -> Bool {
        guard let sequence = clipboard.sequence(for: text) else { return false }
        return send(sequence)
    }

    /// Writes past ncurses, which holds nothing back between refreshes.
    @discardableResult
    private func send(_ sequence: String) -> Bool {
        var bytes = Array(sequence.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return false }
            bytes = bytes.dropFirst(max(0, count))
        }
        return true
    }

    /// Waits until something happens or `milliseconds` have passed (negative: for ever), and returns all that happened.
    ///
    /// A change of size is an event even if its signal went to the shell while the program was stopped.
    mutating func events(waitingAtMost milliseconds: Int32) -> [Event] {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        var rest = milliseconds
        while true {
            switch wakeUp.wait(milliseconds: rest) {
            case .timeOut: return []
            case .hangUp: crashGuard.hangUp()
            case .input: break
            case .signal(let hasContinued):
                followSize()
                if hasContinued {
                    reset_prog_mode()
                    pace.forgetReceipt()
                }
                // Also after a size that came and went unseen: the terminal has cut what was on it.
                repaint()
            }
            var events: [Event] = [], hasReceipt = false
            while let input = TerminalInput.next(from: window) {
                if case .receipt = input { hasReceipt = true }
                input.append(to: &events, clicks: &clicks, size: size)
            }
            if hasReceipt { pace.received() }
            // A receipt alone is nothing that happened.
            guard hasReceipt, events.isEmpty else { return events }
            if milliseconds >= 0 { rest = max(0, Int32((end - .now) / .milliseconds(1))) }
        }
    }

    /// Tells ncurses the terminal's present size, which queues KEY_RESIZE if it is a new one.
    private func followSize() {
        var present = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &present) == 0, present.ws_row > 0, present.ws_col > 0 else { return }
        let (rows, columns) = (Int32(present.ws_row), Int32(present.ws_col))
        if is_term_resized(rows, columns) { resizeterm(rows, columns) }
    }
}
