import CNcurses
import Glibc
import Synchronization

/// Whether a screen is up that a signal's handler must take down.
private let isArmed = Atomic<Bool>(false)

/// The actions that the guard's own replaced, by signal number.
private let replacedActions = ReplacedActions()

/// Gives the terminal back when a signal ends the program, and lets the signal end it all the same.
///
/// Fatal signals (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE) and requests to end (SIGINT, SIGTERM, SIGHUP):
/// the screen is left, messages held back are written, the action from before is put in place and the signal raised
/// again. So a shell sees 128 + n, and Swift's own crash report comes after the screen, not into it.
/// SIGTSTP is left to ncurses, which handles it well.
///
/// `endwin()` may not be called from a signal handler by the letter of POSIX: it can meet ncurses in the middle of its
/// work. htop and ncurses' own handlers do the same: the process is lost anyway, the screen need not be.
struct CrashGuard: ~Copyable {
    private static let fatal = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE]
    private static let requests = [SIGINT, SIGTERM, SIGHUP]

    /// A stack for the handler, as there is none left after endless recursion; nil if the thread has one already.
    private let stack: UnsafeMutableRawPointer?

    init() {
        stack = Self.alternateStack()
        var action = sigaction()
        action.__sigaction_handler.sa_handler = endBySignal
        action.sa_flags = Int32(bitPattern: UInt32(bitPattern: SA_ONSTACK))
        sigemptyset(&action.sa_mask)
        for number in Self.requests { sigaddset(&action.sa_mask, number) }
        // In the background, giving the modes back would stop the program.
        sigaddset(&action.sa_mask, SIGTTOU)
        for number in Self.fatal + Self.requests {
            replacedActions.replace(number, by: action, evenIfIgnored: Self.fatal.contains(number))
        }
    }

    deinit {
        isArmed.store(false, ordering: .releasing)
        HeldMessages.release()
        for number in Self.fatal + Self.requests { replacedActions.restore(number) }
        if let stack {
            var none = stack_t(ss_sp: nil, ss_flags: Int32(SS_DISABLE), ss_size: 0)
            sigaltstack(&none, nil)
            stack.deallocate()
        }
    }

    /// From now on there is a screen to take down, and standard error is held back.
    func arm() {
        HeldMessages.hold()
        isArmed.store(true, ordering: .releasing)
    }

    /// Ends the program as SIGHUP does, even if that is ignored: without its terminal it can only spin.
    func hangUp() -> Never {
        signal(SIGHUP, SIG_DFL)
        raise(SIGHUP)
        _exit(128 + SIGHUP)
    }

    private static func alternateStack() -> UnsafeMutableRawPointer? {
        var present = stack_t()
        guard sigaltstack(nil, &present) == 0, present.ss_flags & Int32(SS_DISABLE) != 0 else { return nil }
        let size = 1 << 16
        let stack = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        var new = stack_t(ss_sp: stack, ss_flags: 0, ss_size: size)
        sigaltstack(&new, nil)
        return stack
    }
}

/// The handler. The signal raised here is blocked until it returns, and then meets the action from before.
private func endBySignal(_ number: Int32) {
    if isArmed.exchange(false, ordering: .acquiringAndReleasing) {
        // In the background the terminal belongs to somebody else.
        let owner = tcgetpgrp(STDIN_FILENO)
        if owner == -1 || owner == getpgrp() { endwin() }
        HeldMessages.release()
    }
    replacedActions.restore(number)
    raise(number)
}

/// A `sigaction` for each signal number.
///
/// @unchecked Sendable: written only while no handler of the guard's is in place for that signal.
private struct ReplacedActions: @unchecked Sendable {
    /// Past the greatest number, SIGRTMAX of Linux.
    private static let count = 65
    private let actions: UnsafeMutablePointer<sigaction>

    init() {
        actions = .allocate(capacity: Self.count)
        actions.initialize(repeating: sigaction(), count: Self.count)
    }

    /// A signal that is ignored (SIGHUP under `nohup`) is left so, unless it is to be caught even then.
    func replace(_ number: Int32, by action: sigaction, evenIfIgnored: Bool) {
        let old = actions + Int(number)
        sigaction(number, nil, old)
        let isIgnored = unsafeBitCast(old.pointee.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
        guard evenIfIgnored || !isIgnored else { return }
        var action = action
        sigaction(number, &action, nil)
    }

    func restore(_ number: Int32) {
        sigaction(number, actions + Int(number), nil)
    }
}
