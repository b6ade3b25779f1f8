import HeapModel
import Scanner
import Testing

/// The lessons that come with the program hold.
@Suite struct BuiltInScenarioTests {
    /// They leave nothing tracked.
    private static let failingBoots = ["early-log-overflow", "memory-pool-empty"]

    @Test(arguments: Scenario.builtInNames)
    func everyBuiltInScenarioExplainsItself(name: String) throws {
        let scenario = try Scenario(builtIn: name)
        #expect(scenario.name == name)
        #expect(!scenario.title.isEmpty && !scenario.title.contains("\n") && scenario.title.count < 70)
        #expect(scenario.description.contains("Press ") && scenario.description.contains("Look for"))
        #expect(scenario.description.split(separator: "\n").allSatisfy { $0.count <= 84 })
    }

    @Test(arguments: Scenario.builtInNames)
    func everyBuiltInScenarioProvesItsLesson(name: String) throws {
        let results = try Machine.test(Scenario(builtIn: name))
        #expect(!results.isEmpty)
        for result in results { #expect(result.difference == nil, "line \(result.line), \(result.what)") }
    }

    @Test(arguments: Scenario.builtInNames)
    func playingTwiceGivesTheSameKernel(name: String) throws {
        let (first, second) = (try Scenario(builtIn: name).play(), try Scenario(builtIn: name).play())
        #expect(first.names == second.names)
        #expect(first.log == second.log)
        #expect(first.heap.objects.ids.map { first.heap.objects[$0] } == second.heap.objects.ids.map { second.heap.objects[$0] })
        #expect(first.heap.memory.segments.map(\.start) == second.heap.memory.segments.map(\.start))
        for (left, right) in zip(first.heap.memory.segments, second.heap.memory.segments) {
            #expect(left.withBytes { Array($0) } == right.withBytes { Array($0) })
        }
    }

    @Test(arguments: [
        ("hub-probe", ["leak0_kzalloc", "leak1_kcalloc", "leak1_kzalloc"], ["leak0_kcalloc"]),
        ("lost-list-node", ["node3"], []),
        ("cycle", ["ring0", "ring1", "ring2", "ring3", "tail"], []),
        ("stale-stack", [], ["forgotten"]),
        ("integer-alias", ["lost"], []),
        ("encoded-pointer", ["shifted", "xored"], []),
        ("transient", ["counting", "handed_over", "lost", "young"], []),
        ("scan-area", ["lost_area", "lost_noscan"], []),
        ("not-leak", ["rx_buffer0", "rx_buffer1", "rx_buffer2", "rx_buffer3", "rx_ring"], []),
        ("moving-pointer", [], []),
        ("moving-pointer-2026", [], []),
        ("busy", [], []),
    ])
    func onlyTheLessonsObjectsAreNotReached(name: String, lost: [String], heldByStack: [String]) throws {
        let kernel = try Scenario(builtIn: name).play()
        #expect(kernel.unreached() == lost)
        #expect(kernel.unreached(stacks: false) == (lost + heldByStack).sorted())
    }

    @Test(arguments: Scenario.builtInNames.filter { !failingBoots.contains($0) && !["hub-probe", "sample-module", "busy"].contains($0) })
    func aLessonStandsInALivingHeap(name: String) throws {
        let count = try Scenario(builtIn: name).play().heap.objects.count
        #expect((40...120).contains(count))
    }

    @Test func theArticlesHeapIsLargeEnoughToBeRealAndSmallEnoughToWatch() throws {
        let kernel = try Scenario(builtIn: "hub-probe").play()
        let reachability = Reachability(kernel.heap)
        #expect((300...500).contains(kernel.heap.objects.count))
        #expect((8000...16000).contains(reachability.words))
        #expect(reachability.depth >= 6)
        let sizes = Set(kernel.heap.objects.sizes)
        #expect(sizes.min() == 32 && sizes.max() == 4096 && sizes.count >= 8)
        #expect(Set(kernel.heap.roots.map(\.kind)) == Set(Root.Kind.allCases))
    }

    @Test func theArticlesLeaksAreThoseOfItsReport() throws {
        let scenario = try Scenario(builtIn: "hub-probe")
        let kernel = try scenario.play(), heap = kernel.heap
        #expect(heap.profile.style == .old && heap.profile.architecture == .arm64 && heap.profile.hz == 250)
        let lost = Reachability(heap).unreached
        let leaks = heap.objects.ids.map { heap.objects[$0] }.filter { lost.contains($0.pointer) }
        #expect(leaks.map(\.pointer.description) == ["0xffffffc008efcc00", "0xffffffc008efd000", "0xffffffc008efd200"])
        #expect(leaks.map(\.jiffies) == [Jiffies(4_294_892_779), Jiffies(4_294_892_825), Jiffies(4_294_892_825)])
        #expect(leaks.allSatisfy { $0.size == 512 && $0.pid == 1 && $0.comm.string == "swapper/0" && $0.minCount == 1 })
        #expect(leaks.allSatisfy { heap.memory.bytes(in: $0.range).allSatisfy { $0 == 0 } })
        let callers = leaks.map { heap.traces[$0.trace].map { heap.symbols[$0] ?? "?" } }
        #expect(callers.map { $0[4] } == ["hub_probe+0x144/0x804", "hub_probe+0x134/0x804", "hub_probe+0x144/0x804"])
        #expect(callers.allSatisfy { $0.count == 16 && $0.first == "__save_stack_trace+0x24/0x30" })
        #expect(callers.allSatisfy { $0.last == "usb_probe_device+0x28/0x44" })
        #expect(scenario.scanTime == Microseconds(65_088_222))
        #expect(try Jiffies.at(uptime: #require(scenario.readTime), hz: 250) == Jiffies(4_294_933_461))
        #expect(kernel.uptime == Microseconds(65_080_000))
    }

    @Test(arguments: Scenario.builtInNames.filter { !failingBoots.contains($0) })
    func everyFrameHasASymbol(name: String) throws {
        let heap = try Scenario(builtIn: name).play().heap
        // Init code of a module is freed when it has run, and its names with it.
        let modules = KernelLayout(profile: heap.profile, cpuCount: 1).modules
        // What later kernels allocate before kmemleak starts has no trace, nor have the sections that it starts with.
        let boot = Jiffies.atBoot(hz: heap.profile.hz)
        let allocated = heap.objects.ids.filter { heap.objects.jiffies[$0.index] != boot || heap.profile.style == .old }
        let traces = allocated.map { heap.traces[heap.objects[$0].trace] }
        #expect(traces.count > 40)
        #expect(traces.allSatisfy { trace in !trace.isEmpty && trace.allSatisfy { heap.symbols[$0] != nil || modules.contains($0) } })
    }

    @Test func theSampleModulesTestHolds() throws {
        let results = try Machine.test(Scenario(builtIn: "sample-module"))
        #expect(results.count > 20)
        #expect(results.compactMap(\.difference) == [])
    }

    @Test func theSampleModuleStandsInASmallKernel() throws {
        let kernel = try Scenario(builtIn: "sample-module").play()
        #expect(kernel.unreached().count == 21)
        #expect(kernel.unreached(stacks: false) == kernel.unreached())
        #expect((300...400).contains(kernel.heap.objects.count))
        #expect((8000...16000).contains(Reachability(kernel.heap).words))
    }

    @Test func theArticlesBootLogIsThatOfItsOverflow() throws {
        let log = try Scenario(builtIn: "early-log-overflow").play().log
        #expect(log.map(\.description).filter { $0.contains("kmemleak") } == [
            "[    0.000000] kmemleak: Kernel memory leak detector disabled",
            "[    0.012434] kmemleak: Early log buffer exceeded (1438), please increase DEBUG_KMEMLEAK_EARLY_LOG_SIZE",
        ])
    }

    @Test(arguments: [(1437, [String]()), (1438, ["leak0_kzalloc", "leak1_kzalloc"])])
    func anEarlyLogOfTheSizeAskedForIsTheCure(size: Int, leaks: [String]) throws {
        var kernel = try variant(of: "early-log-overflow", "early_log_size: 400", "early_log_size: \(size)")
        #expect(kernel.heap.isEnabled == !leaks.isEmpty)
        try? kernel.write(.scan)
        #expect(kernel.leaks == leaks)
    }

    @Test func theBootLogOfAnEmptyPoolIsThatOfTheCapture() throws {
        let log = try Scenario(builtIn: "memory-pool-empty").play().log
        #expect(log.map(\.text).filter { $0.contains("kmemleak: ") } == [
            "kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE",
            "kmemleak: Cannot allocate a kmemleak_object structure",
            "kmemleak: Kernel memory leak detector disabled",
        ])
        let cured = try variant(of: "memory-pool-empty", "mem_pool_size: 100", "mem_pool_size: 118")
        #expect(cured.heap.isEnabled && cured.log.contains { $0.text.hasSuffix("initialized (mem pool available: 0)") })
    }

    @Test func anOldKernelHasNoExcessReferences() throws {
        var kernel = try variant(of: "vmalloc-excess-ref", "release: 6.12.4", "release: 4.9.118")
        try kernel.write(.scan)
        #expect(kernel.leaks == ["cached0", "cached1", "forgotten"])
    }

    @Test func olderKernelsCannotFindALostPerCPUBlock() throws {
        var kernel = try variant(of: "percpu", "release: 6.12.4", "release: 6.1.119")
        try kernel.write(.scan)
        #expect(kernel.leaks.isEmpty)
        let flow = try #require(kernel.names["flow"].flatMap(ObjectIndex(kernel.heap.objects).virtual.object(at:)))
        #expect(kernel.heap.objects.counts[flow.index] == 1)
    }

    @Test func theBusyKernelGoesOnWhileItIsScanned() throws {
        var kernel = try Scenario(builtIn: "busy").play()
        kernel.advance(to: Microseconds(60_000_000))
        try kernel.write(.scan)
        #expect((61_500_000...62_500_000).contains(kernel.uptime.rawValue))
        let recording = try #require(kernel.kmemleak.recording)
        #expect(recording.epochs.count > 60)
        // Some were allocated, some freed, and neither kind is taken for lost.
        #expect(recording.epochs.last.map { $0.heap.objects.count > recording.epochs[0].heap.objects.count } == true)
        #expect(Set(kernel.heap.objects.comms.map(\.string)).isSuperset(of: ["softirq", "hardirq", "nginx", "java"]))
        #expect(kernel.failure == nil)
    }

    /// A built-in scenario with one thing changed.
    private func variant(of name: String, _ old: String, _ new: String) throws -> Machine {
        let text = String(decoding: try #require(Scenario.builtInText(name)), as: UTF8.self)
        #expect(text.contains(old))
        return try Scenario(yaml: Array(text.replacing(old, with: new).utf8), file: name).play()
    }

    @Test func anUnknownScenarioIsAnErrorAndANearNameIsOffered() {
        #expect(throws: ScenarioError.self) { try Scenario(builtIn: "hub-prob") }
        #expect(Scenario.nearestNames(to: "hub-prob") == ["hub-probe"])
        #expect(Scenario.nearestNames(to: "something else").isEmpty)
    }
}

extension Machine {
    /// The scenario's names of what a reader of the control file finds.
    fileprivate var leaks: [String] {
        heap.reportedLeaks.map { id in names.first { $0.value == heap.objects.pointers[id.index] }?.key ?? "?" }
    }
}
