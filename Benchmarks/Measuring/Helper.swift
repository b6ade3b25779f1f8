import CYardsticks
import Glibc

/// A program that says a line when it is ready, and then answers each line with one.
package final class Helper {
    private let child: yard_child
    package private(set) var greeting = ""

    /// - Parameter arguments: the program's path first.
    package init(_ arguments: [String]) {
        child = withCStrings(arguments) { yard_start($0) }
        greeting = readLine()
    }

    deinit { yard_end(child) }

    /// Sends an empty line and waits for the answer.
    package func ask() -> String {
        _ = "\n".withCString { write(child.input, $0, 1) }
        return readLine()
    }

    private func readLine() -> String {
        var line: [UInt8] = [], byte: UInt8 = 0
        while read(child.output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}

/// Lends the texts as a C program takes its arguments.
package func withCStrings<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
}
