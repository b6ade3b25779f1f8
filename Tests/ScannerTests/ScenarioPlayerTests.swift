import HeapModel
import Scanner
import Testing

/// What each step of a scenario does.
@Suite struct ScenarioPlayerTests {
    @Test func anAllocationIsTrackedWithItsTimeTaskAndBacktrace() throws {
        let kernel = try play("""
            - time: 1.5
            - task: 9
            - alloc: {name: a, size: 100, backtrace: probe}
            """)
        let object = kernel.heap.objects[ObjectID(0)]
        #expect(object.size == 128)  // kmalloc-128
        #expect(object.jiffies == .at(uptime: Microseconds(1_500_000), hz: 250))
        #expect(object.pid == 9 && object.comm.string == "sh" && object.minCount == 1)
        #expect(kernel.heap.traces[object.trace].map { kernel.heap.symbols[$0] } == ["probe+0x10/0x20", "start+0x100/0x200"])
        #expect(kernel.names == ["a": object.pointer])
    }

    @Test func aPidMayBeWorkedOut() throws {
        let kernel = try play("""
            - repeat: {times: 4, as: n, steps: [{fork: {pid: "${100+n}", comm: "sh${n}"}}]}
            - repeat: {times: 3, as: n, steps: [{task: "${100+n*7%4}"}, {alloc: {name: "a${n}", size: 8}}]}
            - repeat: {times: 3, as: n, steps: [{exit: "${100+n}"}]}
            """)
        #expect(kernel.heap.objects.comms.map(\.string) == ["sh0", "sh3", "sh2"])
        #expect(kernel.heap.roots.compactMap(\.pid) == [1, 9, 103])
        // Aligned to their size, two stacks fit below that of init, one between those of init and sh; the fourth is above.
        let stacks = kernel.heap.roots.filter { $0.kind == .stack }.map(\.range.start.description)
        #expect(stacks == ["0xffffc90000010000", "0xffffc90000020000", "0xffffc90000024000"])
    }

    @Test func objectsOfACacheStandNextToEachOtherAndAFreedSlotIsUsedFirst() throws {
        let kernel = try play("""
            - repeat: {times: 4, steps: [{alloc: {name: "a${i}", size: 512}}]}
            - free: a1
            - free: a2
            - {alloc: {name: b, size: 512}}
            - {alloc: {name: c, size: 512}}
            - {alloc: {name: d, size: 512}}
            """)
        let start = try #require(kernel.names["a0"])
        #expect(start == Address(0xffff_8880_0400_0000))
        #expect(["a3", "b", "c", "d"].map { kernel.names[$0].map { $0 - start } } == [1536, 1024, 512, 2048])
        #expect(kernel.names["a1"] == nil)
    }

    @Test func staleBytesStayUnlessTheBlockIsCleared() throws {
        let steps = """
            - alloc: {name: a, size: 64}
            - write: {at: a+8, hex: "c0 ff ee"}
            - free: a
            """
        let kept = try play(steps + "\n- alloc: {name: b, size: 64, zero: false}")
        let cleared = try play(steps + "\n- alloc: {name: b, size: 64}")
        #expect(kept.heap.memory.word(at: try #require(kept.names["b"]) + 8) == 0xeeffc0)
        #expect(cleared.heap.memory.word(at: try #require(cleared.names["b"]) + 8) == 0)
    }

    @Test func aFixedAddressClaimsAPageOfItsCache() throws {
        let kernel = try play("""
            - alloc: {name: fixed, size: 512, address: 0xffff888004000200}
            - alloc: {name: next, size: 512}
            - alloc: {name: small, size: 64}
            - alloc: {name: block, size: 4096, address: 0xffffc90000101000, min_count: 2}
            """)
        #expect(kernel.names["fixed"] == Address(0xffff_8880_0400_0200))
        #expect(kernel.names["next"] == Address(0xffff_8880_0400_0000))
        #expect(kernel.names["small"] == Address(0xffff_8880_0400_1000))
        #expect(kernel.names["block"] == Address(0xffff_c900_0010_1000))
        #expect(kernel.heap.objects.minCounts == [1, 1, 1, 2])
    }

    @Test func aNamedCacheKeepsItsObjectSize() throws {
        let kernel = try play("""
            - alloc: {name: a, size: 200, cache: dentry}
            - alloc: {name: b, size: 200, cache: dentry}
            """)
        #expect(kernel.heap.objects.sizes == [200, 200])
        #expect(kernel.heap.objects.pointers[1] - kernel.heap.objects.pointers[0] == 200)
    }

    @Test func wordsAreWrittenPlainInteriorAndEncoded() throws {
        let kernel = try play("""
            - alloc: {name: a, size: 64}
            - store: {pointer: a, at: .data}
            - store: {pointer: a+0x10, at: .data+8}
            - store: {pointer: a, at: "stack:sh+0x20", xor: 0xff, shift: 4}
            - store: {pointer: 0x1234, at: "stack:1"}
            - write: {at: .data+16, word: "3+2*0x10"}
            - write: {at: .data+24, text: Hi}
            - write: {at: 0xffffffff82a00020, hex: ff}
            - store: {pointer: a, at: .data+40}
            - clear: .data+40
            """)
        let a = try #require(kernel.names["a"]).rawValue, data = Address(0xffff_ffff_82a0_0000)
        let words = (0..<6).map { kernel.heap.memory.word(at: data + 8 * $0) }
        #expect(words == [a, a + 16, 35, 0x6948, 0xff, 0])
        #expect(kernel.heap.memory.word(at: Address(0xffff_c900_0002_0020)) == (a ^ 0xff) >> 4)
        #expect(kernel.heap.memory.word(at: Address(0xffff_c900_0001_0000)) == 0x1234)
    }

    @Test func annotationsDoWhatTheHooksDo() throws {
        let kernel = try play("""
            - repeat: {times: 4, steps: [{alloc: {name: "a${i}", size: 64}}]}
            - not_leak: a0
            - ignore: a1
            - no_scan: a2
            - scan_area: {at: a3+8, size: 16}
            - scan_area: {at: a3+32, size: 8}
            - scan_area: {at: a3, size: 0}
            """)
        let objects = kernel.heap.objects
        #expect(objects.minCounts == [0, -1, 1, 1])
        #expect(objects.flags == [.allocated, [.allocated, .noScan], [.allocated, .noScan], .allocated])
        let start = objects.pointers[3]
        #expect(objects.areas == [ObjectID(3): [.init(start: start + 32, size: 8), .init(start: start + 8, size: 16)]])
    }

    @Test func theClockIsExactAndStampsTheLog() throws {
        let kernel = try play("""
            - time: 1.999999
            - log: before
            - advance: 0.000002
            - log: "usb 1-${3+4*2}: after"
            """)
        #expect(kernel.log.map(\.description) == ["[    1.999999] before", "[    2.000001] usb 1-11: after"])
        #expect(kernel.uptime == Microseconds(2_000_001))
        #expect(kernel.heap.jiffies == .atBoot(hz: 250) + 500)
    }

    @Test func repeatsNestCountAndGoOverTexts() throws {
        let kernel = try play("""
            - repeat: {times: 2, steps: [{repeat: {times: 2, as: j, steps: [{log: "${i} ${j} ${10*i+j}"}]}}]}
            - repeat: {over: [usb, pci], as: bus, index: n, steps: [{log: "${n} ${bus}"}]}
            """)
        #expect(kernel.log.map(\.text) == ["0 0 0", "0 1 1", "1 0 10", "1 1 11", "0 usb", "1 pci"])
    }

    @Test func rootsStandInTheOrderOfAScan() throws {
        let kernel = try play("- time: 1", extra: "")
        #expect(kernel.heap.roots.map(\.name) == [".data", "init", "sh"])
        #expect(kernel.heap.roots.map(\.kind) == [.data, .stack, .stack])
        #expect(kernel.heap.roots.map(\.pid) == [nil, 1, 9])
        #expect(kernel.heap.roots.map(\.range.size) == [4096, 1024, 16384])
    }

    @Test func aSectionIsNotTheScenariosToFree() throws {
        let text = String(decoding: try #require(Scenario.builtInText("cycle")), as: UTF8.self)
            .replacing("\nsteps:\n", with: "\nsteps:\n  - free: .data\n")
        let scenario = try Scenario(yaml: Array(text.utf8), file: "f.yaml")
        #expect {
            _ = try scenario.play()
        } throws: { error in
            "\(error)".hasSuffix("no live object is called \".data\"")
        }
    }

    /// `kmemleak.md`, section 0.
    @Test func sectionsAreRootsInOldKernelsAndGrayObjectsInLaterOnes() throws {
        let old = try Scenario(builtIn: "hub-probe").play(), later = try Scenario(builtIn: "cycle").play()
        #expect(old.heap.roots.prefix(2).map(\.kind) == [.data, .bss] && old.names[".data"] == nil)
        #expect(!later.heap.roots.contains { $0.kind == .data || $0.kind == .bss })
        #expect(later.heap.objects.pointers.prefix(2).map { Optional($0) } == [later.names[".data"], later.names[".bss"]])
        #expect(later.heap.objects.minCounts.prefix(2) == [0, 0])
    }
}
