import HeapModel
import Testing

@testable import Scanner

/// Where the simulated kernel puts things, and what it remembers of them.
@Suite struct SimulatedKernelTests {
    private static let start = Address(0xffff_8880_0400_0000)

    /// Allocates an object and gives its place in the linear map.
    private func offset(_ kernel: Machine, _ name: String) -> UInt64? { kernel.names[name].map { $0 - Self.start } }

    @Test(arguments: [
        (1, 8), (8, 8), (9, 16), (33, 64), (65, 96), (97, 128), (129, 192), (193, 256), (257, 512), (4097, 8192), (8192, 8192),
        (8193, nil), (.max, nil),
    ] as [(UInt64, UInt64?)])
    func kmallocTakesTheNextCache(size: UInt64, cache: UInt64?) {
        #expect(SlabAllocator.kmallocSize(size) == cache)
    }

    @Test func neighboursAscendAndPagesFollowEachOther() throws {
        let kernel = try play("- repeat: {times: 5, steps: [{alloc: {name: \"a${i}\", size: 2048}}]}")
        #expect((0..<5).map { offset(kernel, "a\($0)") } == [0, 2048, 4096, 6144, 8192])
    }

    @Test func eachCacheHasPagesOfItsOwn() throws {
        let kernel = try play("""
            - alloc: {name: small, size: 64}
            - alloc: {name: large, size: 8192}
            - alloc: {name: named, size: 64, cache: mine}
            - alloc: {name: next, size: 64}
            """)
        #expect(["small", "large", "named", "next"].map { offset(kernel, $0) } == [0, 4096, 12288, 64])
    }

    @Test func theSlotFreedLastIsGivenOutFirstWithItsBytes() throws {
        let kernel = try play("""
            - repeat: {times: 3, steps: [
                {alloc: {name: "a${i}", size: 64}}, {write: {at: "a${i}+8", word: "${i}+1"}}]}
            - repeat: {times: 3, steps: [{free: "a${i}"}]}
            - repeat: {times: 3, steps: [{alloc: {name: "b${i}", size: 64, zero: false}}]}
            """)
        #expect((0..<3).map { offset(kernel, "b\($0)") } == [128, 64, 0])
        #expect((0..<3).map { index in kernel.names["b\(index)"].flatMap { kernel.heap.memory.word(at: $0 + 8) } } == [3, 2, 1])
    }

    /// A large object goes where there is room for all of its pages, past those that are taken.
    @Test func aLargeObjectSkipsPagesThatAreTaken() throws {
        let kernel = try play("""
            - alloc: {name: fixed, size: 64, address: 0xffff888004002000}
            - alloc: {name: large, size: 0x4000, cache: large}
            """)
        #expect(offset(kernel, "large") == 0x3000)
    }

    @Test func anAllocationIsBlamedOnTheCurrentTask() throws {
        let kernel = try play("- alloc: {name: a, size: 8}\n- task: 9\n- alloc: {name: b, size: 8}")
        #expect(kernel.kernel?.currentTask?.pid == 9)
        #expect(kernel.heap.objects.pids == [1, 9])
        #expect(kernel.heap.objects.comms.map(\.string) == ["init", "sh"])
    }

    @Test func aFailedStepOfTheKernelChangesNothing() throws {
        let machine = try play("- alloc: {name: a, size: 64}")
        var kernel = try #require(machine.kernel), heap = machine.heap
        #expect(throws: SimulatedKernel.Failure.nameTaken("a")) { try kernel.alloc(.init(name: "a", size: 64), in: &heap) }
        #expect(throws: SimulatedKernel.Failure.unknown("b")) { try kernel.free("b", in: &heap) }
        #expect(throws: SimulatedKernel.Failure.allocation(.tooLarge)) { try kernel.alloc(.init(name: "c", size: .max), in: &heap) }
        #expect(throws: SimulatedKernel.Failure.pidTaken(9)) { try kernel.fork(pid: 9, comm: "x", stack: nil, in: &heap) }
        #expect(throws: SimulatedKernel.Failure.noTask(8)) { try kernel.exit(pid: 8, in: &heap) }
        #expect(throws: SimulatedKernel.Failure.unknown("m")) { try kernel.unload("m", in: &heap) }
        #expect(kernel.names == machine.names.filter { $0.key == "a" } && kernel.tasks == machine.kernel?.tasks)
        #expect(heap.memory.byteCount == machine.heap.memory.byteCount && heap.roots == machine.heap.roots)
    }

    @Test func aLinearMapMayEndAtTheTopOfTheAddressSpace() throws {
        let profile = KernelProfile(release: "6.12", architecture: .x86_64)
        var heap = Heap(profile: profile)
        var kernel = try SimulatedKernel(
            profile: profile, linearMap: AddressRange(start: Address(.max - 8191), size: 8192), sections: [], areas: [], tasks: [],
            in: &heap)
        #expect(try kernel.alloc(.init(name: "a", size: 4096), in: &heap) == [
            .alloc(AddressRange(start: Address(.max - 8191), size: 4096), minCount: 1),
        ])
        _ = try kernel.alloc(.init(name: "b", size: 4096), in: &heap)
        #expect(throws: SimulatedKernel.Failure.allocation(.outOfMemory)) { try kernel.alloc(.init(name: "c", size: 4096), in: &heap) }
        #expect(heap.memory.write(word: 7, at: Address(.max - 7)) && heap.memory.word(at: Address(.max - 7)) == 7)
        #expect(kernel.caller() == Caller(.task(pid: 0, comm: "swapper/0")))
    }

    /// What the article's kernel holds when the program opens it.
    @Test func theArticlesKernelIsExact() throws {
        let kernel = try Scenario(builtIn: "hub-probe").play()
        #expect(kernel.heap.objects.count == 312)
        #expect(kernel.heap.jiffies == Jiffies(4_294_908_566))
        let leaks = ["leak0_kcalloc", "leak0_kzalloc", "leak1_kcalloc", "leak1_kzalloc"]
        #expect(leaks.map { kernel.names[$0]?.description } == [
            "0xffffffc008efca00", "0xffffffc008efcc00", "0xffffffc008efd000", "0xffffffc008efd200",
        ])
        let rows = leaks.compactMap { name in kernel.heap.objects.pointers.firstIndex { $0 == kernel.names[name] } }
        #expect(rows.map { kernel.heap.objects.jiffies[$0].rawValue } == [
            4_294_892_779, 4_294_892_779, 4_294_892_825, 4_294_892_825,
        ])
    }
}
