import Benchmark
import Foundation
import Measuring

/// The heaps, with how many rounds there are: a round of the largest takes minutes.
private let heaps: [(name: String, rounds: Int)] = [("10k", 101), ("100k", 31), ("1M", 9), ("5M", 3), ("87k", 31)]

let benchmarks: @Sendable () -> Void = {
    for (name, rounds) in heaps {
        guard let path = Surroundings.heap(name) else { continue }
        let metrics = Metric.all.map { (name: $0, metric: BenchmarkMetric.custom("\(name): \($0)", useScalingFactor: false)) }
        Benchmark(
            "scan \(name)",
            configuration: .init(
                metrics: [.throughput] + metrics.map(\.metric), warmupIterations: 1, maxDuration: .seconds(3600),
                maxIterations: rounds)
        ) { benchmark, contest in
            do {
                try contest.round { name, value in
                    guard let metric = metrics.first(where: { $0.name == name })?.metric else { return }
                    benchmark.measurement(metric, value)
                }
            } catch {
                benchmark.error("\(error)")
            }
        } setup: {
            try ScanContest(capture: path)
        }
    }
}
