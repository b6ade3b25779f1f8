import Glibc
import Synchronization

/// Standard error, kept in a file while the screen is up.
///
/// What is written over the screen garbles it, and what is written to the alternate screen is lost with it: Swift
/// prints why it traps *before* the signal comes. Where standard error is not a terminal it is left alone.
/// The descriptors are atomic because a signal handler releases the messages too.
enum HeldMessages {
    private static let original = Atomic<Int32>(-1)
    private static let file = Atomic<Int32>(-1)
    /// What the messages pass through. Unsafe only to use twice at once: the second release finds no file.
    nonisolated(unsafe) private static let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)

    static func hold() {
        guard isatty(STDERR_FILENO) == 1, let stream = tmpfile() else { return }
        // A handler must not be the first to ask for it.
        _ = buffer
        defer { fclose(stream) }
        original.store(duplicate(STDERR_FILENO), ordering: .releasing)
        file.store(duplicate(fileno(stream)), ordering: .releasing)
        dup2(fileno(stream), STDERR_FILENO)
    }

    /// Gives standard error back and writes to it what was held.
    ///
    /// Calls nothing that a signal handler must not. Generic functions of the standard library are such: unless they are
    /// specialized, they may make metadata, for which the thread that the signal met can hold the runtime's lock.
    static func release() {
        let target = original.exchange(-1, ordering: .acquiringAndReleasing)
        let source = file.exchange(-1, ordering: .acquiringAndReleasing)
        guard target >= 0, source >= 0 else { return }
        dup2(target, STDERR_FILENO)
        close(target)
        lseek(source, 0, SEEK_SET)
        while case let count = read(source, buffer.baseAddress, buffer.count), count > 0 {
            _ = write(STDERR_FILENO, buffer.baseAddress, count)
        }
        close(source)
    }

    /// A duplicate that programs started from here do not inherit.
    private static func duplicate(_ descriptor: Int32) -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
}
