import Foundation
import Inspector
import Testing

/// docs/filters.md says what the program does today. UPDATE_GOLDEN=1 writes it anew.
struct FilterGuideTests {
    @Test func theTablesAreTheProgramsOwn() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/filters.md")
        var text = try String(contentsOf: path, encoding: .utf8)
        let start = try #require(text.range(of: "## The language\n\n")).upperBound
        let end = try #require(text.range(of: "\n## More of values", range: start..<text.endIndex)).lowerBound
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            text.replaceSubrange(start..<end, with: FilterGuide.markdown)
            try text.write(to: path, atomically: true, encoding: .utf8)
        } else {
            #expect(text[start..<end] == FilterGuide.markdown)
        }
    }
}
