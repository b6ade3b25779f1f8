import HeapModel
import Scanner
import Testing

/// kmemleak against the plain one, step by step, through programs that nobody would write down.
struct KmemleakPropertyTests {
    @Test(arguments: 0..<10)
    func programsAgreeWithTheReference(part: UInt64) {
        for seed in part * 1000..<(part + 1) * 1000 {
            var run = ProgramRun(seed: seed)
            if let difference = run.firstDifference() {
                Issue.record("seed \(seed): \(difference)\n\(run)")
                return
            }
        }
    }

    /// Every message that there is, and what else a program should come across, often enough to mean something.
    @Test func theProgramsShowEveryCase() {
        var cases: [String: Int] = [:]
        for seed in 0..<1500 as Range<UInt64> {
            var program = RandomProgram(seed: seed)
            var kernel = program.world.reference()
            while let step = program.next(kernel) {
                let error = kernel.take(step)
                if error != 0 { cases["errno \(error)", default: 0] += 1 }
                if !kernel.read().isEmpty { cases["a report", default: 0] += 1 }
            }
            for (_, line) in kernel.log {
                if case .text(let text) = line { cases[Self.kind(of: text), default: 0] += 1 }
            }
            cases["scans", default: 0] += kernel.scanCount
            for record in kernel.records {
                for flag in 0..<7 where record.has(1 << flag) { cases["flag \(flag)", default: 0] += 1 }
                if !record.areas.isEmpty { cases["scan areas", default: 0] += 1 }
                if record.excess != 0 { cases["excess_ref", default: 0] += 1 }
                if record.isGray, record.minCount > 0 { cases["gray by reference", default: 0] += 1 }
                if record.minCount == 2, record.count == 1 { cases["a reference too few", default: 0] += 1 }
                if record.unrefScans > 1 { cases["unreferenced again", default: 0] += 1 }
                if record.minCount == -1 { cases["black", default: 0] += 1 }
            }
        }
        for (name, least) in Self.leastCases { #expect(cases[name, default: 0] >= least, "\(name)") }
    }

    /// A message without what varies.
    private static func kind(of text: String) -> String {
        String(text.prefix { !$0.isNumber && $0 != "(" })
    }

    private static let leastCases: [(String, Int)] = [
        ("errno 1", 50), ("errno 16", 20), ("errno 22", 100), ("errno 34", 5), ("a report", 500), ("scans", 3000),
        ("flag 0", 1000), ("flag 1", 200), ("flag 2", 100), ("flag 3", 5), ("flag 4", 100), ("flag 5", 50), ("flag 6", 50),
        ("scan areas", 100), ("excess_ref", 50), ("gray by reference", 100), ("a reference too few", 10),
        ("unreferenced again", 3), ("black", 100),
        ("Malformed early option 'kmemleak'", 3),
        ("kmemleak: Adding scan area to unknown object at ", 20),
        ("kmemleak: Automatic memory scanning thread ended", 100),
        ("kmemleak: Automatic memory scanning thread started", 100),
        ("kmemleak: Cannot allocate a kmemleak_object structure", 10),
        ("kmemleak: Cannot allocate a scan area", 3),
        ("kmemleak: Cannot allocate a scan area, scanning the full object", 5),
        ("kmemleak: Cannot insert ", 20),
        ("kmemleak: Early log buffer exceeded ", 5),
        ("kmemleak: Found object by alias at ", 50),
        ("kmemleak: Kernel memory leak detector disabled", 100),
        ("kmemleak: Kernel memory leak detector initialized", 50),
        ("kmemleak: Kernel memory leak detector initialized ", 100),
        ("kmemleak: Kmemleak disabled without freeing internal data. "
            + "Reclaim the memory with \"echo clear > /sys/kernel/debug/kmemleak\".", 5),
        ("kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE", 10),
        ("kmemleak: Not resetting the checksum of an unknown object at ", 20),
        ("kmemleak: Not scanning unknown object at ", 20),
        ("kmemleak: Object ", 50),
        ("kmemleak: Scan area larger than object ", 20),
        ("kmemleak: Setting excess_ref on unknown object at ", 20),
        ("kmemleak: Trying to color unknown object at ", 50),
        ("kmemleak: Unknown object at ", 50),
        ("kmemleak: unreferenced object ", 100),
        ("kmemleak:   ... and ", 5),
    ]
}
