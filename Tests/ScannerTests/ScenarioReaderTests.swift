import HeapModel
import Scanner
import Testing

/// What the reader does at the edges: numbers near 2^64, sizes, aliases, and messages to the letter.
@Suite struct ScenarioReaderTests {
    /// Steps, and the whole message.
    private static let steps: [(String, String)] = [
        ("- alloc: {name: a, size: 18446744073709551615}",
            "12:26: expected a size as a number from 1 to 16777216, found \"18446744073709551615\""),
        ("- alloc: {name: a, size: 18446744073709551616}",
            "12:26: expected a size as a number from 1 to 16777216, found \"18446744073709551616\""),
        ("- alloc: {name: a, size: -0}", "12:26: expected a size as a number from 1 to 16777216, found \"-0\""),
        ("- alloc: {name: a, size: 8, min_count: -0}", "12:40: expected min_count as a number from 0 to 1000, found \"-0\""),
        ("- alloc: {name: a, size: 8, address: 0x-0}", "12:38: expected an address as a number, found \"0x-0\""),
        ("- alloc: {name: a, size: 8, address: 0xfffffffffffffff8}", "12:3: the address lies outside the linear map and every area"),
        ("- alloc: {name: a, size: 0x1000000, cache: c, address: 0xfffffffffffff000}",
            "12:3: the address lies outside the linear map and every area"),
        ("- alloc: {name: a, size: 0x1000000, cache: c}", "12:3: there is no room for another page"),
        ("- store: {pointer: 1, at: 0xffffffffffffffff+2}", "12:3: there is no memory at 0x00000001"),
        ("- store: {pointer: 1, at: .data+18446744073709551615}",
            "12:3: \".data+18446744073709551615\" reaches past the end of .data, which has 4096 bytes"),
        ("- store: {pointer: 1, at: .data+18446744073709551615+1}",
            "12:3: expected numbers behind the + of a place, found \".data+18446744073709551615+1\""),
        ("- store: {pointer: 1, at: .data+-0}", "12:3: expected numbers behind the + of a place, found \".data+-0\""),
        ("- write: {at: .data, word: 18446744073709551615+1}", "12:3: expected a number, found \"18446744073709551615+1\""),
        ("- write: {at: .data, word: 0x100000000*0x100000000}", "12:3: expected a number, found \"0x100000000*0x100000000\""),
        ("- write: {at: .data, hex: \"-0\"}", "12:27: expected pairs of hexadecimal digits, found \"-0\""),
        ("- write: {at: .data, hex: \"0+1f\"}", "12:27: expected pairs of hexadecimal digits, found \"0+1f\""),
        ("- write: {at: 0, text: a}", "12:3: there is no memory at 0x00000000"),
        ("- task: 18446744073709551615", "12:9: expected a pid as a number from 0 to 4194304, found \"18446744073709551615\""),
        ("- advance: 99999999999999999999",
            "12:12: expected a time span in seconds with at most six places, up to 1000000000; found \"99999999999999999999\""),
        ("- advance: 1000000000\n- advance: 0.000001", "13:3: expected an uptime of at most [1000000000.000000], found more"),
        ("- alloc: {name: a, size: 64}\n- scan_area: {at: a+0xffffffffffffffff, size: 0xffffffffffffffff}",
            "13:3: \"a+0xffffffffffffffff\" reaches past the end of a, which has 64 bytes"),
        ("- log: \"${18446744073709551615*2}\"",
            "12:3: \"${18446744073709551615*2}\": expected ${…} with numbers and the names of repeats"),
        ("- log: \"${\"", "12:3: \"${\": expected ${…} with numbers and the names of repeats"),
        ("- alloc: {name: a, size: 8}\n- free: a\n- free: a", "14:3: no live object is called \"a\""),
        ("- alloc: {name: a, size: 8, size: 8}", "12:20: expected each key once, found \"size\" again"),
        ("- log: &l a\n- log: *l", "13:8: expected no YAML alias, found \"*l\""),
        ("- log: *l", "12:8: expected YAML: found undefined alias"),
        // A message is one line, and nothing in it moves a terminal's cursor.
        ("- task: \"1\\n2\\e[2J\"", "12:9: expected a pid as a number from 0 to 4194304, found \"1\\n2\\u{1B}[2J\""),
    ]

    @Test(arguments: steps)
    func aMessageSaysWhatAndWhere(steps: String, message: String) {
        #expect(failure(Array(scenarioText(steps).utf8)) == "f.yaml:" + message)
    }

    @Test func theLargestNumbersAreStillNumbers() throws {
        let kernel = try play("""
            - write: {at: .data, word: 0xfffffffffffffffe+1}
            - store: {pointer: 18446744073709551615, at: .data+4088, xor: 0xffffffffffffffff, shift: 63}
            - time: 1000000000
            """, extra: "scan: 1000000000")
        #expect(kernel.heap.memory.word(at: Address(0xffff_ffff_82a0_0000)) == .max)
        #expect(kernel.heap.jiffies == .atBoot(hz: 250) + 250_000_000_000)
    }

    @Test func anAnchorWithoutAnAliasIsAllowed() throws {
        #expect(try play("- log: &l \"5 * 3 & 2\"").log.map(\.text) == ["5 * 3 & 2"])
    }

    @Test func aFileTooLargeIsRefused() {
        let bytes = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20)
        #expect(failure(bytes) == "f.yaml:1:1: expected a scenario, found nothing")
        #expect(failure(bytes + [10]) == "f.yaml:1:1: a scenario has at most 1048576 bytes, this file has 1048577")
    }

    /// A million texts would fill any memory.
    @Test func textsCostWhatTheyAreLong() {
        let long = String(repeating: "x", count: 500_000)
        let found = failure(Array(scenarioText("- repeat: {times: 100000, steps: [{log: \"\(long)${i}\"}]}").utf8))
        #expect(found == "f.yaml:12:35: expected at most 1000000 steps, found more")
    }

    /// Comparing two long names letter by letter would take for ever.
    @Test(.timeLimit(.minutes(1))) func aLongNameHasNoNearName() {
        let long = String(repeating: "x", count: 100_000)
        let found = failure(Array(scenarioText("- alloc: {name: \(long)y, size: 8}\n- store: {pointer: \(long)z, at: .data}").utf8))
        #expect(found?.hasPrefix("f.yaml:13:3: expected a live object, a memory range or a stack, found \"xxx") == true)
        #expect(found?.contains("did you mean") == false)
    }
}
