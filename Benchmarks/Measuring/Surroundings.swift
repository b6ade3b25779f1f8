import Foundation

/// What `scripts/benchmark.sh` has made for the benchmarks.
package enum Surroundings {
    /// The folder of the captures, one a heap: `10k.kmemcore` and so on.
    private static let heaps = ProcessInfo.processInfo.environment["KMEMTOP_HEAPS"] ?? "."
    /// The folder of the programs.
    private static let programs = ProcessInfo.processInfo.environment["KMEMTOP_PROGRAMS"] ?? "."

    /// A capture's path; nil when this run goes without it.
    package static func heap(_ name: String) -> String? {
        let path = "\(heaps)/\(name).kmemcore"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    package static func program(_ name: String) -> String { "\(programs)/\(name)" }
}

/// How long something takes, in nanoseconds; what it returns is let go only after the clock has stopped.
@inline(never)
package func time<Result>(_ work: () throws -> Result) rethrows -> (nanoseconds: Int, result: Result) {
    let clock = ContinuousClock(), start = clock.now
    let result = try work()
    let (seconds, attoseconds) = (clock.now - start).components
    return (Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000), result)
}
