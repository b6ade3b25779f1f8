import Foundation
import SystemPackage
import Testing

/// The simulated kmemleak does, operation by operation, what that of a real 6.1 kernel did.
struct ConformanceTests {
    private static let captures = ProcessInfo.processInfo.environment["KMEMTOP_CAPTURES"]
        ?? FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().removingLastComponent()
            .removingLastComponent().appending("shared/captures").string

    private static let areAtHand = FileManager.default.fileExists(atPath: "\(captures)/main/INDEX.txt")

    /// Operations that come out differently, and why.
    private static let known: [String: String] = [
        "main/05c-dump-sdata: write": "the scenario's .data is small, and no backtrace leads to kmemleak_init()",
        "main/05d-dump-bss: write": "so is its .bss",
    ]

    /// What was written down and is no operation here.
    private static let unused: [String: String] = [
        "main/15r-echo-n": "a shell that has nothing to write does not write",
        "main/full": "the whole log", "off/full": "the whole log",
        "mempool100/full": "the whole log", "verbose/full": "the whole log",
    ]

    /// The kernels, and how many of their operations agree.
    @Test(.enabled(if: areAtHand, "the captures are not beside the repository"), arguments: [
        ("main", 87), ("off", 12), ("mempool100", 12), ("verbose", 9),
    ])
    func doesWhatTheRealKernelDid(folder: String, agreeing: Int) throws {
        let real = try RealKernel(folder, in: Self.captures)
        var run = try SimulatedRun(like: folder), addresses = AddressMap()
        var outcomes: [(title: String, difference: String?)] = []
        for (place, event) in real.events.enumerated() {
            let uptime = event.uptime ?? real.events[place...].lazy.compactMap(\.uptime).first
            if let uptime { run.wait(until: uptime) }
            let difference = try differences(of: event, real, &run, &addresses)
            outcomes.append(("\(folder)/\(event.title)", difference.isEmpty ? nil : difference.joined(separator: "; ")))
        }
        let differing = outcomes.filter { $0.difference != nil }.map(\.title)
        let table = outcomes.map { "\($0.title): \($0.difference ?? "agrees")" }.joined(separator: "\n")
        #expect(Set(differing) == Set(Self.known.keys.filter { $0.hasPrefix("\(folder)/") }), "\(table)")
        #expect(outcomes.count - differing.count == agreeing, "\(table)")
        let missing = try real.names().subtracting(real.events.map(\.name)).map { "\(folder)/\($0)" }
        #expect(Set(missing) == Set(Self.unused.keys.filter { $0.hasPrefix("\(folder)/") }))
    }

    /// Does to the simulated kernel what was done to the real one, and compares.
    private func differences(
        of event: RealKernel.Event, _ real: RealKernel, _ run: inout SimulatedRun, _ addresses: inout AddressMap
    ) throws -> [String] {
        var result: String?
        switch event.deed {
        case .boot, .wait: break
        case .insmod:
            try run.insmod()
            result = "exit status 0"
        case .rmmod:
            try run.rmmod()
            result = "exit status 0"
        case .write(let text, let byShell): result = run.write(addresses.translate(text), byShell: byShell)
        case .read:
            let ours = KernelText.node(run.read()), theirs = KernelText.node(real.text(event.name, "node") ?? "nothing")
            return firstDifference("report", ours, addresses.translate(theirs, beside: ours))
        }
        var differences: [String] = []
        if let result, let theirs = real.text(event.name, "op") {
            differences += firstDifference("result", [result], [addresses.translate(KernelText.result(theirs))])
        }
        let ours = KernelText.log(run.newLog()), theirs = KernelText.log(real.text(event.name, "dmesg") ?? "kmemleak: nothing")
        return differences + firstDifference("log", ours, addresses.translate(theirs, beside: ours))
    }

    private func firstDifference(_ what: String, _ ours: [String], _ theirs: [String]) -> [String] {
        guard ours != theirs else { return [] }
        let place = zip(ours, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(ours.count, theirs.count)
        func line(_ lines: [String]) -> String { lines.indices.contains(place) ? "\"\(lines[place])\"" : "nothing" }
        return ["\(what), line \(place + 1): expected \(line(theirs)), found \(line(ours))"]
    }
}
