import Foundation
import Testing

@testable import Inspector

/// Pictures of a view at several sizes, kept as text under `Tests/Fixtures/frames`.
///
/// `UPDATE_GOLDEN=1 swift test` writes them anew; what changed is then for `git diff` to show.
struct GoldenFrames {
    let name: String
    private(set) var text = ""

    /// Of panes on screens of 80x24, 120x40 and 200x60.
    static let sizes = [Size(columns: 78, rows: 12), Size(columns: 58, rows: 20), Size(columns: 60, rows: 25)]

    init(_ name: String, text: String) {
        self.name = name
        self.text = text
    }

    init(_ name: String, draw: (Area, inout Frame) -> Void) {
        self.name = name
        for size in Self.sizes {
            var frame = Frame(size: size)
            draw(frame.bounds, &frame)
            text += "\(size.columns)x\(size.rows)\n\(frame.text)\n\n"
        }
    }

    func expectAsKept(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/frames")
        let file = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, sourceLocation: sourceLocation)
    }
}
