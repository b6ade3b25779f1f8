import Foundation
import Inspector
import Testing

@testable import kmemtop

/// kmemtop(1).
struct ManualTests {
    private static let formatter = "/usr/bin/mandoc"
    private static let hasMandoc = FileManager.default.fileExists(atPath: formatter)

    /// Runs mandoc over a page.
    private func mandoc(_ options: [String], _ page: String) throws -> ChildProcess {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".1")
        try page.write(to: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: path) }
        return try ChildProcess(running: Self.formatter, options + [path.path])
    }

    @Test func thePageInTheDocumentsIsTheProgramsOwn() throws {
        let outcome = try ChildProcess(running: ChildProcess.kmemtop, ["man"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        try Repository.expect("docs/kmemtop.1", holds: outcome.output)
    }

    @Test func theVersionIsTold() throws {
        let outcome = try ChildProcess(running: ChildProcess.kmemtop, ["--version"])
        #expect(outcome == ChildProcess(output: "kmemtop \(Release.version)\n", errors: "", status: 0))
    }

    @Test(.enabled(if: Self.hasMandoc)) func mandocFindsNoFault() throws {
        let outcome = try mandoc(["-Tlint", "-W", "warning"], ManualPage().text)
        #expect(outcome.output == "" && outcome.errors == "" && outcome.status == 0)
    }

    @Test(.enabled(if: Self.hasMandoc)) func everyCommandOptionAndKeyIsShown() throws {
        let page = try mandoc(["-Tutf8", "-O", "width=200"], ManualPage().text).output.overstrikesRemoved
        let lines = page.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        for command in try ToolDescription(of: Kmemtop.self).command.shownSubcommands {
            let hasSection = lines.contains("kmemtop \(command.commandName)")
            #expect(hasSection, "\(command.commandName)")
            for name in command.shownArguments.compactMap(\.preferredName?.name) where name.count > 1 {
                let isShown = page.contains("--\(name)")
                #expect(isShown, "\(command.commandName) \(name)")
            }
        }
        for binding in Keymap.bindings {
            let keys = binding.keys.map(\.label).joined(separator: ", ")
            let isShown = lines.contains { $0.hasPrefix(keys + " ") && $0.hasSuffix(" " + binding.help) }
            #expect(isShown, "\(keys)")
        }
    }

    @Test(.enabled(if: Self.hasMandoc)) func everyCharacterComesOutAsItself() throws {
        let characters = (0x21...0x7e).map { String(Unicode.Scalar(UInt8($0))) }
            + ["↑", "…", "é", "🐢", "Sh", "Ic", ".Sh", "a b", "'q", "\\fB"]
        let items = characters.map { ".It Ic \(Roff.word($0)) , Ic \(Roff.word($0))\n\(Roff.prose($0 + " is " + $0))" }.joined()
        let head = ".Dd January 1, 2026\n.Dt T 1\n.Os\n.Sh NAME\n.Nm t\n.Nd t\n.Sh KEYS\n.Bl -tag -width 20n\n"
        #expect(try mandoc(["-Tlint", "-W", "warning"], head + items + ".El\n").output == "")
        let page = try mandoc(["-Tutf8"], head + items + ".El\n").output.overstrikesRemoved
        let lines = page.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        for character in characters {
            let isItself = lines.contains("\(character), \(character) \(character) is \(character)")
            #expect(isItself, "\(character)")
        }
    }

    @Test func sentencesBeginLinesAndLongLinesAreBroken() {
        #expect(Roff.prose("One. Two e.g. three: x.\n\nPress . and . again") == """
            One.
            Two e.g. three: x.
            .Pp
            Press . and . again

            """)
        #expect(Roff.prose(String(repeating: "wwww ", count: 14) + ". x") == """
            \(Array(repeating: "wwww", count: 14).joined(separator: " "))
            \\&. x

            """)
        #expect(Roff.prose(String(repeating: "wwww ", count: 13) + ". abcdefgh").hasPrefix(
            Array(repeating: "wwww", count: 13).joined(separator: " ") + " .\\&\n"))
    }
}

extension String {
    /// Without the backspaces by which mandoc makes bold and underlined characters.
    fileprivate var overstrikesRemoved: String {
        var scalars = UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar == "\u{8}" { scalars.removeLast() } else { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
