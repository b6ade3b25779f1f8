import Foundation
import Inspector
import Testing

/// README and its picture say what the program does today. UPDATE_GOLDEN=1 writes them anew.
struct ReadmeTests {
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private let updates = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

    @Test func theTableOfKeysIsTheProgramsOwn() throws {
        let path = root.appendingPathComponent("README.md")
        var text = try String(contentsOf: path, encoding: .utf8)
        let start = try #require(text.range(of: "## Keys\n\n")).upperBound
        let end = try #require(text.range(of: "\n`:` takes", range: start..<text.endIndex)).lowerBound
        if updates {
            text.replaceSubrange(start..<end, with: Keymap.markdown)
            try text.write(to: path, atomically: true, encoding: .utf8)
        } else {
            #expect(text[start..<end] == Keymap.markdown)
        }
    }

    @Test func thePictureIsWhatTheProgramShows() throws {
        let picture = try CommandLineTests().kmemtop([
            "render", "hub-probe", "--size", "120x40", "--keys", "s wait:9.2 space . .", "--format", "svg",
        ]).output
        let path = root.appendingPathComponent("docs/screen.svg")
        if updates {
            try picture.write(to: path, atomically: true, encoding: .utf8)
        } else {
            #expect(picture == (try String(contentsOf: path, encoding: .utf8)))
        }
    }
}
