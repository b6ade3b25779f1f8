import CYardsticks
import Glibc
import Measuring

/// A program run in a pseudo-terminal of 120x40, whose keys are pressed from here.
///
/// A measured time ends with the last byte of what the program writes in answer.
final class TerminalRun {
    private let child: yard_child
    private let started = ContinuousClock.now
    /// From the start of the process to the last byte of its first frame, in nanoseconds.
    private(set) var opening = 0

    /// Less than this is not a frame of so large a screen, but what comes before it.
    private static let firstFrame = 2000

    init(_ arguments: [String]) {
        child = withCStrings(arguments) { yard_start_in_terminal($0, 120, 40) }
        var bytes = 0
        while bytes < Self.firstFrame {
            guard let answer = read(since: started, beginsWithin: 120_000, quiet: 150) else { return }
            bytes += answer.bytes
            opening = answer.nanoseconds
        }
    }

    deinit { yard_end(child) }

    /// Types a character; nil when nothing changed on the screen.
    func press(_ key: Character) -> Int? {
        let start = ContinuousClock.now
        _ = String(key).withCString { write(child.input, $0, strlen($0)) }
        return read(since: start, beginsWithin: 10_000, quiet: 60)?.nanoseconds
    }

    /// What is written until there is nothing for `quiet` milliseconds; nil when the program ends, or writes nothing.
    private func read(since start: ContinuousClock.Instant, beginsWithin: Int32, quiet: Int32) -> (nanoseconds: Int, bytes: Int)? {
        var buffer = [UInt8](repeating: 0, count: 65536), bytes = 0, last = start
        var waiting = pollfd(fd: child.output, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, bytes == 0 ? beginsWithin : quiet) == 1 {
            let count = Glibc.read(child.output, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += count
            last = .now
        }
        let (seconds, attoseconds) = (last - start).components
        return bytes == 0 ? nil : (Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000), bytes)
    }
}
