import Foundation
import Testing

/// Every picture in the documents is what the command in the comment above it prints:
///
///     <!-- kmemtop render hub-probe --size 120x40 --keys "s . ." --format svg -->
///     ![kmemtop in the middle of a scan](screen.svg)
struct PictureTests {
    struct Picture: Equatable {
        /// Relative to the repository.
        var path: String
        /// Of the program; nil where no comment stands above.
        var arguments: [String]?
    }

    /// The pictures of a document, which may be anywhere but in code.
    static func pictures(in document: String, at path: String) -> [Picture] {
        let folder = path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        var above = "", isCode = false
        return document.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [Picture] in
            defer { above = String(line) }
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, !line.hasPrefix("    ") else { return [] }
            return line.matches(of: /!\[[^\]]*\]\(([^)]+\.svg)\)/).map { match in
                let command = above.wholeMatch(of: /<!-- kmemtop (.+) -->/).map { String($0.1) }
                return Picture(path: folder + match.1, arguments: command.map(words))
            }
        }
    }

    /// Words as a shell splits them; only double quotes, and nothing in them is special.
    private static func words(_ command: String) -> [String] {
        command.matches(of: /"([^"]*)"|[^ "]+/).map { String($0.1 ?? $0.0) }
    }

    private static func documents() throws -> [String] {
        let docs = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appendingPathComponent("docs").path)
        return ["README.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
    }

    @Test func everyPictureIsWhatTheProgramShows() throws {
        var count = 0
        for document in try Self.documents() {
            for picture in Self.pictures(in: try Repository.text(document), at: document) {
                guard let arguments = picture.arguments else {
                    Issue.record("\(document): no command stands above \(picture.path)")
                    continue
                }
                let outcome = try ChildProcess(running: ChildProcess.kmemtop, arguments, in: Repository.root)
                #expect(outcome.status == 0 && outcome.errors == "", "\(document): \(picture.path)")
                try Repository.expect(picture.path, holds: outcome.output)
                count += 1
            }
        }
        #expect(count > 0)
    }

    @Test func noPictureIsLeftOver() throws {
        let shown = try Self.documents().flatMap { Self.pictures(in: try Repository.text($0), at: $0).map(\.path) }
        let docs = Repository.root.appendingPathComponent("docs")
        let stored = try FileManager.default.subpathsOfDirectory(atPath: docs.path).filter { $0.hasSuffix(".svg") }
        #expect(Set(shown) == Set(stored.map { "docs/" + $0 }))
    }

    @Test func theCommandStandsInTheCommentDirectlyAbove() {
        #expect(Self.pictures(
            in: """
                <!-- kmemtop render cycle --keys "s . ." -->
                ![a](docs/a.svg)
                <!-- kmemtop render -->

                ![b](b.svg)
                ```
                ![code](c.svg)
                ```
                    ![code](d.svg)
                ![a photograph](e.png)
                """, at: "docs/x.md")
            == [
                Picture(path: "docs/docs/a.svg", arguments: ["render", "cycle", "--keys", "s . ."]),
                Picture(path: "docs/b.svg", arguments: nil),
            ])
    }
}
