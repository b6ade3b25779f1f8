/// What kmemtop has set itself, and whether it holds.
struct Budget {
    let what: String
    /// What was measured; nil when it was not.
    let value: Double?
    let limit: Limit

    enum Limit {
        case atLeast(Double, String)
        case atMost(Double, String)
    }

    var row: [String] {
        let (bound, unit, holds) = switch limit {
        case .atLeast(let bound, let unit): ("at least \(bound.formatted)", unit, value.map { $0 >= bound })
        case .atMost(let bound, let unit): ("at most \(bound.formatted)", unit, value.map { $0 <= bound })
        }
        let verdict = switch holds {
        case true?: "met"
        case false?: "**not met**"
        case nil: "not measured"
        }
        return [what, bound + unit, value.map { digits($0) + unit } ?? "–", verdict]
    }

    static func all(_ measured: Measured) -> [Budget] {
        func ratio(_ above: String, _ below: String) -> Double? {
            guard let above = measured.median(above), let below = measured.median(below) else { return nil }
            return above / below
        }
        func milliseconds(_ name: String) -> Double? { measured.median(name).map { $0 / 1e6 } }
        let engine = "scan 1M: engine, 2 threads"
        let growth = ratio("growth: 5M", "growth: 1M")
        let small = measured.timePerWord("10k").flatMap { small in measured.timePerWord("1M").map { small / $0 } }
        let memory = measured.memory["1M"]
        return [
            Budget(what: "scan of 1 M, against the red-black tree", value: ratio("scan 1M: red-black tree", engine), limit: .atLeast(100, " times")),
            Budget(what: "against the sorted array", value: ratio("scan 1M: sorted array", engine), limit: .atLeast(15, " times")),
            Budget(
                what: "the same in new memory",
                value: ratio("scan 1M: sorted array", "scan 1M: engine, 2 threads, new memory"), limit: .atLeast(15, " times")),
            Budget(what: "against Boehm's mark, 2 markers", value: ratio("scan 1M: Boehm, 2 markers", engine), limit: .atLeast(8, " times")),
            Budget(
                what: "reading the bytes with one thread, in times of the scan with two", value: ratio("scan 1M: read", engine),
                limit: .atLeast(0.12, "")),
            Budget(what: "time for each word at 10 k, divided by that at 1 M", value: small, limit: .atMost(1, "")),
            Budget(what: "time of a scan of 5 M, divided by that of 1 M", value: growth, limit: .atMost(6, "")),
            Budget(
                what: "time of a walk after a what-if, divided by that of the scan", value: ratio("scan 1M: walk again", engine),
                limit: .atMost(0.5, "")),
            Budget(
                what: "anonymous memory at most, with graph and recording, an object", value: memory.map { $0.perObject($0.peak) },
                limit: .atMost(100, " B")),
            Budget(what: "seek anywhere on 1 M, with the frame", value: milliseconds("screen 1M: seek"), limit: .atMost(5, " ms")),
            Budget(
                what: "references of another object of 1 M, without the frame", value: milliseconds("screen 1M: references"),
                limit: .atMost(1, " ms")),
            Budget(
                what: "why of another object of 1 M, without the frame", value: milliseconds("screen 1M: why"),
                limit: .atMost(1, " ms")),
            Budget(
                what: "keystroke to frame on 1 M, 99th percentile, without a terminal",
                value: measured.percentile99("screen 1M: key").map { $0 / 1e6 }, limit: .atMost(16, " ms")),
            Budget(
                what: "the same to the last byte in a terminal", value: measured.percentile99("terminal 1M: key").map { $0 / 1e6 },
                limit: .atMost(16, " ms")),
            Budget(what: "sort 1 M by the slowest column", value: milliseconds("screen 1M: sort"), limit: .atMost(150, " ms")),
            Budget(what: "the slowest filter of 1 M", value: milliseconds("screen 1M: filter"), limit: .atMost(150, " ms")),
        ] + [("`hub-probe`", "hub-probe", 60), ("the 87 k capture", "87k", 300), ("1 M", "1M", 1500)].flatMap { title, name, limit in
            [
                Budget(what: "`render` of \(title)", value: milliseconds("process: render \(name)"), limit: .atMost(limit, " ms")),
                Budget(
                    what: "\(title) in a terminal, to the whole first frame", value: milliseconds("terminal \(name): opening"),
                    limit: .atMost(limit, " ms")),
            ]
        } + [
            Budget(
                what: "`kmemtop scan` of the 87 k capture, against the red-black program",
                value: ratio("process: red-black program 87k", "process: scan 87k"), limit: .atLeast(3, " times")),
        ]
    }
}

extension Double {
    fileprivate var formatted: String { self == rounded() ? String(Int(self)) : String(self) }
}
