import HeapModel
import Scanner
import Testing

/// What is wrong with a scenario is said in one sentence, with its line and column.
@Suite struct ScenarioErrorTests {
    /// Steps, the column in the first line of the steps, and how the message goes on.
    private static let steps: [(String, String)] = [
        ("- jump: 1", "12:3: expected a step, found \"jump\"; there are advance, alloc, "),
        ("- aloc: {}", "12:3: expected a step, found \"aloc\"; did you mean \"alloc\"?"),
        ("- {log: a, time: 1}", "12:3: expected one key in a step, found 2"),
        ("- log", "12:3: expected a step as a mapping, found \"log\""),
        ("- alloc: {name: a}", "12:10: alloc needs \"size\""),
        ("- alloc: {name: a, size: 8, adress: 1}", "12:29: alloc has no \"adress\"; did you mean \"address\"?"),
        ("- alloc: {name: a, size: big}", "12:26: expected a size as a number from 1 to 16777216, found \"big\""),
        ("- alloc: {name: a, size: 0}", "12:26: expected a size as a number from 1 to 16777216, found \"0\""),
        ("- alloc: {name: a, size: 5000000}", "12:3: the size must be from 1 byte to 4 MiB"),
        ("- alloc: {name: a, size: 8, zero: maybe}", "12:35: expected zero as true or false, found \"maybe\""),
        ("- alloc: {name: a, size: 8, backtrace: prob}", "12:3: expected the name of a backtrace, found \"prob\"; did you mean \"probe\"?"),
        ("- alloc: {name: a+1, size: 8}", "12:3: expected a name that is no number, sum or memory range, found \"a+1\""),
        ("- alloc: {name: .data, size: 8}", "12:3: expected a name that is no number, sum or memory range, found \".data\""),
        ("- alloc: {name: a, size: 8, address: 0x1000}", "12:3: the address lies outside the linear map and every area"),
        ("- alloc: {name: a, size: 64, address: 0xffff888004000010}", "12:3: the address is not where such a block can begin"),
        ("- alloc: {name: a, size: 8}\n- alloc: {name: a, size: 8}", "13:3: a live object is called \"a\" already"),
        ("- alloc: {name: a, size: 8, cache: c}\n- alloc: {name: b, size: 16, cache: c}", "13:3: this cache has objects of 8 bytes"),
        ("- alloc: {name: a, size: 64, address: 0xffff888004000000}\n- alloc: {name: b, size: 64, address: 0xffff888004000000}",
            "13:3: the address is in use already, or belongs to another cache"),
        ("- alloc: {name: a, size: 4096, address: 0xffffc90000100000}\n- alloc: {name: b, size: 64, address: 0xffffc90000100040}",
            "13:3: the block overlaps the live object at 0xffffc90000100000"),
        ("- repeat: {times: 200, steps: [{alloc: {name: \"a${i}\", size: 8192}}]}", "12:32: there is no room for another page"),
        ("- free: a", "12:3: no live object is called \"a\""),
        ("- alloc: {name: a, size: 8}\n- free: a\n- store: {pointer: a, at: .data}", "14:3: expected a live object, a memory range or a stack, found \"a\""),
        ("- alloc: {name: node, size: 8}\n- store: {pointer: nod, at: .data}", "13:3: expected a live object, a memory range or a stack, found \"nod\"; did you mean \"node\"?"),
        ("- alloc: {name: a, size: 64}\n- store: {pointer: a+64, at: .data}", "13:3: \"a+64\" reaches past the end of a, which has 64 bytes"),
        ("- store: {pointer: 1, at: .data+4089}", "12:3: \".data+4089\" reaches past the end of .data, which has 4096 bytes"),
        ("- store: {pointer: 1, at: .data+x}", "12:3: expected numbers behind the + of a place, found \".data+x\""),
        ("- store: {pointer: 1, at: 0xfffffffffffffffc}", "12:3: there is no memory at 0xfffffffffffffffc"),
        ("- store: {pointer: 1, at: .data, shift: 64}", "12:41: expected a shift as a number from 0 to 63, found \"64\""),
        ("- write: {at: .data, hex: abc}", "12:27: expected pairs of hexadecimal digits, found \"abc\""),
        ("- write: {at: .data}", "12:10: expected one of \"hex\", \"text\" and \"word\" in write, found none or several"),
        ("- write: {at: .data, text: a, hex: 00}", "12:10: expected one of \"hex\", \"text\" and \"word\" in write, found none or several"),
        ("- write: {at: .data, word: many}", "12:3: expected a number, found \"many\""),
        ("- log: \"${j}\"", "12:3: \"${j}\": expected ${…} with numbers and the names of repeats"),
        ("- task: one", "12:9: expected a pid as a number from 0 to 4194304, found \"one\""),
        ("- {exit: \"${1*5000000}\"}", "12:3: expected a pid from 0 to 4194304, found \"5000000\""),
        ("- task: 7", "12:3: expected the pid of a task, found 7"),
        ("- time: soon", "12:9: expected a time in seconds with at most six places, up to 1000000000; found \"soon\""),
        ("- time: 1099511627775", "12:9: expected a time in seconds with at most six places, up to 1000000000; found"),
        ("- time: 2\n- time: 1", "13:3: expected a time from [    2.000000] on, found [    1.000000]: the clock never goes back"),
        ("- time: 1000000000\n- advance: 1", "13:3: expected an uptime of at most [1000000000.000000], found more"),
        ("- alloc: {name: a, size: 64}\n- scan_area: {at: a+65, size: 8}", "13:3: \"a+65\" reaches past the end of a, which has 64 bytes"),
        ("- not_leak: nobody", "12:3: expected a live object, a memory range or a stack, found \"nobody\""),
        ("- repeat: {steps: []}", "12:11: expected one of \"times\" and \"over\" in repeat, found none or both"),
        ("- repeat: {times: 100001, steps: []}", "12:19: expected a count as a number from 0 to 100000, found \"100001\""),
    ]

    @Test(arguments: steps)
    func aWrongStepIsNamedWithItsPlace(steps: String, message: String) throws {
        let found = try #require(failure(Array(scenarioText(steps).utf8)))
        #expect(found.hasPrefix("f.yaml:" + message), "\(found)")
    }

    /// Something in the head of `scenarioText`, what stands there instead, and the message.
    private static let heads: [(String, String, String)] = [
        ("name: test", "nam: test", "1:1: a scenario has no \"nam\"; did you mean \"name\"?"),
        ("name: test", "title: x", "1:1: a scenario needs \"name\""),
        ("arch: x86_64", "arch: vax", "2:33: expected an architecture: x86_64, arm64; found \"vax\""),
        ("arch: x86_64", "arch: arm64, hz: 0", "2:44: expected HZ as a number from 24 to 1200, found \"0\""),
        ("0xffff888004000000", "0xffff888004000008", "3:9: expected a start divisible by 4096, found 0xffff888004000008"),
        ("size: 0x100000}", "size: -1}", "3:43: expected a size as a number from 1 to 1099511627776, found \"-1\""),
        ("kind: data", "kind: text", "5:12: expected area, or the kind of a root: data, bss, percpu, struct_page, stack; found \"text\""),
        ("kind: data", "kind: stack", "5:12: expected stacks among the tasks, found one in memory"),
        ("name: vmalloc", "name: .data", "6:24: expected a name of its own, found \".data\" again"),
        ("size: 4096", "size: 0x20000000", "5:5: expected at most 256 MiB of memory, found more"),
        ("0xffffc90000100000", "0xffffffff82a00800", "6:5: expected memory of its own, found an overlap with the 4096 bytes at 0xffffffff82a00000"),
        ("0xffffc90000020000", "0xffffc90000010200", "7:76: expected memory of its own, found an overlap with the 1024 bytes at 0xffffc90000010000"),
        ("0xffffc90000020000", "0xfffffffffffff000", "7:76: the range reaches past the top of the address space"),
        ("0xffffffff81000010: probe", "18446744071578845200: x, 0xffffffff81000010: probe", "8:36: 0xffffffff81000010 stands here twice"),
        ("0xffffffff81000010: probe", "\"0xffffffff81000100\": x, 0xffffffff81000010: probe",
         "8:11: expected each key once, found \"0xffffffff81000100\" again"),
        ("pid: 9", "pid: 1", "7:82: expected a pid of its own, found 1 again"),
        ("0xffffffff81000010", "probe", "8:11: expected an address as a number, found \"probe\""),
        ("[probe+0x10/0x20, boot]", "[probe+0x10/0x21, boot]", "9:50: expected an address, a symbol or an earlier backtrace, found \"probe+0x10/0x21\"; did you mean \"probe+0x10/0x20\"?"),
        ("tasks: [", "tasks: [[", "8:1: expected YAML: did not find expected ',' or ']'"),
        ("name: test", "name: [a]", "1:7: expected a name, found a list"),
        ("name: test", "name: test\nname: again", "1:1: expected each key once, found \"name\" again"),
        ("name: test", "name: &a test\ntitle: *a", "2:8: expected no YAML alias, found \"*a\""),
    ]

    @Test(arguments: heads)
    func aWrongHeadIsNamedWithItsPlace(original: String, wrong: String, message: String) throws {
        let text = scenarioText("- time: 1")
        #expect(text.contains(original))
        let found = try #require(failure(Array(text.replacing(original, with: wrong, maxReplacements: 1).utf8)))
        #expect(found.hasPrefix("f.yaml:" + message), "\(found)")
    }

    @Test func whatIsNoYAMLIsRefusedWithItsPlace() {
        #expect(failure(Array("name: {a: b\n  : ]".utf8)) == "f.yaml:2:3: expected YAML: did not find expected ',' or '}'")
        #expect(failure([]) == "f.yaml:1:1: expected a scenario, found nothing")
        #expect(failure([0xff, 0xfe, 0x41]) == "f.yaml:1:1: expected a scenario in UTF-8, found other bytes")
        #expect(failure(Array(String(repeating: "0x10\n", count: 99).utf8))
            == "f.yaml:1:1: expected a scenario as a mapping, found \"" + String(repeating: "0x10 ", count: 12) + "…\"")
        #expect(failure(Array("- a".utf8)) == "f.yaml:1:1: expected a scenario as a mapping, found a list")
    }
}
