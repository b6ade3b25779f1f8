import Foundation

/// What was measured: percentiles of each metric, and bytes of memory.
struct Measured {
    /// By `benchmark: metric`; times in nanoseconds.
    private var metrics: [String: Export.Metric] = [:]
    private(set) var memory: [String: Memory] = [:]

    struct Memory: Decodable {
        let objects: Int
        /// Anonymous bytes of the process: at its start, with the file open, with graph and recording, at most.
        let start, opened, scanned, peak: Int
        /// Of the recording and the graph by their own account.
        let graph, recording: Int

        func perObject(_ bytes: Int) -> Double { Double(bytes) / Double(objects) }
    }

    /// The export of ordo-one/benchmark, as far as it is needed.
    private struct Export: Decodable {
        struct Metric: Decodable {
            let scorePercentiles: [String: Double]
            let rawData: [[Double]]
        }

        let secondaryMetrics: [String: Metric]
    }

    init(_ folder: URL) throws {
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            if file.lastPathComponent.hasSuffix(".jmh.json") {
                for export in try JSONDecoder().decode([Export].self, from: Data(contentsOf: file)) {
                    metrics.merge(export.secondaryMetrics) { $1 }
                }
            } else if file.lastPathComponent.hasPrefix("memory-"), file.pathExtension == "json" {
                let heap = file.deletingPathExtension().lastPathComponent.dropFirst("memory-".count)
                memory[String(heap)] = try JSONDecoder().decode(Memory.self, from: Data(contentsOf: file))
            }
        }
    }

    /// The median; nil when that was not measured.
    func median(_ name: String) -> Double? { metrics[name]?.scorePercentiles["50.0"] }
    /// Of a scan in the rounds of all sizes, the median in nanoseconds for each word; nil when that was not measured.
    func timePerWord(_ heap: String) -> Double? {
        guard let time = median("growth: \(heap)"), let words = median("scan \(heap): words") else { return nil }
        return time / words
    }
    func percentile99(_ name: String) -> Double? { metrics[name]?.scorePercentiles["99.0"] }
    /// How many values there are.
    func count(_ name: String) -> Int { metrics[name]?.rawData.first?.count ?? 0 }
}

/// Nanoseconds for people: three digits, and a unit.
func duration(_ nanoseconds: Double?) -> String {
    guard let nanoseconds else { return "–" }
    let (value, unit) = switch nanoseconds {
    case ..<1e6: (nanoseconds / 1e3, "µs")
    case ..<1e9: (nanoseconds / 1e6, "ms")
    default: (nanoseconds / 1e9, "s")
    }
    return "\(digits(value)) \(unit)"
}

/// Three digits that matter.
func digits(_ value: Double?) -> String {
    guard let value else { return "–" }
    return String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
}
