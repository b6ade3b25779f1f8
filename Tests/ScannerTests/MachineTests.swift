import HeapModel
import Testing

@testable import Scanner

/// What the steps of a scenario do to the kernel and its kmemleak.
struct MachineTests {
    private func word(_ machine: Machine, _ place: Address) -> UInt64? { machine.heap.memory.word(at: place) }

    /// 6.12 with two CPUs and a table in `.data`.
    private func run(_ steps: String, kernel: String = "release: 6.12.1, arch: x86_64, cpus: 2", extra: String = "") throws -> Machine {
        try Machine(Scenario(yaml: Array("""
            name: test
            kernel: {\(kernel)}
            memory:
              - {kind: data, name: .data, start: 0xffffffff82a00000, size: 4096}
              - {kind: area, name: pool, start: 0xffffc90000100000, size: 8192}
            tasks: [{pid: 1, comm: init, stack: 0xffffc90000010000, stack_size: 1024}]
            symbols: {0xffffffffa0000010: module_work+0x10/0x20, 0xffffffff81000010: boot+0x10/0x20}
            backtraces: {module: [module_work+0x10/0x20], boot: [boot+0x10/0x20]}
            \(extra)
            steps:
            \(steps)
            """.utf8), file: "test.yaml"))
    }

    private func object(_ machine: Machine, _ name: String) throws -> TrackedObject {
        let address = try #require(machine.names[name])
        return machine.heap.objects[try #require(machine.kmemleak.index.object(containing: address))]
    }

    private func messages(_ machine: Machine) -> [String] { machine.log.map(\.text) }

    // MARK: Memory

    @Test func vmallocHasItsStructuresAndAGuardPage() throws {
        let machine = try run("- vmalloc: {name: a, size: 5000}\n- vmalloc: {name: b, size: 1}")
        let (a, b) = (try object(machine, "a"), try object(machine, "b"))
        #expect(a.size == 8192 && b.pointer - a.pointer == 12288 && machine.heap.memory[a.pointer + 8192] == nil)
        let structure = try object(machine, "a.vm_struct"), area = try object(machine, "a.vmap_area")
        #expect(word(machine, structure.pointer + 8) == a.pointer.rawValue && word(machine, structure.pointer + 16) == 12288)
        #expect(structure.excessReference == a.pointer && a.minCount == 2)
        #expect(word(machine, area.pointer + 56) == structure.pointer.rawValue)
        let id = try #require(machine.kmemleak.index.virtual.object(at: area.pointer))
        #expect(machine.heap.objects.areas[id]?.map(\.start) == [area.pointer + 16])
        // The list: its head, a, b, and round.
        let head = try #require(machine.names["vmap_area_list"])
        let last = try object(machine, "b.vmap_area")
        #expect(word(machine, head) == (area.pointer + 40).rawValue && word(machine, head + 8) == (last.pointer + 40).rawValue)
    }

    @Test func aFreedVmallocBlockIsUnmappedAndItsPlaceUsedAgain() throws {
        let machine = try run("- vmalloc: {name: a, size: 4096}\n- vmalloc: {name: b, size: 4096}\n- free: a\n- vmalloc: {name: c, size: 4096}")
        let before = try run("- vmalloc: {name: a, size: 4096}")
        #expect(machine.names["c"] == before.names["a"] && machine.names["a.vm_struct"] == nil)
        let gone = try run("- vmalloc: {name: a, size: 4096}\n- free: a")
        #expect(gone.heap.memory[try #require(before.names["a"])] == nil)
        #expect(gone.heap.objects.count == 2, ".data and the list's head are left")
    }

    @Test func perCPUMemoryHasACopyOnEachCPU() throws {
        let machine = try run("- alloc_percpu: {name: c, size: 16}\n- write: {at: \"c[1]+8\", word: 7}\n- store: {pointer: c, at: .data}")
        let c = try object(machine, "c"), offsets = try #require(machine.heap.perCPUOffsets)
        #expect(c.kind == .percpu && offsets.count == 2)
        #expect(word(machine, c.pointer + offsets[1] + 8) == 7 && word(machine, c.pointer + offsets[0] + 8) == 0)
        #expect(word(machine, Address(0xffff_ffff_82a0_0000)) == c.pointer.rawValue)
        #expect(throws: ScenarioError.self) { try run("- alloc_percpu: {name: c, size: 16}\n- clear: \"c[2]\"") }
    }

    @Test func physicalMemoryIsWrittenAtItsVirtualAddress() throws {
        let machine = try run("- alloc_phys: {name: p, size: 4096}\n- write: {at: p+8, word: 9}\n- alloc_phys: {name: far, size: 64, address: 0x900000000}",
            kernel: "release: 6.12.1, arch: x86_64, low_memory: 0x10000000")
        let p = try object(machine, "p"), offset = try #require(machine.heap.physToVirt)
        #expect(p.kind == .phys && p.minCount == 0 && word(machine, p.pointer + offset + 8) == 9)
        var scanned = machine
        try scanned.write(.scan)
        #expect(try object(scanned, "far").colour == .black && object(scanned, "p").colour == .gray)
    }

    @Test func aCacheKeepsItsShape() throws {
        let machine = try run("""
            - repeat: {times: 3, steps: [{alloc: {name: "p${i}", size: 40, cache: poisoned, zero: false}}, {alloc: {name: "u${i}", size: 64, cache: secret}}]}
            - write: {at: p0, text: "secret"}
            - free: p0
            """, extra: "caches: [{name: poisoned, size: 40, align: 32, poison: true}, {name: secret, size: 64, noleaktrace: true}]")
        let p1 = try #require(machine.names["p1"]), p2 = try #require(machine.names["p2"])
        #expect(p2 - p1 == 64, "40 bytes, the free pointer behind them, and the alignment")
        #expect(machine.heap.memory.bytes(in: AddressRange(start: p1, size: 40)) == [UInt8](repeating: 0x6b, count: 39) + [0xa5])
        #expect(machine.heap.memory.bytes(in: AddressRange(start: Address(p1.rawValue - 64), size: 40)) == [UInt8](repeating: 0x6b, count: 39) + [0xa5])
        #expect(machine.kmemleak.index.virtual.object(containing: try #require(machine.names["u0"])) == nil, "kmemleak never hears of it")
    }

    @Test func freedObjectsHoldTheSlabsFreeList() throws {
        let machine = try run("- repeat: {times: 3, steps: [{alloc: {name: \"a${i}\", size: 64}}]}\n- free: a0\n- free: a2\n- alloc: {name: b, size: 64, zero: false}")
        let a1 = try #require(machine.names["a1"]), b = try #require(machine.names["b"])
        #expect(b - a1 == 64, "the slot freed last")
        #expect(word(machine, b + 32) == a1.rawValue - 64, "still there: the next free slot")
    }

    /// Nobody says where: the architecture does.
    @Test(arguments: [
        ("release: 6.12, arch: x86_64", "0xffff8880", "0xffffc900", "0xffffffffa0"), ("release: 6.12, arch: x86_64, paging: 5", "0xff110000", "0xffa00000", "0xffffffffa0"),
        ("release: 6.12, arch: arm64", "0xffff0000", "0xffff8000", "0xffff80007"), ("release: 4.9, arch: arm64", "0xffffffc0", "0xffffff80", "0xffffff800"),
    ])
    func addressesAreThoseOfTheArchitecture(kernel: String, linear: String, vmalloc: String, module: String) throws {
        let text = "name: a\nkernel: {\(kernel)}\nsteps:\n  - alloc: {name: a, size: 64}\n  - vmalloc: {name: v, size: 64}\n  - module: {name: m, size: 64}\n"
        let names = try Machine(Scenario(yaml: Array(text.utf8), file: "a.yaml")).names
        for (name, start) in [("a", linear), ("v", vmalloc), ("m", module)] {
            #expect(names[name]?.description.hasPrefix(start) == true, "\(name) at \(names[name]?.description ?? "nowhere")")
        }
    }

    // MARK: Tasks

    @Test func tasksAreForkedAndExitWithTheirStacks() throws {
        let machine = try run("- fork: {pid: 9, comm: a-name-longer-than-15}\n- task: 9\n- alloc: {name: a, size: 8}\n- exit: 9\n- alloc: {name: b, size: 8}")
        #expect(try object(machine, "a").pid == 9 && object(machine, "a").comm.string == "a-name-longer-t")
        #expect(try object(machine, "b").pid == 0 && object(machine, "b").comm.string == "swapper/0")
        #expect(machine.heap.roots.filter { $0.kind == .stack }.map(\.pid) == [1])
        let stacks = try run("- fork: {pid: 9, comm: b}").heap.roots.filter { $0.kind == .stack }
        #expect(stacks.map(\.pid) == [1, 9] && stacks[1].range.size == 16384 && stacks[1].range.start.rawValue % 16384 == 0)
    }

    @Test func interruptsHaveNoTask() throws {
        let machine = try run("- interrupt: softirq\n- alloc: {name: a, size: 8}\n- interrupt: none\n- alloc: {name: b, size: 8}")
        #expect(try object(machine, "a").comm.string == "softirq" && object(machine, "a").pid == 0)
        #expect(try object(machine, "b").comm.string == "init")
    }

    // MARK: Modules

    @Test func aModuleIsNoLeakAndOnlyItsDataIsScanned() throws {
        let machine = try run("- module: {name: led, size: 9000, data: {offset: 0x1000, size: 64}, backtrace: boot}\n- alloc: {name: a, size: 8, backtrace: module}")
        let core = try object(machine, "led"), id = try #require(machine.kmemleak.index.virtual.object(at: core.pointer))
        #expect(core.pointer == Address(0xffff_ffff_a000_0000) && core.size == 12288 && core.minCount == 0)
        #expect(machine.heap.objects.areas[id] == [AddressRange(start: core.pointer + 0x1000, size: 64)])
        let unloaded = try run("- module: {name: led, size: 9000, backtrace: boot}\n- alloc: {name: a, size: 8, backtrace: module}\n- rmmod: led")
        #expect(unloaded.heap.symbols[Address(0xffff_ffff_a000_0010)] == nil && unloaded.heap.symbols[Address(0xffff_ffff_8100_0010)] != nil)
        #expect(unloaded.heap.memory[core.pointer] == nil && unloaded.names["led"] == nil)
        #expect(try unloaded.heap.traces[object(unloaded, "a").trace] == [Address(0xffff_ffff_a000_0010)])
    }

    // MARK: Hooks, right and wrong

    @Test func theHooksCanBeCalledAlone() throws {
        let machine = try run("""
            - kmemleak_alloc: {at: pool+0x100, size: 64, backtrace: boot}
            - free_part: {at: pool+0x110, size: 16}
            - kmemleak_free: pool+0x121
            - update_trace: {at: pool+0x130, backtrace: module}
            - transient_leak: pool+0x120
            """)
        let objects = machine.heap.objects
        #expect(objects.ids.dropFirst().map { objects[$0].range } == [
            AddressRange(start: Address(0xffff_c900_0010_0100), size: 16), AddressRange(start: Address(0xffff_c900_0010_0120), size: 32),
        ])
        #expect(messages(machine).first == "kmemleak: Found object by alias at 0xffffc90000100121")
        #expect(objects.traces.suffix(2).map { machine.heap.traces[$0] } == [[], [Address(0xffff_ffff_a000_0010)]])
        let overlap = try run("- kmemleak_alloc: {at: pool+0x100, size: 64}\n- kmemleak_alloc: {at: pool+0x120, size: 8}")
        #expect(!overlap.heap.isEnabled && messages(overlap).contains("kmemleak: Kernel memory leak detector disabled"))
    }

    @Test func shortOfMemoryTheRecordsComeFromThePool() throws {
        let machine = try run("- slab_failure: true\n- repeat: {times: 3, steps: [{alloc: {name: \"a${i}\", size: 8}}]}",
            kernel: "release: 6.1.9, arch: x86_64, mem_pool_size: 2")
        #expect(messages(machine) == [
            "kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE",
            "kmemleak: Cannot allocate a kmemleak_object structure", "kmemleak: Kernel memory leak detector disabled",
        ])
    }

    // MARK: Commands and the clock

    @Test func aWriteThatFailsUnexpectedlyIsAMistake() throws {
        _ = try run("- control: {write: \"scan=abc\", error: EINVAL}")
        #expect { try run("- control: \"scan=abc\"") } throws: {
            "\($0)" == "test.yaml:11:3: control \"scan=abc\": expected success, got EINVAL, write error: Invalid argument"
        }
        #expect { try run("- control: {write: scan, error: EPERM}") } throws: { "\($0)".contains("expected EPERM, got success") }
        #expect { try run("- kmemleak: init\n- control: scan") } throws: { "\($0)".contains("there is no control file before kmemleak's late_init") }
    }

    @Test func theClockMovesAutomaticScansAndWork() throws {
        let machine = try run("- kmemleak: init\n- time: 1\n- kmemleak: late_init\n- time: 130\n- control: scan=10\n- advance: 25",
            extra: "workload: [{every: 30, from: 20, steps: [{log: \"round ${n}\"}]}]")
        #expect(machine.log.map(\.description).filter { !$0.contains("initialized") } == [
            "[    1.000000] kmemleak: Automatic memory scanning thread started", "[   20.000000] round 0", "[   50.000000] round 1",
            "[   80.000000] round 2", "[  110.000000] round 3", "[  130.000000] kmemleak: Automatic memory scanning thread ended",
            "[  130.000000] kmemleak: Automatic memory scanning thread started", "[  140.000000] round 4",
        ])
        #expect(machine.kmemleak.scanCount == 4 && machine.kmemleak.nextAutomaticScan == Microseconds(160_000_000))
    }

    // MARK: In the middle of a scan

    @Test(arguments: [("phase: prepare", 0), ("block: .data, word: 3", 3), ("phase: gray_list, block: a, word: 2", 2), ("phase: report", -1)])
    func stepsWaitForTheirMoment(moment: String, words: Int) throws {
        var machine = try run("- alloc: {name: a, size: 64}\n- store: {pointer: a, at: .data+0x20}\n- during: {\(moment), steps: [{log: now}, {clear: .data+0x28}]}")
        #expect(machine.armed.count == 1)
        try machine.write(.scan)
        let recording = try #require(machine.kmemleak.recording), deed = try #require(recording.epochs.dropFirst().first)
        #expect(deed.deeds == [".data+0x28 is cleared"] && machine.log.last?.text == "now" && machine.armed.isEmpty)
        let before = Moment(recording: recording, tick: deed.tick - 1)
        switch before.step {
        case .phase(let phase): #expect(moment == "phase: \(ScenarioSyntax.phases[phase.rawValue])")
        case .word(let address):
            let start = try #require(moment.contains("block: a") ? machine.names["a"] : Address(0xffff_ffff_82a0_0000))
            #expect(address - start == UInt64(words - 1) * 8)
        default: Issue.record("at \(before.step)")
        }
    }

    @Test func commandsWaitForTheScanThatIsUnderWay() throws {
        var machine = try run("- alloc: {name: a, size: 64}\n- time: 9\n- during: {phase: roots, steps: [{control: off}, {alloc: {name: b, size: 8}}]}")
        try machine.write(.scan)
        #expect(machine.kmemleak.recording?.wasInterrupted == false && machine.kmemleak.recording?.leaks.count == 1)
        #expect(!machine.heap.isEnabled)
        #expect(messages(machine).prefix(2) == [
            "kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", "kmemleak: Kernel memory leak detector disabled",
        ])
        #expect(machine.names["b"] != nil, "kmemleak was still on when it was allocated")
    }

    @Test func aScanTakesTheKernelsTime() throws {
        var machine = try run("- time: 9", kernel: "release: 6.12.1, arch: x86_64, scan_speed: 1000",
            extra: "workload: [{every: 0.2, steps: [{log: \"round ${n}\"}]}]")
        try machine.write(.scan)
        // 512 words of .data, 128 of the stack.
        #expect(machine.kmemleak.recording?.wordCount == 640)
        #expect(machine.log.map(\.description) == ["[    9.000000] round 0", "[    9.200000] round 1", "[    9.400000] round 2", "[    9.600000] round 3"])
        #expect(machine.uptime >= Microseconds(9_600_000) && machine.heap.lastScan == .at(uptime: Microseconds(9_000_000), hz: 250))
    }

    // MARK: Work that never ends

    /// Half a second of scanning, and a command every 10 ms: each waits for the scan, and the work for its command.
    @Test(.timeLimit(.minutes(1))) func workWaitsForTheCommandThatItWrote() throws {
        var machine = try run("- time: 9", kernel: "release: 6.12.1, arch: x86_64, scan_speed: 1280",
            extra: "workload: [{every: 0.01, from: 9.01, steps: [{control: scan}]}, {every: 0.2, from: 9, steps: [{log: \"${n}\"}]}]")
        machine.advance(by: Microseconds(40_000))
        #expect(machine.failure == nil && machine.kmemleak.scanCount == 4 && machine.waiting.isEmpty)
        #expect(machine.uptime == Microseconds(11_010_000) && machine.log.count == 11, "other work goes on meanwhile")
    }

    @Test func twoWorksWaitForEachOther() throws {
        var machine = try run("- time: 9", kernel: "release: 6.12.1, arch: x86_64, scan_speed: 1280",
            extra: "workload: [{every: 0.1, from: 9, steps: [{control: scan}]}, {every: 0.1, from: 9, steps: [{control: scan}]}]")
        machine.advance(by: Microseconds(0))
        #expect(machine.failure == nil && machine.kmemleak.scanCount >= 2 && machine.waiting.isEmpty)
        #expect(machine.rounds.allSatisfy { $0.pending == 0 })
    }

    @Test(arguments: ["{advance: 1}", "{repeat: {times: 1, steps: [{time: 1}]}}"])
    func workDoesNotMoveTheClock(step: String) {
        #expect { try run("- log: a", extra: "workload: [{every: 1, steps: [\(step)]}]") } throws: {
            "\($0)".hasSuffix(" has no place in a workload: it is the clock that brings a round")
        }
    }

    /// 1,000 rounds a second cost as much as the steps that wait for them.
    @Test(.timeLimit(.minutes(1))) func aClockMovedAgainAndAgainIsStopped() {
        #expect { try run("- repeat: {times: 100000, steps: [{advance: 100}]}", extra: "workload: [{every: 0.001, from: 100000, steps: []}]") }
            throws: { "\($0)".hasSuffix("expected at most 1000000 steps, found more") }
    }

    // MARK: Places and texts

    @Test func onlyPerCPUBlocksHaveCopies() {
        #expect { try run("- alloc: {name: a, size: 64}\n- clear: \"a[1]\"") } throws: { "\($0)".contains("found \"a[1]\"") }
    }

    @Test func variablesStandInTheBlockOfDuringAndInWhatIsExpected() throws {
        let steps = """
            - alloc: {name: a1, size: 64}
            - store: {pointer: a1, at: .data}
            - repeat: {times: 2, steps: [{during: {block: "a${i}", steps: [{log: "reading ${i}"}]}}]}
            - control: scan
            - repeat: {times: 2, steps: [{expect: {log: "reading ${1}", no_log: "reading ${0*i}", count: {"a${1}": 1}}}]}
            """
        let machine = try run(steps)
        #expect(machine.log.map(\.text) == ["reading 1"] && machine.armed.map(\.during.block) == ["a0"])
        let results = try Machine.test(#require(machine.scenario))
        #expect(results.count == 7 && results.filter { $0.difference != nil }.map(\.what) == ["during"])
        #expect(results.contains { $0.what == "count of a1: 1" })
    }

    @Test func wordsAreCountedOfABlock() {
        #expect { try run("- during: {word: 3, steps: []}") } throws: { "\($0)".hasSuffix("expected a block whose words to count, found none") }
    }

    // MARK: The same, always

    /// FNV-1a over all that a machine holds.
    private func hash(_ machine: Machine) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        for segment in machine.heap.memory.segments {
            add("\(segment.start)".utf8)
            segment.withBytes { add($0) }
        }
        for id in machine.heap.objects.ids { add("\(machine.heap.objects[id])".utf8) }
        for line in machine.log { add(line.description.utf8) }
        for (name, address) in machine.names.sorted(by: { $0.key < $1.key }) { add("\(name)\(address)".utf8) }
        return hash
    }

    @Test(arguments: Scenario.builtInNames)
    func theSameScenarioAndCommandsGiveTheSameBytes(name: String) throws {
        let hashes = try (0..<2).map { _ in
            var machine = try Machine(Scenario(builtIn: name))
            machine.advance(by: Microseconds(7_300_000))
            try? machine.write("scan")
            machine.advance(by: Microseconds(2_000_000))
            return hash(machine)
        }
        #expect(hashes[0] == hashes[1])
    }

    @Test func theSeedDecidesWhatIsRandom() throws {
        let steps = "- repeat: {times: 20, steps: [{write: {at: \".data+8*${i}\", word: \"${random%1000}\"}}]}"
        let machines = try ["", "seed: 1", "seed: 2"].map { try run(steps, extra: $0) }
        #expect(hash(machines[0]) == hash(machines[1]) && hash(machines[0]) != hash(machines[2]))
    }
}
