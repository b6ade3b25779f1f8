import Foundation
import Testing

/// `graph`, `roots` and what `scan` tells of causes, as a script runs them.
struct GraphCommandTests {
    private func kmemtop(_ arguments: String...) throws -> ChildProcess { try ChildProcess(running: ChildProcess.kmemtop, arguments) }

    @Test func leaksComeAsAGraph() throws {
        let outcome = try kmemtop("graph", "cycle", "--after", "scan; scan")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.hasPrefix("digraph kmemleak {\n") && outcome.output.contains("cycle of 4"))
    }

    @Test func anObjectComesWithWhatSurroundsIt() throws {
        let near = try kmemtop("graph", "hub-probe", "hub0+0x40", "--depth", "0"), far = try kmemtop("graph", "hub-probe", "hub0", "--limit", "3")
        #expect(near.output.contains("hub0\\n") && !near.output.contains("->") && near.errors.isEmpty)
        #expect(far.errors.hasPrefix("kmemtop: hub-probe: 2 of at least ") && far.status == 0)
    }

    @Test func whatIsNotThereIsToldByTheStatus() throws {
        let nothing = try kmemtop("graph", "hub-probe", "0x10")
        #expect(nothing.status == 1 && nothing.errors == "kmemtop: hub-probe: nothing is tracked at 0x00000010\n" && nothing.output.isEmpty)
        #expect(try kmemtop("graph", "hub-probe", "nobody").status == 2)
        #expect(try kmemtop("graph", "hub-probe", "hub0", "--depth", "-1").status == 2)
        #expect(try kmemtop("graph", "hub-probe", "--depth", "3").errors
            == "kmemtop: --depth: expected an address to be that far from, found none\n")
        #expect(try kmemtop("graph", "hub-probe", "--after", "")
            == ChildProcess(output: "", errors: "kmemtop: --after: expected a scan among the commands, found none\n", status: 2))
        #expect(try kmemtop("graph", "hub-probe", "--limit", "0").status == 2)
        #expect(try kmemtop("graph", "cycle").errors == "kmemtop: cycle: nothing is lost\n")
    }

    @Test func rootsAreATable() throws {
        let outcome = try kmemtop("roots", "cycle")
        #expect(outcome == ChildProcess(output: """
                                       number     bytes      words  references   missing
            per-CPU sections                1   1.0 KiB        128           1
            struct pages                    1     512 B         64           1
            task stacks                     2  32.0 KiB       4096           2
            gray objects                   60  15.9 KiB       2040          82
            total                                             6328          86
            Kept of it: 1.4 KiB of steps, 1.0 KiB of references.

            """, errors: "", status: 0))
        #expect(try kmemtop("roots", "cycle", "--after", "").status == 2)
        let without = try kmemtop("roots", "cycle", "--after", "scan; if stack=off").output
        #expect(without.contains("task stacks: not scanned        2  32.0 KiB          0           0\n"))
    }

    @Test func theSummaryNamesWhatOthersAreLostBy() throws {
        let cycle = try kmemtop("scan", "cycle", "--scans", "2", "--advance", "10"), alone = try kmemtop("scan", "hub-probe")
        #expect(cycle.output.hasSuffix("""
            what no other leak points at:
              0xffff888004001600  cycle of 4, 512 bytes; drags along 1 object, 64 bytes

            """))
        #expect(!alone.output.contains("points at"))
    }

    @Test func jsonTellsTheRoleOfEachLeak() throws {
        let outcome = try kmemtop("scan", "cycle", "--scans", "2", "--advance", "10", "--format", "json")
        let json = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let leaks = try #require(json["leaks"] as? [[String: Any]]), causes = try #require(json["causes"] as? [[String: Any]])
        #expect(leaks.map { $0["role"] as? String } == ["cause", "cause", "cause", "cause", "dragged"])
        #expect(leaks.last?["cause"] as? String == "0xffff888004001600" && causes.count == 1)
        #expect((causes[0]["cycle"] as? [String])?.count == 4 && causes[0]["dragged_objects"] as? Int == 1 && causes[0]["dragged_bytes"] as? Int == 64)
        let roots = try #require(json["roots"] as? [[String: Any]]), scans = try #require(json["scans"] as? [[String: Any]])
        #expect(roots.reduce(0) { $0 + ($1["words"] as? Int ?? 0) } == scans.last?["words"] as? Int)
    }
}
