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
    ])
    func theSchemaAndTheReaderRefuseTheSame(rest: String, isWrong: Bool) throws {
        let yaml = "name: a\nkernel: {release: \"6.12\", arch: x86_64}\n" + rest + "\n"
        #expect(try faults(yaml).isEmpty != isWrong)
        #expect(((try? Scenario(yaml: Array(yaml.utf8), file: "f.yaml")) == nil) == isWrong)
    }
}
