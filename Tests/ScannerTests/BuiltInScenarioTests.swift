import HeapModel
import Scanner
import Testing

/// The lessons that come with the program hold.
@Suite struct BuiltInScenarioTests {
    @Test(arguments: Scenario.builtInNames)
    func everyBuiltInScenarioExplainsItself(name: String) throws {
        let scenario = try Scenario(builtIn: name)
        #expect(scenario.name == name)
        #expect(!scenario.title.isEmpty && !scenario.title.contains("\n") && scenario.title.count < 70)
        #expect(scenario.description.contains("Press ") && scenario.description.contains("Look for"))
        #expect(scenario.description.split(separator: "\n").allSatisfy { $0.count <= 84 })
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
    ])
    func onlyTheLessonsObjectsAreNotReached(name: String, lost: [String], heldByStack: [String]) throws {
        let kernel = try Scenario(builtIn: name).play()
        #expect(kernel.unreached() == lost)
        #expect(kernel.unreached(stacks: false) == (lost + heldByStack).sorted())
    }

    @Test(arguments: ["lost-list-node", "cycle", "stale-stack", "integer-alias", "encoded-pointer"])
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

    @Test(arguments: Scenario.builtInNames)
    func everyFrameHasASymbol(name: String) throws {
        let heap = try Scenario(builtIn: name).play().heap
        // Init code of a module is freed when it has run, and its names with it.
        let modules = KernelLayout(profile: heap.profile, cpuCount: 1).modules
        // The sections that later kernels register have no trace: kmemleak starts with them.
        let allocated = heap.objects.ids.filter { heap.objects.comms[$0.index] != Comm("swapper") }
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

    @Test func anUnknownScenarioIsAnErrorAndANearNameIsOffered() {
        #expect(throws: ScenarioError.self) { try Scenario(builtIn: "hub-prob") }
        #expect(Scenario.nearestNames(to: "hub-prob") == ["hub-probe"])
        #expect(Scenario.nearestNames(to: "something else").isEmpty)
    }
}
