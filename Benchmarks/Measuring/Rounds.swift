import Benchmark
import Foundation

/// A benchmark of several things measured in turn in each round, so that whatever else the machine does falls on all of them.
///
/// - Parameters:
///   - captures: the paths of those that are read; nobody has them mapped before.
///   - metrics: their names; what is recorded of them goes by `name: metric`.
///   - round: throws when what was measured is not what it should be.
package func measureRounds<State>(
    _ name: String, captures: [String], metrics: [String], rounds: Int, setup: @escaping @Sendable () throws -> State,
    round: @escaping @Sendable (State, (_ metric: String, _ value: Int) -> Void) throws -> Void
) {
    let byName = Dictionary(uniqueKeysWithValues: metrics.map { ($0, BenchmarkMetric.custom("\(name): \($0)", useScalingFactor: false)) })
    Benchmark(
        name,
        configuration: .init(
            metrics: [.throughput] + metrics.compactMap { byName[$0] }, warmupIterations: 1, maxDuration: .seconds(3600),
            maxIterations: rounds)
    ) { benchmark, state in
        // The export does not go without a throughput of at least one, which rounds of seconds have not.
        defer {
            benchmark.startMeasurement()
            benchmark.stopMeasurement()
        }
        orGiveUp(name) {
            try round(state) { metric, value in
                if let metric = byName[metric] { benchmark.measurement(metric, value) }
            }
        }
    } setup: {
        captures.forEach(readAnew)
        return orGiveUp(name) { try setup() }
    }
}

/// No number is better than one of something else: the whole run fails.
private func orGiveUp<Result>(_ name: String, _ work: () throws -> Result) -> Result {
    do { return try work() } catch {
        FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
        exit(EXIT_FAILURE)
    }
}
