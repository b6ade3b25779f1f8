/// One line of the kernel log.
package struct LogLine: Hashable, Sendable {
    /// Since boot.
    package let time: Microseconds
    /// Without the time; kmemleak's own lines begin with `kmemleak: `.
    package let text: String

    package init(time: Microseconds, text: String) {
        self.time = time
        self.text = text
    }
}

extension LogLine: CustomStringConvertible {
    /// As `dmesg` prints it.
    package var description: String { "\(time.logStamp) \(text)" }
}
