import HeapModel

/// What is wrong with a file of settings or notes, and where.
package struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1.
    package let line: Int
    package let column: Int
    package let message: String

    init(_ error: ScenarioError) {
        file = error.file
        line = error.line
        column = error.column
        message = error.message
    }

    package var description: String { "\(file):\(line):\(column): \(message)" }
}
