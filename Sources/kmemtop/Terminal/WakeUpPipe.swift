import Glibc
import Synchronization

/// The end of the present `WakeUpPipe` that the signal handler writes to; -1 while there is none.
private let writingEnd = Atomic<Int32>(-1)

/// Waits for input and for SIGWINCH and SIGCONT at once.
///
/// A signal that comes just before the wait would be slept through if it only set a flag: the handler writes a byte
/// into a pipe, and the wait reads that too. While there is a `WakeUpPipe`, both signals are its own.
struct WakeUpPipe: ~Copyable {
    enum Reason: Equatable {
        case timeOut
        case input
        /// The size may have changed; `hasContinued` when the program was stopped and goes on.
        case signal(hasContinued: Bool)
        /// The terminal is gone.
        case hangUp
    }

    private let reading: Int32
    private let writing: Int32
    private let replaced: [(number: Int32, action: sigaction)]

    init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe (too many open files) only the signals are missed.
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        (reading, writing) = (ends[0], ends[1])
        writingEnd.store(writing, ordering: .releasing)

        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            // Full is as good: the wait ends.
            _ = write(writingEnd.load(ordering: .acquiring), &byte, 1)
            errno = before
        }
        action.sa_flags = SA_RESTART
        replaced = [SIGWINCH, SIGCONT].map { number in
            var old = sigaction()
            sigaction(number, &action, &old)
            return (number, old)
        }
    }

    deinit {
        for (number, action) in replaced {
            var action = action
            sigaction(number, &action, nil)
        }
        writingEnd.store(-1, ordering: .releasing)
        close(reading)
        close(writing)
    }

    /// Waits for one of the reasons; a negative number of milliseconds waits for ever.
    func wait(milliseconds: Int32) -> Reason {
        var sources = [STDIN_FILENO, reading].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&sources, 2, milliseconds) > 0 || errno == EINTR else { return .timeOut }
        let signals = signalsReceived()
        if !signals.isEmpty { return .signal(hasContinued: signals.contains(SIGCONT)) }
        if sources[0].revents & Int16(POLLIN) != 0, hasInput { return .input }
        return sources[0].revents == 0 ? .timeOut : .hangUp
    }

    private func signalsReceived() -> Set<Int32> {
        var signals: Set<Int32> = []
        var byte: UInt8 = 0
        while read(reading, &byte, 1) == 1 { signals.insert(Int32(byte)) }
        return signals
    }

    /// A terminal that hung up is always ready, and has nothing to read.
    private var hasInput: Bool {
        var count: Int32 = 0
        return ioctl(STDIN_FILENO, UInt(FIONREAD), &count) == 0 && count > 0
    }
}
