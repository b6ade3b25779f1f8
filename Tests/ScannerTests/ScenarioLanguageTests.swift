import Foundation
import HeapModel
import Scanner
import Testing
import Yams

/// The table of the language, its reader, its page and its schema say the same.
struct ScenarioLanguageTests {
    private static let page: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: root.appendingPathComponent("docs/scenarios.md"), encoding: .utf8)) ?? ""
    }()

    /// The page's YAML: whole files, and lists of steps.
    private static let blocks: [String] = page.components(separatedBy: "```yaml\n").dropFirst().map {
        $0.components(separatedBy: "\n```")[0] + "\n"
    }
    private static let files = blocks.filter { $0.hasPrefix("name:") }
    private static let lists = blocks.filter { $0.hasPrefix("- ") }

    // MARK: The table and the reader

    @Test func eachStepOfTheTableIsReadAndTheOtherWayRound() {
        #expect(ScenarioSyntax.steps.map(\.name).sorted() == ScenarioStepReader.verbs)
        #expect(Set(ScenarioSyntax.steps.map(\.name)).count == ScenarioSyntax.steps.count)
    }

    @Test func eachExpectationOfTheTableIsReadAndTheOtherWayRound() {
        #expect(ScenarioSyntax.expectations.map(\.name).sorted() == ScenarioExpectationReader.names)
    }

    /// A file that uses every key there is outside of steps.
    private static let everyKey = """
        name: all
        title: Each key once
        description: It is never played.
        kernel: {release: "6.12", arch: x86_64, hz: 100, style: "2026", paging: 5, cpus: 2, kmemleak: "on", default_off: false,
          auto_scan: true, early_log_size: 100, mem_pool_size: 100, verbose: true, min_unref_scans: 2, low_memory: 0x10000000, scan_speed: 100}
        seed: 7
        clock: 10x
        linear: {start: 0xff11000004000000, size: 0x100000}
        memory: [{kind: struct_page, name: zone, start: 0xffd4000000100000, size: 512}]
        tasks: [{pid: 1, comm: init, stack: 0xffa0000000010000, stack_size: 1024}]
        caches: [{name: c, size: 40, align: 16, poison: true, noleaktrace: true}]
        symbols: {0xffffffff81000010: f+0x10/0x20}
        backtraces: {f: [f+0x10/0x20]}
        steps: []
        workload: [{every: 1, from: 2, steps: []}]
        test: []
        scan: 10
        read: 11.5

        """

    @Test func eachKeyOfTheTableIsRead() throws {
        let top = try #require(try Yams.compose(yaml: Self.everyKey)?.mapping)
        #expect(top.keys.map(\.string) == ScenarioSyntax.top.map(\.name))
        #expect(top["kernel"]?.mapping?.keys.map(\.string) == ScenarioSyntax.kernel.map(\.name))
        #expect(try faults(Self.everyKey) == [])
        let scenario = try Scenario(yaml: Array(Self.everyKey.utf8), file: "all.yaml")
        #expect(scenario.seed == 7 && scenario.clockSpeed == 10 && scenario.readTime == Microseconds(11_500_000))
        #expect(scenario.profile.style == .v2026 && scenario.boot.minUnrefScans == 2 && scenario.scanSpeed == 100)
    }

    /// One letter more, and neither the reader nor the schema knows it.
    @Test(arguments: (ScenarioSyntax.top + ScenarioSyntax.kernel).map(\.name))
    func aKeyThatIsNotInTheTableIsRefused(key: String) throws {
        let wrong = Self.everyKey.replacing(try Regex("\\b\(key): "), maxReplacements: 1) { _ in "\(key)s: " }
        let faults = try faults(wrong)
        #expect(wrong != Self.everyKey && !faults.isEmpty)
        #expect { _ = try Scenario(yaml: Array(wrong.utf8), file: "all.yaml") } throws: { "\($0)".contains("has no \"\(key)s\"") }
    }

    @Test func thePhasesOfTheLanguageAreThoseOfAScan() { #expect(ScenarioSyntax.phases.count == Phase.allCases.count) }

    // MARK: The page

    @Test func thePageShowsEachStepOnce() throws {
        var shown: [String: Int] = [:]
        for list in Self.lists {
            let steps = try #require(try Yams.compose(yaml: list)?.sequence)
            for step in steps { shown[step.mapping?.keys.first?.string ?? "?", default: 0] += 1 }
        }
        #expect(shown == Dictionary(uniqueKeysWithValues: ScenarioSyntax.steps.map { ($0.name, 1) }))
    }

    @Test func thePageNamesEachKey() {
        for field in ScenarioSyntax.top + ScenarioSyntax.kernel { #expect(Self.page.contains("`\(field.name)`"), "\(field.name)") }
        for field in ScenarioSyntax.expectations { #expect(Self.page.contains("\(field.name): "), "\(field.name)") }
        for phase in ScenarioSyntax.phases { #expect(Self.page.contains("`\(phase)`"), "\(phase)") }
    }

    @Test func theFilesOfThePageHoldWhatTheyExpect() throws {
        #expect(Self.files.count == 2)
        for file in Self.files {
            let results = try Machine.test(Scenario(yaml: Array(file.utf8), file: "page.yaml"))
            #expect(!results.isEmpty && results.allSatisfy { $0.difference == nil }, "\(results)")
        }
    }

    /// One after the other, on the head of the page's first file.
    @Test func theStepsOfThePageDoWhatItSays() throws {
        let head = try #require(Self.files.first?.components(separatedBy: "steps:\n").first)
        let early = "  - alloc: {name: queue, size: 256, min_count: 1}\n"
        let steps = Self.lists.map { $0.split(separator: "\n").map { "  \($0)\n" }.joined() }.joined()
        // The control file is there after late_init; the steps that need it come behind.
        let parts = steps.components(separatedBy: "  - during:")
        let text = head + "steps:\n" + early + parts[0] + "  - kmemleak: late_init\n  - {control: scan=off}\n  - during:" + parts[1]
        let results = try Machine.test(Scenario(yaml: Array(text.utf8), file: "page.yaml"))
        let failed = results.filter { $0.difference != nil && $0.what != "during" }
        #expect(results.count >= 17 && failed.isEmpty, "\(failed)")
    }

    // MARK: The schema

    private func faults(_ yaml: String) throws -> [String] {
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(ScenarioSchema.text.utf8)) as? [String: Any])
        return SchemaValidator(schema).faults(in: try #require(try Yams.compose(yaml: yaml)))
    }

    @Test(arguments: Scenario.builtInNames)
    func builtInScenariosFitTheSchema(name: String) throws {
        #expect(try faults(String(decoding: try #require(Scenario.builtInText(name)), as: UTF8.self)) == [])
    }

    @Test func theFilesOfThePageFitTheSchema() throws {
        for file in Self.files { #expect(try faults(file) == []) }
        let head = "name: a\nkernel: {release: b, arch: arm64}\nsteps:\n"
        for list in Self.lists { #expect(try faults(head + list) == []) }
    }

    /// What the reader refuses for its shape, the schema refuses.
    @Test(arguments: [
        ("steps: [{alloc: {name: a}}]", true), ("steps: [{allok: {name: a, size: 1}}]", true), ("steps: [{free: a, time: 1}]", true),
        ("steps: [{alloc: {name: a, size: 8, colour: red}}]", true), ("steps: [{alloc: {name: a, size: eight}}]", true), ("steps: {}", true),
        ("steps: []\nstepz: []", true), ("stepz: []", true), ("steps: [{interrupt: nmi}]", true), ("steps: [{slab_failure: 3}]", true),
        ("steps: [{repeat: {times: 2, steps: [{frii: a}]}}]", true), ("steps: []\nclock: 2x", true), ("steps: [{expect: {leeks: 1}}]", true),
        ("steps: [{expect: {colour: {a: pink}}}]", true), ("steps: [{control: {error: EPERM}}]", true), ("steps: [{alloc: 5}]", true),
        ("steps: [{alloc: {name: a, size: 0x10}}]", false), ("steps: [{alloc: {name: a, size: \"16\"}}]", false), ("steps: [{log: 5}]", false),
        ("steps: [{expect: {}}]", true), ("steps: [{time: soon}]", true), ("steps: [{time: 1.5}]", false), ("steps: [{time: \"1.5\"}]", false),
        ("steps: [{write: {at: a}}]", true), ("steps: [{write: {at: a, hex: ff, text: a}}]", true), ("steps: [{write: {at: a, hex: ff}}]", false),
        ("steps: [{repeat: {steps: []}}]", true), ("steps: [{repeat: {times: 1, over: [a], steps: []}}]", true),
        ("steps: [{control: {write: scan, error: ENOENT}}]", true), ("steps: [{control: {write: scan, error: EPERM}}]", false),
        ("steps: [{during: {phase: end, steps: []}}]", true), ("steps: []\nworkload: [{steps: []}]", true),
        ("steps: []\nmemory: [{kind: text, name: a, start: 0x1000, size: 8}]", true), ("steps: []\ncaches: [{name: a, size: 8, alin: 8}]", true),
        ("steps: []\ntasks: [{pid: 1, comm: a}]", true), ("steps: []\nlinear: {start: 0, size: 4096, end: 1}", true),
    ])
    func theSchemaAndTheReaderRefuseTheSame(rest: String, isWrong: Bool) throws {
        let yaml = "name: a\nkernel: {release: \"6.12\", arch: x86_64}\n" + rest + "\n"
        #expect(try faults(yaml).isEmpty != isWrong)
        #expect(((try? Scenario(yaml: Array(yaml.utf8), file: "f.yaml")) == nil) == isWrong)
    }
}
