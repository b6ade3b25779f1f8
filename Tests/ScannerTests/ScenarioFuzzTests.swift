import HeapModel
import Scanner
import Testing

/// No input makes the reader or the player trap, or go on for ever.
@Suite struct ScenarioFuzzTests {
    /// A small generator of the same numbers each time (xorshift64).
    private struct Numbers {
        var state: UInt64

        mutating func next(below bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
    }

    private static let interesting = Array("0123456789abcdefx-+*&#:,.[]{}$\"'%|>!?@ \n\t\u{0}".utf8) + [0x7f, 0x80, 0xff]

    @Test(arguments: 1...20)
    func everyChangeOfAByteGivesAKernelOrAnError(seed: Int) throws {
        let text = try #require(Scenario.builtInText("hub-probe"))
        var numbers = Numbers(state: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15)
        var errors = 0
        for _ in 0..<75 {
            var bytes = text
            let place = numbers.next(below: bytes.count)
            bytes[place] = Self.interesting[numbers.next(below: Self.interesting.count)]
            if let message = failure(bytes) {
                errors += 1
                #expect(message.hasPrefix("f.yaml:") && !message.contains("\n"), "\(message)")
            }
        }
        #expect(errors > 0)
    }

    /// Digits become other digits: sizes, offsets and addresses where nobody would put them. The test's scans run, too.
    @Test(arguments: ["percpu", "scan-area", "moving-pointer", "vmalloc-excess-ref", "not-leak", "memory-pool-empty"])
    func wildNumbersGiveResultsOrAnError(name: String) throws {
        let text = try #require(Scenario.builtInText(name))
        let start = try #require(String(decoding: text, as: UTF8.self).firstRange(of: "kernel:")).lowerBound.utf16Offset(in: String(decoding: text, as: UTF8.self))
        let digits = text.indices.filter { $0 > start && UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[$0] }
        var numbers = Numbers(state: 0x1234_5678_9abc_def1)
        for _ in 0..<30 {
            var bytes = text
            for _ in 0..<1 + numbers.next(below: 4) {
                bytes[digits[numbers.next(below: digits.count)]] = UInt8(ascii: "0") + UInt8(numbers.next(below: 10))
            }
            do throws(ScenarioError) { _ = try Machine.test(Scenario(yaml: bytes, file: "f.yaml")) } catch {
                #expect(error.description.hasPrefix("f.yaml:") && !error.description.contains("\n"))
            }
        }
    }

    @Test(arguments: [
        "- alloc_phys: {name: p, size: 4096, address: 0x777ffffff000}", "- alloc_phys: {name: p, size: 65536, address: 0x77ffffffff00}",
        "- alloc_phys: {name: p, size: 64, address: 0xffffffffffffffc0}", "- kmemleak_alloc: {at: 0xfffffffffffffff0, size: 64}",
        "- kmemleak_alloc: {at: 0x10, size: 0xffffffffffffffff}", "- kmemleak_alloc: {at: 0x1000, size: 0x7fffffffffffffff}",
        "- kmemleak_alloc: {at: 0xffffffffffffe000, size: 4096}\n- free_part: {at: 0xffffffffffffe800, size: 0xffffffffffffffff}",
        "- kmemleak_alloc: {at: 0xffffffffffffe000, size: 4096}\n- scan_area: {at: 0xffffffffffffe800, size: 0xfffffffffffffffe}",
        "- scan_area: {at: vmalloc, size: max}", "- free_part_phys: {at: 0xffffffffffffffff, size: 5}", "- ignore_phys: 0xffffffffffffffff",
        "- fork: {pid: 5, comm: a, stack: 0xfffffffffffff000}", "- vmalloc: {name: a, size: 16777216}\n- vmalloc: {name: b, size: 16777216}",
        "- control: scan=1\n- advance: 999999999", "- alloc: {name: a, size: 8, address: 0xffffffffffffffff}",
        "- module: {name: m, size: 16777216, data: {offset: 0xffffffffffffffff, size: 16777216}}", "- kmemleak_alloc: {at: 0x0, size: 0}",
    ])
    func theEdgesOfTheAddressSpaceAreNoTrap(steps: String) {
        do throws(ScenarioError) {
            var machine = try play(steps + "\n- advance: 10")
            try? machine.write("scan")
            _ = machine.kmemleak.read()
        } catch {
            #expect(error.description.hasPrefix("test.yaml:"))
        }
    }

    @Test func theArticlesScenarioCutAnywhereGivesAKernelOrAnError() throws {
        let text = try #require(Scenario.builtInText("hub-probe"))
        for cut in 0..<300 {
            let message = failure(Array(text.prefix(text.count * cut / 300)))
            #expect(message?.hasPrefix("f.yaml:") != false && message?.contains("\n") != true)
        }
    }

    @Test func everyPrefixGivesAKernelOrAnError() throws {
        let text = scenarioText("- alloc: {name: a, size: 64, zero: false}\n- write: {at: a+1, hex: \"00 ff\"}")
        let head = try #require(text.firstRange(of: "steps:")).upperBound.utf16Offset(in: text)
        for count in 0..<text.utf8.count {
            let message = failure(Array(text.utf8.prefix(count)))
            #expect(count > head || message != nil)
            #expect(message?.contains("\n") != true)
        }
    }

    @Test(arguments: [
        // Rounds without steps.
        "- repeat: {times: 100000, steps: [{repeat: {times: 100000, steps: [{repeat: {times: 100000, steps: []}}]}}]}",
        "- repeat: {times: 100000, steps: [{repeat: {times: 100, steps: [{log: a}]}}]}",
        // Sixteen megabytes cleared again and again.
        "- repeat: {times: 100000, steps: [{alloc: {name: a, size: 0x100000, cache: c}}, {free: a}]}",
    ])
    func whatWouldTakeForEverIsStopped(steps: String) {
        let found = failure(Array(scenarioText(steps).utf8))
        #expect(found?.contains("expected at most 1000000 steps, found more") == true, "\(found ?? "no error")")
    }

    @Test func aTreeOfAliasesIsRefused() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a60\n: y\n"
        #expect(failure(Array(text.utf8)) == "f.yaml:2:10: expected no YAML alias, found \"*a0\"")
    }

    @Test(arguments: ["[", "{", "- ", "? ", "[ # ]\n", "{a: "])
    func deepNestingIsRefused(level: String) {
        #expect(failure(Array(String(repeating: level, count: 200_000).utf8)) != nil)
        #expect(failure(Array(String(repeating: level, count: 900).utf8)) != nil)
    }

    @Test func repeatsNestAtMostEightLevels() {
        let deep = String(repeating: "{repeat: {times: 1, steps: [", count: 9) + String(repeating: "]}}", count: 9)
        #expect(failure(Array(scenarioText("- " + deep).utf8))?.contains("expected at most 8 levels of repeats, found more") == true)
    }
}
