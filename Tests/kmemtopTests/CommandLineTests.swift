import Foundation
import Testing

/// The program run as a script runs it.
struct CommandLineTests {
    typealias Outcome = ChildProcess

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    private func kmemtop(_ arguments: String...) throws -> Outcome { try kmemtop(arguments) }

    @Test func whyTellsTheWordsThatHoldAnObject() throws {
        let outcome = try kmemtop("why", "hub-probe", "hub0")
        #expect(outcome.output == """
            hub0 is held by .data over 5 words:
              .data+0x300 → usb_bus count 1 of 1, step 99
              usb_bus+0x40 → udev0+0x90 count 1 of 1, step 7383
              udev0+0x150 → config0 count 1 of 1, step 8826
              config0+0x98 → intf0 count 1 of 1, step 11681
              intf0+0x40 → hub0 count 1 of 1, step 12768

            """ && outcome.status == 0)
    }

    @Test func whyTellsWhatIsWrongWithEachWord() throws {
        let outcome = try kmemtop("why", "stale-stack", "forgotten", "--after", "stack=off; scan")
        #expect(outcome.output == """
            forgotten has 0 of 1 references. One word points at it:
              the stack of worker (pid 214)+0x2d60 – but stacks are not scanned (stack=off)
            Cause: nothing else that is lost would hold it.

            """)
    }

    /// The page that tells what changed colour is not in the way.
    @Test func whyTellsOfWhatIsSupposed() throws {
        let outcome = try kmemtop("why", "hub-probe", "hub0", "--after", "scan; if cut intf0+0x40")
        #expect(outcome.output.hasPrefix("hub0 has 0 of 1 references.") && outcome.status == 0)
    }

    /// What the scan left white may be held by a page that was not captured, but not what the kernel itself reported.
    @Test func whatAMissingPageCouldHoldIsUnknown() throws {
        let capture = Self.fixtures.appendingPathComponent("small-6.1.kmemcore").path
        let reported = try kmemtop("why", capture, "0xffff88800870d000").output
        #expect(reported.hasPrefix("0xffff88800870d000 (hub_probe) has 0 of 1 references."))
        #expect(reported.contains("88.0 KiB of what the scan reads were not captured"))
        #expect(reported.contains("has reported it.\n") && !reported.contains("unknown"))
        #expect(try kmemtop("why", capture, "0xffff88800870d000", "--after", "scan; scan").output == reported)
        let supposed = try kmemtop("why", capture, "0xffff888000140300", "--after", "scan; if cut 0xffff888000141cc0").output
        #expect(supposed.contains("0xffff888000140300 has 0 of 1 references.") && supposed.hasSuffix("It is unknown, not lost.\n"))
    }

    @Test func theSummaryTellsWhatWasMissing() throws {
        let summary = try kmemtop("scan", Self.fixtures.appendingPathComponent("small-6.1.kmemcore").path).output
        #expect(summary.contains("\n90112 bytes of what the scan reads were not captured: what only a word there points at is unknown, "))
    }

    @Test func refsListsWordsInAndOut() throws {
        let outcome = try kmemtop("refs", "hub-probe", "hub0+0x40")
        #expect(outcome.output.hasPrefix("2 words point at hub0\n  intf0+0x40  exactly  0xffffffc008e02a40\n"))
        #expect(outcome.output.contains("\nhub0 points with 5 words\n") && outcome.status == 0)
    }

    @Test(arguments: ["why", "refs"])
    func whereNothingIsTrackedTheStatusIsOneAndForNoAddressTwo(command: String) throws {
        let nothing = try kmemtop(command, "hub-probe", "0x10")
        #expect(nothing.status == 1 && nothing.errors == "kmemtop: hub-probe: nothing is tracked at 0x00000010\n" && nothing.output.isEmpty)
        #expect(try kmemtop(command, "hub-probe", "nobody").status == 2)
        #expect(try kmemtop(command, "hub-probe", "hub0", "--after", "frobnicate").status == 2)
    }

    private func kmemtop(_ arguments: [String]) throws -> Outcome { try Outcome(running: ChildProcess.kmemtop, arguments) }

    private func file(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = folder.path(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func hubProbeGivesTheArticlesReportByteForByte() throws {
        let article = try String(contentsOf: Self.fixtures.appendingPathComponent("reports/hub-probe-4.9.txt"), encoding: .utf8)
        #expect(try kmemtop("scan", "hub-probe", "--format", "report") == Outcome(output: article, errors: "", status: 1))
    }

    @Test func theSummaryCountsAndListsTheLeaks() throws {
        let outcome = try kmemtop("scan", "hub-probe")
        #expect(outcome.output == """
            hub-probe
            scan 1: 15120 words, 555 references; white 3, gray 309, black 0; new leaks 3
            3 leaks, 1536 bytes:
              0xffffffc008efcc00  size 512  "swapper/0" pid 1  hub_probe+0x144/0x804
              0xffffffc008efd000  size 512  "swapper/0" pid 1  hub_probe+0x134/0x804
              0xffffffc008efd200  size 512  "swapper/0" pid 1  hub_probe+0x144/0x804

            """)
    }

    /// Leaks after two scans, and without stacks after one.
    @Test(arguments: [
        ("hub-probe", 3, 4), ("lost-list-node", 1, 0), ("cycle", 5, 0), ("stale-stack", 0, 1), ("integer-alias", 1, 1),
        ("encoded-pointer", 2, 2), ("sample-module", 21, 13),
    ])
    func eachLessonTeachesWhatItSays(name: String, leaks: Int, withoutStacks: Int) throws {
        for (arguments, expected) in [(["--scans", "2", "--advance", "10"], leaks), (["--no-stack"], withoutStacks)] {
            let outcome = try kmemtop(["scan", name, "--format", "json"] + arguments)
            let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            #expect((json["leaks"] as? [Any])?.count == expected, "\(name) \(arguments)")
            #expect(outcome.status == (expected > 0 ? 1 : 0))
        }
    }

    // MARK: control and test

    @Test func controlPrintsWhatTheKernelLogs() throws {
        let outcome = try kmemtop("control", "hub-probe", "scan", "scan=5", "stack=off", "--advance", "0.5")
        #expect(outcome == Outcome(output: """
            [   65.080000] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
            [   65.580000] kmemleak: Automatic memory scanning thread ended
            [   65.580000] kmemleak: Automatic memory scanning thread started

            """, errors: "", status: 0))
    }

    @Test func aWriteThatFailsSaysWhatAShellWouldAndIsSeenInTheStatus() throws {
        let outcome = try kmemtop("control", "hub-probe", "dump=0x10", "scan=99999999999", "off", "scan", "clear")
        #expect(outcome.output == """
            [   65.080000] kmemleak: Unknown object at 0x00000010
            [   65.080000] kmemleak: Kernel memory leak detector disabled
            [   65.080000] kmemleak: Automatic memory scanning thread ended

            """)
        #expect(outcome.errors == """
            kmemtop: dump=0x10: write error: Invalid argument
            kmemtop: scan=99999999999: write error: Numerical result out of range
            kmemtop: scan: write error: Device or resource busy

            """)
        #expect(outcome.status == 1)
    }

    @Test func controlReadsInTheEnd() throws {
        let outcome = try kmemtop("control", "hub-probe", "scan", "clear", "--read")
        #expect(outcome.output.hasSuffix("memory leaks (see /sys/kernel/debug/kmemleak)\n") && outcome.status == 0)
        #expect(try kmemtop("control", "hub-probe", "scan", "--read").output.contains("unreferenced object 0xffffffc008efcc00 (size 512):"))
    }

    @Test func theBuiltInScenariosHoldWhatTheyPromise() throws {
        let outcome = try kmemtop("test")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.contains("ok      sample-module:") && !outcome.output.contains("FAILED"))
        let passed = outcome.output.split(separator: "\n").count - 1
        #expect(outcome.output.hasSuffix("\n\(passed) passed, 0 failed\n") && passed > 10)
    }

    @Test func anExpectationThatFailsIsToldAndSeenInTheStatus() throws {
        let head = "name: t\nkernel: {release: 6.12, arch: x86_64}\nsteps: [{alloc: {name: a, size: 8}}, {time: 9}]\n"
        let bad = try file(Array((head + "test:\n  - control: scan\n  - expect: {leaks: [a], new_leaks: 2}\n").utf8), "bad.yaml")
        #expect(try kmemtop("test", bad) == Outcome(output: """
            ok      \(bad):6  leaks: a
            FAILED  \(bad):6  new_leaks: 2  (expected 2, found 1)
            1 passed, 1 failed

            """, errors: "", status: 1))
        let broken = try file(Array((head + "test:\n  - free: b\n").utf8), "broken.yaml")
        #expect(try kmemtop("test", broken, bad) == Outcome(output: """
            ok      \(bad):6  leaks: a
            FAILED  \(bad):6  new_leaks: 2  (expected 2, found 1)
            1 passed, 1 failed

            """, errors: "kmemtop: \(broken):5:5: no live object is called \"b\"\n", status: 2))
        #expect(try kmemtop("test", "cycel").errors == "kmemtop: cycel: no such scenario or file; did you mean cycle?\n")
    }

    @Test func theSchemaIsPrinted() throws {
        let outcome = try kmemtop("scenarios", "--schema")
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema" && outcome.status == 0)
        #expect(try kmemtop("scenarios", "cycle", "--schema").status == 2)
    }

    @Test func aScenarioShowsItsConfiguration() throws {
        let text = try kmemtop("scenarios", "hub-probe").output
        #expect(text.contains("CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE=400") && text.contains("kmemleak.verbose=0"))
    }

    @Test func jsonListsEveryObjectWhenAsked() throws {
        let outcome = try kmemtop("scan", "hub-probe", "--format", "json", "--objects")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(json["version"] as? Int == 1)
        #expect(json["source"] as? String == "hub-probe")
        let objects = try #require(json["objects"] as? [[String: Any]])
        #expect(objects.count == 312)
        #expect(objects.count { $0["colour"] as? String == "white" } == 3)
        let scan = try #require((json["scans"] as? [[String: Any]])?.first)
        #expect(scan["words"] as? Int == 15120 && scan["references"] as? Int == 555)
    }

    @Test func dumpPrintsTheObject() throws {
        let outcome = try kmemtop("dump", "hub-probe", "0xffffffc008efd200", "--scans", "1")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("""
            Object 0xffffffc008efd200 (size 512):
              comm "swapper/0", pid 1, jiffies 4294892825
              min_count = 1
              count = 0
              flags = 0x3
              checksum = 0
              backtrace:
                 __save_stack_trace+0x24/0x30
            """))
    }

    @Test func dumpOfNothingIsSeenInTheStatus() throws {
        #expect(try kmemtop("dump", "hub-probe", "0x10")
            == Outcome(output: "", errors: "kmemtop: hub-probe: nothing is tracked at 0x00000010\n", status: 1))
    }

    @Test func aSmallRealCaptureIsScanned() throws {
        let outcome = try kmemtop("scan", Self.fixtures.appendingPathComponent("small-6.1.kmemcore").path)
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("23 leaks, "))
        #expect(outcome.output.contains("\"swapper/0\" pid 1  hub_probe+0xb7/0x9bc"))
    }

    @Test func renderShowsTheScreen() throws {
        let outcome = try kmemtop("render", "hub-probe", "--keys", "S 4", "--size", "80x24")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("○L 0xffffffc008efcc00"))
        #expect(try kmemtop("render", "hub-probe", "--format", "svg").output.hasPrefix("<svg "))
    }

    @Test func scenariosAreListedAndDescribed() throws {
        #expect(try kmemtop("scenarios").output.hasPrefix("hub-probe            Two lines leaked in hub_probe()\n"))
        #expect(try kmemtop("scenarios", "cycle").output.contains("Press S twice"))
    }

    // MARK: Bad input: one sentence, status 2

    @Test(arguments: [
        (["scan", "nosuch"], "nosuch: no such scenario or file"),
        (["scan", "hub-prob"], "hub-prob: no such scenario or file; did you mean hub-probe?"),
        (["scan", "./nosuch.yaml"], "./nosuch.yaml: No such file or directory"),
        (["scan", "/tmp"], "/tmp: Is a directory"),
        (["scenarios", "nosuch"], "nosuch:1:1: expected a built-in scenario, found none of this name"),
    ])
    func aMissingSourceIsOneSentence(arguments: [String], message: String) throws {
        let outcome = try kmemtop(arguments)
        #expect(outcome == Outcome(output: "", errors: "kmemtop: \(message)\n", status: 2))
    }

    @Test(arguments: [
        ("", "the file is empty; expected a capture (ELF core) or a scenario (YAML)"),
        ("\u{1f}", "expected a capture (ELF core) or a scenario (YAML), found binary data"),
        ("unreferenced object 0x1 (size 2):\n",
         "expected a capture (ELF core) or a scenario (YAML), found a kmemleak report, which names leaks but holds no memory to scan"),
    ])
    func aFileOfTheWrongKindIsNamed(content: String, message: String) throws {
        let path = try file(content == "\u{1f}" ? [0x1f, 0, 1, 2] : Array(content.utf8), "wrong.x")
        #expect(try kmemtop("scan", path) == Outcome(output: "", errors: "kmemtop: \(path): \(message)\n", status: 2))
    }

    @Test func aTruncatedCaptureIsOneSentence() throws {
        let whole = try Data(contentsOf: Self.fixtures.appendingPathComponent("small-6.1.kmemcore"))
        for length in [5, 63, 100, whole.count / 2] {
            let path = try file(Array(whole.prefix(length)), "short.kmemcore")
            let outcome = try kmemtop("scan", path)
            #expect(outcome.status == 2 && outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("kmemtop: \(path): offset 0x"), "\(outcome.errors)")
            #expect(outcome.errors.count { $0 == "\n" } == 1)
        }
    }

    @Test func aBadScenarioNamesLineAndColumn() throws {
        let path = try file(Array("name: x\nkernal: {}\n".utf8), "scenario.yaml")
        #expect(try kmemtop("scan", path).errors
            == "kmemtop: \(path):2:1: a scenario has no \"kernal\"; did you mean \"kernel\"?\n")
    }

    @Test(arguments: [
        (["scan", "hub-probe", "--scans", "0"], "--scans: expected a number from 1 to 1000000, found 0"),
        (["scan", "hub-probe", "--objects"], "--objects: goes with --format json only"),
        (["scan", "hub-probe", "--advance", "x"], "The value 'x' is invalid for '--advance <advance>'"),
        (["scan", "hub-probe", "--nosuch"], "Unknown option '--nosuch'"),
        (["scan"], "Missing expected argument '<source>'"),
        (["dump", "hub-probe", "zzz"], "The value 'zzz' is invalid for '<address>'"),
    ])
    func wrongUsageIsOneSentenceAndEndsWithTwo(arguments: [String], message: String) throws {
        #expect(try kmemtop(arguments) == Outcome(output: "", errors: "kmemtop: \(message)\n", status: 2))
    }

    @Test func moreThanARecordingCanHoldIsRefused() throws {
        let path = try file(Array("""
            name: huge
            kernel: {release: 6.12.1, arch: x86_64}
            linear: {start: 0xffff888000000000, size: 0x4000000}
            steps:
              - alloc: {name: big, size: 0x1000000, cache: big}
              - repeat: {times: 2000, steps: [{scan_area: {at: big, size: 0x1000000}}]}
            """.utf8), "scenario.yaml")
        #expect(try kmemtop("scan", path) == Outcome(
            output: "", errors: "kmemtop: huge: expected roots and objects of at most 2147483648 words, found up to 4194304000\n", status: 2))
    }

    @Test func aMessageCarriesNoControlCharacters() throws {
        #expect(try kmemtop("scan", "/no\u{1b}[31m/such").errors == "kmemtop: /no·[31m/such: No such file or directory\n")
    }

    @Test func helpGoesToStandardOutput() throws {
        let outcome = try kmemtop("--help")
        #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.contains("USAGE: kmemtop"))
    }
}
