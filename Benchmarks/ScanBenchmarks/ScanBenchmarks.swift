import Benchmark
import Measuring

/// The heaps, with how many rounds there are: one of the largest takes minutes.
private let heaps: [(name: String, rounds: Int)] = [("10k", 101), ("100k", 31), ("1M", 9), ("5M", 3), ("87k", 31)]

let benchmarks: @Sendable () -> Void = {
    for (name, rounds) in heaps {
        guard let path = Surroundings.heap(name) else { continue }
        measureRounds("scan \(name)", captures: [path], metrics: Metric.all, rounds: rounds) {
            try ScanContest(capture: path)
        } round: { contest, record in
            try contest.round(record)
        }
    }
    measureRounds(
        "growth", captures: Growth.sizes.compactMap { Surroundings.heap($0.name) }, metrics: Growth.sizes.map(\.name), rounds: 15
    ) {
        try Growth()
    } round: { growth, record in
        growth.round(record)
    }
}
