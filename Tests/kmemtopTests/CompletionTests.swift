import ArgumentParser
import Foundation
import HeapModel
import Testing

@testable import kmemtop

/// What shells offer when Tab is pressed.
struct CompletionTests {
    /// Holds the script, and is the folder in which bash completes.
    private let held: TemporaryFolder
    private var folder: URL { held.url }

    init() throws {
        held = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("captures"), withIntermediateDirectories: false)
        let names = ["cat.yaml", "it's.kmemcore", "$(touch broken)", "`id`;:.yml", ".hidden", "captures/one.kmemcore", "captures/two.yaml"]
        for name in names {
            #expect(FileManager.default.createFile(atPath: folder.appendingPathComponent(name).path, contents: nil))
        }
    }

    private func script(for shell: String) throws -> String {
        let outcome = try ChildProcess(running: ChildProcess.kmemtop, ["--generate-completion-script", shell])
        #expect(outcome.status == 0 && outcome.errors == "")
        let path = folder.appendingPathComponent(".script").path
        try outcome.output.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// What bash offers for the last of the words.
    private func bash(_ words: String...) throws -> [String] {
        let driver = CommandLineTests.fixtures.appendingPathComponent("completion.bash").path
        let outcome = try ChildProcess(
            running: "/bin/bash", [driver, try script(for: "bash"), ChildProcess.kmemtop] + words, in: folder)
        #expect(outcome.errors == "")
        return outcome.output.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [("bash", "/bin/bash"), ("zsh", "/bin/zsh"), ("fish", "/usr/bin/fish")])
    func theScriptIsOneOfItsShell(shell: String, path: String) throws {
        let script = try script(for: shell)
        guard FileManager.default.fileExists(atPath: path) else { return }
        #expect(try ChildProcess(running: path, ["-n", script]) == ChildProcess(output: "", errors: "", status: 0))
    }

    @Test func bashCompletesCommandsOptionsAndTheirValues() throws {
        #expect(try bash("sc") == ["scan", "scenarios"])
        #expect(try bash("scan", "--f") == ["--format"])
        #expect(try bash("scan", "--format", "") == ["report", "summary", "json"])
        #expect(try bash("scenarios", "mov") == ["moving-pointer", "moving-pointer-2026"])
    }

    @Test func bashCompletesSources() throws {
        #expect(try bash("scan", "cyc") == ["cycle"])
        #expect(try bash("dump", "c") == ["cycle", "captures/", "cat.yaml"])
        #expect(try bash("control", "captures/") == ["captures/one.kmemcore", "captures/two.yaml"])
        #expect(try bash("test", "cycle", "ca") == ["captures/", "cat.yaml"])
        #expect(try bash("test", "captures/") == ["captures/two.yaml"])
        #expect(try bash("scan", ".h") == [".hidden"])
        #expect(try bash("scan", "nosuch/x") == [])
    }

    @Test func aNameOfAFileIsNeverRun() throws {
        #expect(try bash("scan", "")
            == Scenario.builtInNames + ["$(touch broken)", "`id`;:.yml", "captures/", "cat.yaml", "it's.kmemcore"])
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("broken").path))
    }

    @Test func eachShellIsToldInItsOwnWay() {
        let start = folder.path + "/`"
        let name = folder.path + "/`id`;:.yml"
        #expect(SourceCompletion(start, shell: .fish).candidates() == [name])
        #expect(SourceCompletion(start, shell: .zsh).candidates() == [folder.path + "/`id`;\\:.yml"])
        #expect(SourceCompletion(start, shell: .bash).candidates() == [folder.path + "/\\`id\\`\\;\\:.yml"])
        #expect(SourceCompletion("~/captures/o", shell: nil, home: folder.path).candidates() == ["~/captures/one.kmemcore"])
        #expect(SourceCompletion(folder.path + "/it\\'", shell: nil).candidates() == [folder.path + "/it's.kmemcore"])
    }
}
