import HeapModel

@testable import Scanner

extension Scenario {
    func play() throws(ScenarioError) -> Machine { try Machine(self) }
}

/// A scenario around some steps: x86-64, a data section, a stack, an area and a linear map.
func scenarioText(_ steps: String, extra: String = "") -> String {
    """
    name: test
    kernel: {release: 5.10.1, arch: x86_64}
    linear: {start: 0xffff888004000000, size: 0x100000}
    memory:
      - {kind: data, name: .data, start: 0xffffffff82a00000, size: 4096}
      - {kind: area, name: vmalloc, start: 0xffffc90000100000, size: 8192}
    tasks: [{pid: 1, comm: init, stack: 0xffffc90000010000, stack_size: 1024}, {pid: 9, comm: sh, stack: 0xffffc90000020000}]
    symbols: {0xffffffff81000010: probe+0x10/0x20, 0xffffffff81000100: start+0x100/0x200}
    backtraces: {boot: [0xffffffff81000100], probe: [probe+0x10/0x20, boot]}
    \(extra)
    steps:
    \(steps)
    """
}

func play(_ steps: String, extra: String = "") throws(ScenarioError) -> Machine {
    try Scenario(yaml: Array(scenarioText(steps, extra: extra).utf8), file: "test.yaml").play()
}

func failure(_ yaml: [UInt8]) -> String? {
    do throws(ScenarioError) {
        _ = try Scenario(yaml: yaml, file: "f.yaml").play()
        return nil
    } catch {
        return error.description
    }
}
