import Benchmark
import Measuring

private let heaps: [(name: String, rounds: Int)] = [("87k", 21), ("1M", 7)]

let benchmarks: @Sendable () -> Void = {
    for (name, rounds) in heaps {
        guard let path = Surroundings.heap(name) else { continue }
        measureRounds("screen \(name)", captures: [path], metrics: Metric.all, rounds: rounds) {
            try DrivenScreen(capture: path)
        } round: { screen, record in
            screen.round(record)
        }
    }
}
