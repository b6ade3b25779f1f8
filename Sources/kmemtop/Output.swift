import Foundation
import Inspector

/// What the commands print.
enum Output {
    /// Results, on standard output. Byte for byte, but on a terminal without control characters: comm and symbols come
    /// from outside.
    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data((isatty(STDOUT_FILENO) == 1 ? clean(text) : text).utf8))
    }

    /// A message for a person, on standard error.
    static func complain(_ message: String) {
        FileHandle.standardError.write(Data("kmemtop: \(clean(message))\n".utf8))
    }

    private static func clean(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(TextWidth.clean).joined(separator: "\n")
    }
}
