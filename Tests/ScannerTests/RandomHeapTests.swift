import HeapModel
import Scanner
import Testing

/// The scan, and the engine with one thread and two, against the plain scan, on heaps that nobody would write down.
struct RandomHeapTests {
    @Test(arguments: 0..<8)
    func scansAgreeWithTheReference(part: UInt64) throws {
        for seed in part * 500..<(part + 1) * 500 {
            var heap = RandomHeap.heap(seed: seed)
            for scan in 1...(seed % 3 == 0 ? 2 : 1) {
                var reference = ReferenceScan(heap)
                reference.run()
                let still = try [1, 2].map { threads in
                    try #require(heap.scannedStill(options: .forSmallHeaps(threads: threads)))
                }
                for recording in [Scan.run(heap)] + still {
                    if let difference = reference.difference(from: recording) {
                        Issue.record("seed \(seed), scan \(scan): \(difference)")
                        return
                    }
                }
                heap = still[0].outcome.later(ticks: 7 * heap.profile.hz)
            }
        }
    }

    @Test func theHeapsShowEveryCase() {
        var outcomes: [String: Int] = [:], cases: [String: Int] = [:]
        for seed in 0..<1200 as Range<UInt64> {
            var reference = ReferenceScan(RandomHeap.heap(seed: seed))
            reference.run()
            for event in reference.events {
                for hit in event.hits { outcomes[name(of: hit.outcome), default: 0] += 1 }
                if event.hits.count == 2 { cases["both trees", default: 0] += 1 }
            }
            cases["leak", default: 0] += reference.leaks.count
            cases["modified", default: 0] += reference.newChecksums.count
            cases["empty", default: 0] += reference.objects.isEmpty ? 1 : 0
            cases["unreached", default: 0] += reference.objects.count { $0.isWhite }
        }
        for outcome in ["self", "ignored", "gray", "counted", "passed on"] {
            #expect(outcomes[outcome, default: 0] >= 20, "\(outcome)")
        }
        for name in ["both trees", "leak", "modified", "empty", "unreached"] {
            #expect(cases[name, default: 0] >= 20, "\(name)")
        }
    }

    private func name(of outcome: ReferenceScan.Outcome) -> String {
        switch outcome {
        case .selfReference: "self"
        case .ignored: "ignored"
        case .alreadyGray: "gray"
        case .counted: "counted"
        case .passedOn: "passed on"
        }
    }
}
