import Foundation
import Testing

/// The files that belong to the program and are compared with it. UPDATE_GOLDEN=1 writes them anew.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let updates = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Checks that the file holds this text.
    static func expect(_ path: String, holds text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        if updates {
            try text.write(to: root.appendingPathComponent(path), atomically: true, encoding: .utf8)
        } else {
            #expect(try self.text(path) == text, "\(path)", sourceLocation: sourceLocation)
        }
    }

    /// Checks that the file holds this text between two others.
    static func expect(
        _ path: String, between start: String, and end: String, holds text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var whole = try self.text(path)
        let from = try #require(whole.range(of: start), sourceLocation: sourceLocation).upperBound
        let to = try #require(whole.range(of: end, range: from..<whole.endIndex), sourceLocation: sourceLocation).lowerBound
        whole.replaceSubrange(from..<to, with: text)
        try expect(path, holds: whole, sourceLocation: sourceLocation)
    }
}
