@testable import HeapModel
@testable import Scanner

/// The scenario `sample-module` on a kernel like one of the real ones, driven as that was.
struct SimulatedRun {
    private var machine: Machine
    private let loading: [Scenario.Step]
    private let unloading: [Scenario.Step]
    /// How much of the log was looked at.
    private var seen = 0
    /// The scenario's own clock counts until the module is there.
    private var isLoaded = false

    enum Failure: Error { case notInScenario(String) }

    /// What was different on each of the real kernels, as changes of the scenario's text.
    private static let changes: [String: [(text: String, with: String)]] = [
        "main": [],
        "off": [("cpus: 2}", "cpus: 2, kmemleak: \"off\"}")],
        "mempool100": [("cpus: 2}", "cpus: 2, mem_pool_size: 100}")],
        "verbose": [
            ("cpus: 2}", "cpus: 2, verbose: true}"),
            ("time: 7.144", "time: 13.208"), ("time: 7.972", "time: 14.152"), ("time: 8.820", "time: 15.048"),
            ("time: 8.824", "time: 15.064"), ("time: 8.947081", "time: 15.079537"), ("time: 8.999708", "time: 15.140"),
            ("time: 9.248", "time: 15.560"), ("time: 9.612", "time: 15.636"),
            // Another worker found the fifth hub.
            ("kworker/1:1", "kworker/1:2"), ("pid: 27", "pid: 34"), ("task: 27", "task: 34"),
            // Of the pages that vmalloc() gave, three had something in them.
            ("  - write: {at: vmalloc0, hex: ", "  - write: {at: vmalloc1, hex: \"7f 45 4c 46\"}\n  - write: {at: vmalloc0, hex: "),
            // Nothing happened to hold the blocks of 4096 bytes.
            ("  - store: {pointer: kmalloc4096_0, at: seq_buffer+0x800}\n", ""),
        ],
    ]

    /// A kernel that has booted and not yet loaded the module.
    init(like folder: String) throws {
        var text = String(decoding: Scenario.builtInText("sample-module") ?? [], as: UTF8.self)
        for change in Self.changes[folder] ?? [] {
            guard text.contains(change.text) else { throw Failure.notInScenario(change.text) }
            text = text.replacing(change.text, with: change.with)
        }
        var scenario = try Scenario(yaml: Array(text.utf8), file: "sample-module.yaml")
        guard let insmod = scenario.steps.firstIndex(where: { if case .fork(_, "insmod", _) = $0.action { true } else { false } })
        else { throw Failure.notInScenario("insmod") }
        loading = Array(scenario.steps[insmod...].filter { !$0.isTime })
        unloading = scenario.test.filter { !$0.isTime && !$0.isCommand }
        scenario.steps = Array(scenario.steps[..<insmod])
        machine = try Machine(scenario)
    }

    mutating func insmod() throws {
        try machine.play(loading, [:])
        isLoaded = true
    }

    mutating func rmmod() throws { try machine.play(unloading, [:]) }

    /// In seconds since boot.
    mutating func wait(until uptime: Double) {
        if isLoaded { machine.advance(to: Microseconds(UInt64(uptime * 1_000_000))) }
    }

    /// As the shell, or a program that tells the errno, says what became of it.
    mutating func write(_ text: String, byShell: Bool) -> String {
        do {
            try machine.write(text)
            return byShell ? "sh: exit status 0" : "kmw: write(\(Self.quoted(text))) = \(text.utf8.count) | exit status 0"
        } catch {
            let reason = error.description.replacing("write error: ", with: "")
            return byShell ? "sh: \(error) | sh: exit status 1"
                : "kmw: write(\(Self.quoted(text))) = -1 errno=\(error.errno) \(error.name) (\(reason)) | exit status 1"
        }
    }

    private static func quoted(_ text: String) -> String { "\"\(text.replacing("\n", with: "\\n"))\", \(text.utf8.count)" }

    func read() -> String { machine.kmemleak.read() }

    /// What is new in the log.
    mutating func newLog() -> String {
        defer { seen = machine.log.count }
        return machine.log[seen...].map(\.description).joined(separator: "\n")
    }
}

extension Scenario.Step {
    fileprivate var isTime: Bool {
        switch action {
        case .time, .advance: true
        default: false
        }
    }

    fileprivate var isCommand: Bool {
        switch action {
        case .control, .expect: true
        default: false
        }
    }
}
