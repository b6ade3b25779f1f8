import Benchmark
import CYardsticks
import Measuring

// Whole processes, as a person starts them: from the beginning of the process to its end, or to what it shows.

private let kmemtop = Surroundings.program("kmemtop")

/// What is run to its end: the metric's name, the arguments, the heap that it needs.
private let commands: [(name: String, arguments: [String], heap: String?)] = [
    ("render hub-probe", ["render", "hub-probe"], nil), ("render 87k", ["render"], "87k"), ("render 1M", ["render"], "1M"),
    ("scan 87k", ["scan"], "87k"), ("scan 1M", ["scan"], "1M"),
]

private struct Failure: Error, CustomStringConvertible {
    let description: String
}

private func run(_ arguments: [String]) throws -> Int {
    let (nanoseconds, status) = time { withCStrings(arguments) { yard_run_to_end($0) } }
    // 1: there are leaks.
    guard status == 0 || status == 1 else {
        throw Failure(description: "\(arguments.joined(separator: " ")): status \(status)")
    }
    return nanoseconds
}

private func measureCommands() {
    let present = commands.filter { $0.heap.map { Surroundings.heap($0) != nil } ?? true }
    let captures = ["87k", "1M"].filter { Surroundings.heap($0) != nil }
    measureRounds(
        "process", captures: captures.compactMap(Surroundings.heap),
        metrics: present.map(\.name) + captures.map { "red-black program \($0)" }, rounds: 15, setup: {}
    ) { _, record in
        for (name, arguments, heap) in present {
            let size = arguments[0] == "render" ? ["--size", "120x40"] : []
            record(name, try run([kmemtop] + arguments + (heap.flatMap(Surroundings.heap).map { [$0] } ?? []) + size))
        }
        for heap in captures {
            record("red-black program \(heap)", try run([Surroundings.program("RedBlackScan"), Surroundings.heap(heap) ?? ""]))
        }
    }
}

private func measureTerminal(_ name: String, _ source: String) {
    let command = [kmemtop, source]
    measureRounds(
        "terminal \(name)", captures: Surroundings.heap(name).map { [$0] } ?? [], metrics: ["opening", "key"], rounds: 5, setup: {}
    ) { _, record in
        func open() throws -> TerminalRun {
            let terminal = TerminalRun(command)
            guard terminal.opening > 0 else { throw Failure(description: "\(source): no frame") }
            record("opening", terminal.opening)
            return terminal
        }
        // Each opening is one value, while each round has a hundred keys.
        for _ in 0..<3 { _ = try open() }
        let terminal = try open()
        // Each moves the selection: nothing is written for one that does not.
        for key in String(repeating: "jjkjGkkkjk", count: 10) {
            if let answer = terminal.press(key) { record("key", answer) }
        }
    }
}

let benchmarks: @Sendable () -> Void = {
    measureCommands()
    measureTerminal("hub-probe", "hub-probe")
    for heap in ["87k", "1M"] {
        if let path = Surroundings.heap(heap) { measureTerminal(heap, path) }
    }
}
