import HeapModel
import Scanner
import Testing

/// The way from a root to an object, and what the built-in scenarios have to say.
struct ExplainChainTests {
    private func explanation(_ number: Int, _ heap: Heap) -> Explanation {
        Moment(recording: Scan.run(heap), tick: .max).explanation(of: ObjectID(number))
    }

    @Test func aChainGoesFromARootWordByWord() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0, 0x2000)
            heap.object(at: 0x2000, size: 32) { $0.pointer(to: 0x3010, at: 24) }
            heap.object(at: 0x3000, size: 24)
        }
        guard let chain = explanation(1, heap).wayOfScan, case .root(let root) = chain.beginning, case let links = chain.links else {
            Issue.record("not reached")
            return
        }
        #expect(root == heap.roots[0])
        #expect(links.map(\.reference.holder) == [.root(root), .object(ObjectID(0))])
        #expect(links.map(\.reference.address.rawValue) == [0x1008, 0x2018] && links.map(\.reference.offset) == [0, 16])
        #expect(links.map(\.target.index) == [0, 1] && links.map(\.count) == [1, 1] && links.map(\.needed) == [1, 1])
        #expect(links.map(\.tick) == links.map { Scan.run(heap).tickReached($0.target, around: 0) })
    }

    /// The word that made the count full, not an earlier one.
    @Test func theLastReferenceNeededIsNamed() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000, 0x2008, 0x2000)
            heap.object(at: 0x2000, size: 16, minCount: 2)
        }
        guard let links = explanation(0, heap).wayOfScan?.links else {
            Issue.record("not reached")
            return
        }
        #expect(links.map(\.reference.address.rawValue) == [0x1008] && links.map(\.count) == [2] && links.map(\.needed) == [2])
    }

    /// Globals, the heap, stacks; a word of each holder.
    @Test(arguments: [false, true]) func otherHoldersAreToldOfTheEasiestToReadFirst(isStill: Bool) throws {
        let heap = Heap { heap in
            heap.root(.data, at: 0x1000, size: 32) { $0.pointer(to: 0x5000, at: 8) }
            heap.root(.data, at: 0x1100, size: 32) { block in
                block.pointer(to: 0x2000, at: 0)
                block.pointer(to: 0x3000, at: 8)
                block.pointer(to: 0x3008, at: 16)
            }
            heap.root(.stack, at: 0x1200, size: 16, pid: 1) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 16) { block in
                block.pointer(to: 0x3000, at: 0)
                block.pointer(to: 0x4000, at: 8)
            }
            // Held by the object alone, and white.
            heap.object(at: 0x4000, size: 8) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x5000, size: 8)
            // Nothing points at it, but it is read for its contents.
            heap.object(at: 0x6000, size: 8) { $0.pointer(to: 0x3000, at: 0) }
        }
        let recording = try #require(isStill ? heap.scannedStill() : Scan.run(heap)), end = Moment(recording: recording, tick: .max)
        guard case .reached(let chains) = end.explanation(of: ObjectID(1), isStill ? ReferrerIndex(of: heap) : nil) else {
            Issue.record("not reached")
            return
        }
        #expect(chains.map(\.isWayOfScan) == [true, false, false, false] && chains.map(\.wordCount) == [2, 1, 1, 1])
        #expect(chains.map { $0.links.map(\.reference.address.rawValue) } == [[0x1108], [0x1100, 0x2008], [0x1208], [0x6000]])
        #expect(chains.map { $0.links.last?.count } == [1, nil, nil, nil])
        #expect(chains.allSatisfy { chain in
            chain.links.allSatisfy { link in
                guard case .word(link.reference.address) = Moment(recording: recording, tick: link.tick).step else { return false }
                return true
            }
        })
        // A word that is not read does not hold it.
        #expect(end.explanation(of: ObjectID(2)).wayOfScan?.links.count == 2)
    }

    @Test func aHoldByOneDoubtfulWordIsASuspect() {
        func hold(_ kind: Root.Kind, _ targets: [UInt64], minCount: Int32 = 1) -> Explanation.Hold? {
            explanation(0, Heap { heap in
                heap.root(kind, at: 0x1000, size: 32, pid: 1) { block in
                    for (place, target) in targets.enumerated() { block.pointer(to: target, at: UInt64(place) * 8) }
                }
                heap.object(at: 0x2000, size: 16, minCount: minCount)
            }).onlyHold
        }
        #expect(hold(.stack, [0x2000]) == .wordOnStack && hold(.data, [0x2004]) == .wordIntoIt(offset: 4))
        #expect(hold(.data, [0x2000]) == nil && hold(.stack, [0x2000, 0x2000]) == nil)
        #expect(hold(.data, [0x2004, 0x2004], minCount: 2) == nil)
    }

    @Test func aReferenceThatWasPassedOnIsALink() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2004, 0x2004)
            heap.object(at: 0x2000, size: 8, excess: 0x3000)
            heap.object(at: 0x3000, size: 8)
        }
        guard let chain = explanation(1, heap).wayOfScan, case .root = chain.beginning, case let links = chain.links else {
            Issue.record("not reached")
            return
        }
        #expect(links.count == 1 && links[0].isPassedOn && links[0].target == ObjectID(1))
        #expect(links[0].reference.target == ObjectID(0) && links[0].reference.offset == 4)
        #expect(links[0].reference.address == Address(0x1008))
    }

    @Test func aChainMayBeginAtAnObjectThatNeedsNoReference() {
        let heap = Heap { heap in
            heap.object(at: 0x2000, size: 8, minCount: 0) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        }
        guard let chain = explanation(1, heap).wayOfScan, chain.beginning == .needsNoReference(ObjectID(0)), case let links = chain.links else {
            Issue.record("another way")
            return
        }
        #expect(links.map(\.target.index) == [1])
        #expect(explanation(0, heap) == .needsNoReference)
    }

    @Test func aChainMayBeginAtAnObjectWhoseContentsChanged() {
        let heap = Heap { heap in
            heap.object(at: 0x2000, size: 8) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        }
        guard let chain = explanation(1, heap).wayOfScan, chain.beginning == .modified(ObjectID(0)), case let links = chain.links else {
            Issue.record("another way")
            return
        }
        #expect(links.map(\.reference.holder) == [.object(ObjectID(0))])
        #expect(explanation(0, heap).wayOfScan?.beginning == .modified(ObjectID(0)))
    }

    @Test func whatIsIgnoredIsNotAskedWhoPointsAtIt() {
        #expect(explanation(0, Heap { $0.object(at: 0x2000, size: 8, minCount: -1) }) == .ignored)
    }

    @Test func withoutAScanTheHeapTellsWhatItCan() {
        let heap = Heap { heap in
            heap.object(at: 0x2000, size: 8, minCount: -1)
            heap.object(at: 0x3000, size: 8, minCount: 0)
            heap.object(at: 0x4000, size: 8)
            heap.object(at: 0x5000, size: 8, isAllocated: false)
        }
        #expect(heap.objects.ids.map(heap.explanation) == [.ignored, .needsNoReference, .notScanned, .freed])
    }

    @Test func aLongListIsALongChain() {
        let count = 3000 as UInt64
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x10000)
            for node in 0..<count {
                heap.object(at: 0x10000 + node * 16, size: 16) { $0.pointer(to: 0x10000 + (node + 1) * 16, at: 0) }
            }
        }
        guard let chain = explanation(Int(count - 1), heap).wayOfScan, case .root = chain.beginning, case let links = chain.links else {
            Issue.record("not reached")
            return
        }
        #expect(links.map(\.target.index) == Array(0..<Int(count)))
    }

    // MARK: The built-in scenarios

    private struct Lesson {
        var machine: Machine

        init(_ name: String) throws { machine = try Machine(Scenario(builtIn: name)) }

        mutating func scan() throws -> Lesson {
            machine.advance(by: Microseconds(10_000_000))
            try machine.write("scan")
            return self
        }

        func id(_ name: String) throws -> ObjectID {
            let address = try #require(machine.names[name])
            return try #require(machine.kmemleak.index.object(containing: address))
        }

        func explanation(_ name: String, at tick: Tick = .max) throws -> Explanation {
            try Moment(recording: #require(machine.kmemleak.recording), tick: tick).explanation(of: id(name))
        }

        /// "ring3+0x0: its holder is white itself, and not scanned".
        func obstacles(_ name: String) throws -> [String] {
            guard case .white(_, _, let obstacles) = try explanation(name) else { return ["not white"] }
            return obstacles.map { "\(place(of: $0.reference)): \($0.reason)" }
        }

        /// ".bss+0x340 → hidden+0x48".
        func links(_ name: String) throws -> [String] {
            guard let links = try explanation(name).wayOfScan?.links else { return ["not reached"] }
            return links.map { link in
                let hit = "\(self.name(of: link.reference.target))+0x\(String(link.reference.offset, radix: 16))"
                return "\(place(of: link.reference)) → \(hit)" + (link.isPassedOn ? " → \(self.name(of: link.target))" : "")
            }
        }

        private func name(of id: ObjectID) -> String {
            let address = machine.heap.objects.pointers[id.index]
            return machine.names.first { $0.value == address }?.key ?? address.description
        }

        private func place(of reference: Reference) -> String {
            func offset(_ start: Address) -> String { "+0x" + String(reference.address - start, radix: 16) }
            switch reference.holder {
            case .root(let root): return root.name + offset(root.range.start)
            case .object(let id), .freed(let id):
                let copies = machine.heap.contents(of: id), cpu = reference.cpu
                return name(of: id) + (cpu.map { "[\($0)]" } ?? "") + offset(copies[cpu ?? 0].start)
            case .untracked: return reference.address.description
            }
        }
    }

    @Test func cycle() throws {
        var lesson = try Lesson("cycle")
        let first = try lesson.scan()
        #expect(try first.explanation("ring2") .wayOfScan?.beginning == .modified(first.id("ring2")))
        let second = try lesson.scan()
        #expect(try second.obstacles("ring0") == ["ring3+0x0: holderIsWhite"])
        #expect(try second.obstacles("tail") == ["ring2+0x10: holderIsWhite"])
    }

    @Test func lostListNode() throws {
        var lesson = try Lesson("lost-list-node")
        _ = try lesson.scan()
        let second = try lesson.scan(), node = try second.id("node3")
        #expect(try second.explanation("node3") == .white(count: 0, needed: 1, []))
        let targets = second.machine.heap.references(from: node, second.machine.kmemleak.index).map(\.target)
        #expect(try targets == [second.id("node4"), second.id("node2")])
        #expect(try second.links("node4").suffix(2) == ["node1+0x0 → node2+0x0", "node2+0x0 → node4+0x0"])
    }

    @Test func scanArea() throws {
        var lesson = try Lesson("scan-area")
        let scanned = try lesson.scan()
        #expect(try scanned.obstacles("lost_area") == ["frame_area+0x8a8: isOutsideTheScanAreas"])
        #expect(try scanned.obstacles("lost_noscan") == ["frame_noscan+0x8a8: holderHasNoScan"])
        #expect(try scanned.links("lost_plain").last == "frame_plain+0x8a8 → lost_plain+0x31")
        #expect(try scanned.links("lost_full").last == "frame_full+0x8a8 → lost_full+0x31")
    }

    @Test func integerAlias() throws {
        var lesson = try Lesson("integer-alias")
        let scanned = try lesson.scan()
        #expect(try scanned.links("hidden") == [".bss+0x340 → hidden+0x48"])
        #expect(try scanned.obstacles("lost") == [])
    }

    @Test func staleStack() throws {
        var lesson = try Lesson("stale-stack")
        #expect(try lesson.scan().links("forgotten") == ["worker+0x2d60 → forgotten+0x0"])
        try lesson.machine.write("stack=off")
        #expect(try lesson.scan().obstacles("forgotten") == ["worker+0x2d60: isOnAStackThatIsNotScanned"])
    }

    @Test func encodedPointer() throws {
        var lesson = try Lesson("encoded-pointer")
        let scanned = try lesson.scan()
        #expect(try scanned.obstacles("xored") == [] && scanned.obstacles("shifted") == [])
        #expect(try scanned.explanation("annotated") == .needsNoReference)
    }

    @Test func vmallocExcessRef() throws {
        var lesson = try Lesson("vmalloc-excess-ref")
        let scanned = try lesson.scan()
        guard let links = try scanned.explanation("cached0").wayOfScan?.links, let last = links.last else {
            Issue.record("cached0 is not reached")
            return
        }
        #expect(last.count == 2 && last.needed == 2)
        guard case .white(1, 2, let obstacles) = try scanned.explanation("forgotten") else {
            Issue.record("forgotten is not white")
            return
        }
        // The records of areas point at it, too, but of them only the links of their tree are read.
        #expect(obstacles.map(\.reason) == [.counts, .isOutsideTheScanAreas, .isOutsideTheScanAreas])
    }

    @Test func perCPU() throws {
        var lesson = try Lesson("percpu")
        let scanned = try lesson.scan()
        #expect(try scanned.links("flow").last == "flow_cache[1]+0x8 → flow+0x0")
        #expect(try scanned.links("dev_stats").last == "dev0+0x4c0 → dev_stats+0x0")
        #expect(try scanned.obstacles("lost_stats") == [])
    }

    @Test func movingPointer() throws {
        var lesson = try Lesson("moving-pointer")
        let first = try lesson.scan()
        #expect(try first.explanation("moving") .wayOfScan?.beginning == .modified(first.id("moving")))
        #expect(try lesson.scan().obstacles("moving") == ["leaf0+0xb8: wasWrittenLater"])
    }

    /// The full pass misses it, the confirming one does not.
    @Test func movingPointer2026() throws {
        var lesson = try Lesson("moving-pointer-2026")
        _ = try lesson.scan()
        let second = try lesson.scan(), recording = try #require(second.machine.kmemleak.recording)
        #expect(recording.passes.count == 2)
        guard let links = try second.explanation("moving").wayOfScan?.links else {
            Issue.record("not reached")
            return
        }
        #expect(links.allSatisfy { $0.tick > recording.passes[1].tick })
        guard case .white(0, 1, let obstacles) = try second.explanation("moving", at: recording.passes[1].tick - 1) else {
            Issue.record("the full pass found it")
            return
        }
        #expect(obstacles.map(\.reason) == [.wasWrittenLater])
    }
}
