import Foundation
import Testing

/// `kmemtop generate`.
struct GenerateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> String { folder.path(name) }

    private func kmemtop(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(running: ChildProcess.kmemtop, arguments, in: folder.url)
    }

    @Test func theCaptureIsScannedAndHasTheLeaksThatWereTold() throws {
        let made = try kmemtop("generate", "--objects", "3000", "--seed", "5", "--leaks", "1%", "-o", "heap.kmemcore", "--expect", "leaks")
        #expect(made.status == 0 && made.output.isEmpty)
        #expect(made.errors.hasPrefix("kmemtop: heap.kmemcore: 3000 objects, 30 leaks, "))
        let scan = try kmemtop("scan", path("heap.kmemcore"), "--format", "report")
        #expect(scan.status == 1)
        let reported = scan.output.split(separator: "\n").filter { $0.hasPrefix("unreferenced object") }
            .compactMap { $0.split(separator: " ").first { $0.hasPrefix("0x") } }
        let told = try String(contentsOfFile: path("leaks"), encoding: .utf8).split(separator: "\n")
        #expect(told == reported && told.count == 30)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == ["heap.kmemcore", "leaks"])
    }

    @Test func standardOutputTakesTheSameBytes() throws {
        #expect(try kmemtop("generate", "--objects", "50", "-o", "a").status == 0)
        let piped = try ChildProcess(
            running: "/bin/sh", ["-c", "\"$0\" generate --objects 50 > b && cmp a b", ChildProcess.kmemtop], in: folder.url)
        #expect(piped.status == 0 && piped.output.isEmpty)
        #expect(try kmemtop("scan", path("b")).output.contains("1 leak"))
    }

    @Test func withoutLeaksNoneIsFound() throws {
        #expect(try kmemtop("generate", "--objects", "100", "--leaks", "0", "-o", "heap").errors.contains("100 objects, 0 leaks, "))
        #expect(try kmemtop("scan", path("heap")).status == 0)
    }

    @Test(arguments: [
        (["--objects", "0"], "--objects: expected a number from 1 to 10000000, found 0"),
        (["--objects", "10000001"], "--objects: expected a number from 1 to 10000000, found 10000001"),
        (["--objects", "x"], "The value 'x' is invalid for '--objects <objects>'"),
        (["--seed", "-1"], "Missing value for '--seed <seed>'"),
        (["--leaks", "0.6"], "--leaks: expected a share from 0 to 0.5, found 0.6"),
        (["--leaks", "-1"], "Missing value for '--leaks <leaks>'"),
        (["--leaks", "1/2"], "The value '1/2' is invalid for '--leaks <leaks>'"),
        (["--cycles", "101%"], "--cycles: expected a share from 0 to 1, found 1.01"),
        (["--density", "nan"], "The value 'nan' is invalid for '--density <density>'"),
        (["--expect", "-"], "--expect: standard output is taken by the capture"),
        (["-o", "x", "--expect", "./x"], "--expect: expected another file than that of --output, found ./x"),
        (["-o", "/nosuch/x"], "/nosuch/x: cannot be written: No such file or directory"),
        (["-o", "/"], "/: cannot be written: Is a directory"),
        (["-o", "/dev/full"], "/dev/full: cannot be written: No space left on device"),
        (["-o", "x", "--expect", "no/such/x"], "no/such/x: cannot be written: No such file or directory"),
        (["-o", "x", "--expect", "/dev/full"], "/dev/full: cannot be written: No space left on device"),
        (["-o", "x", "--expect", "/proc/x"], "/proc/x: cannot be written: No such file or directory"),
    ])
    func badInputIsOneSentence(arguments: [String], message: String) throws {
        let outcome = try ChildProcess(running: ChildProcess.kmemtop, ["generate"] + arguments, in: folder.url)
        #expect(outcome == ChildProcess(output: "", errors: "kmemtop: \(message)\n", status: 2))
    }
}
