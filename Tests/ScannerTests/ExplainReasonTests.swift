import HeapModel
import SystemPackage
import Testing

@testable import Scanner

/// Each reason why a word does not hold an object, made by hand.
struct ExplainReasonTests {
    private typealias Reason = Explanation.Reason

    /// The recording of a scan that finds all contents as the last one left them.
    private func scan(
        _ heap: Heap, stopping shouldStop: @escaping () -> Bool = { false }, life: ScanLife.Asking = { _, _ in .still }
    ) -> ScanRecording {
        var heap = heap
        for id in heap.objects.ids { heap.objects.checksums[id.index] = heap.checksum(of: id) ?? 0 }
        return Scan.run(heap, shouldStop: shouldStop, life: life)
    }

    /// Of the object with this number; at the end of the scan when no tick is given.
    private func obstacles(_ number: Int, _ recording: ScanRecording, at tick: Tick? = nil) -> [Explanation.Obstacle] {
        guard case .white(_, _, let obstacles) = Moment(recording: recording, tick: tick ?? recording.lastTick).explanation(of: ObjectID(number))
        else { return [] }
        return obstacles
    }

    private func reasons(_ number: Int, _ heap: Heap, at tick: Tick? = nil) -> [Explanation.Reason] {
        obstacles(number, scan(heap), at: tick).map(\.reason)
    }

    /// Does something once, when a block is taken up.
    private func deed(at start: UInt64, _ heap: Heap, _ body: @escaping (inout Heap) -> Void) -> ScanLife.Asking {
        { heap, point in
            var answer = ScanLife.Answer()
            let block: Address? = switch point.block {
            case .root(let root): root.range.start
            case .object(let id): heap.objects.pointers[id.index]
            case nil: nil
            }
            guard block == Address(start), point.wordsOfBlock == 0 else { return answer }
            body(&heap)
            answer.deeds = ["a deed"]
            answer.isOver = true
            return answer
        }
    }

    // MARK: A kernel that stands still

    @Test func nothingAtAllPointsAtIt() {
        let explanation = Moment(recording: scan(Heap { $0.object(at: 0x2000, size: 8) }), tick: .max).explanation(of: ObjectID(0))
        #expect(explanation == .white(count: 0, needed: 1, []))
    }

    @Test func aSelfReferenceDoesNotCount() {
        #expect(reasons(0, Heap { heap in
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x2004, at: 8) }
        }) == [.isInTheObjectItself])
    }

    @Test func aWhiteHolderIsNotScanned() {
        let heap = Heap { heap in
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 8)
        }
        #expect(obstacles(1, scan(heap)).map(\.reference.holder) == [.object(ObjectID(0))])
        #expect(reasons(1, heap) == [.holderIsWhite])
    }

    @Test func aHolderWithNoScanIsNotRead() {
        #expect(reasons(1, Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 16, flags: .noScan) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 8)
        }) == [.holderHasNoScan])
    }

    @Test func anIgnoredHolderIsNotRead() {
        #expect(reasons(1, Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 16, minCount: -1, flags: .noScan) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 8)
        }) == [.holderIsIgnored])
    }

    @Test func whatIsOutsideOfTheScanAreasIsNotRead() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 64, areas: [(0x2000, 16)]) { $0.pointer(to: 0x3000, at: 32) }
            heap.object(at: 0x3000, size: 8)
        }
        #expect(reasons(1, heap) == [.isOutsideTheScanAreas])
        // Without a record for the area all of it is read.
        var full = heap
        full.objects.flags[0].insert(.fullScan)
        #expect(scan(full).outcome.objects.counts[1] == 1)
    }

    @Test func stacksAreNotReadWhenTheyAreOff() {
        #expect(reasons(0, Heap { heap in
            heap.heap.scansStacks = false
            heap.root(.stack, at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 16)
        }) == [.isOnAStackThatIsNotScanned])
    }

    @Test func memoryThatIsNobodysIsNotRead() {
        let heap = Heap { heap in
            heap.memory(at: 0x9000, size: 8) { $0.pointer(to: 0x2000, at: 0) }
            heap.object(at: 0x2000, size: 16)
        }
        #expect(reasons(0, heap) == [.isInMemoryNobodyScans])
        #expect(obstacles(0, scan(heap)).map(\.reference.holder) == [.untracked])
    }

    @Test func whatCountsMayNotBeEnough() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0, 0x2008)
            heap.object(at: 0x2000, size: 16, minCount: 2)
        }
        let recording = scan(heap), found = obstacles(0, recording)
        #expect(found.map(\.reason) == [.counts] && found.map(\.reference.offset) == [8])
        guard case .word(at: Address(0x1008)) = Moment(recording: recording, tick: found[0].tick ?? 0).step else {
            Issue.record("the tick is not the word's")
            return
        }
    }

    /// A chunk is aligned by itself, so the word across the border of two is not looked at.
    @Test func theWordAcrossTwoChunksIsNotRead() {
        #expect(reasons(1, Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x10004)
            heap.object(at: 0x10004, size: 8192) { $0.pointer(to: 0x3000, at: 4096 - 4) }
            heap.object(at: 0x3000, size: 8)
        }) == [.isCutOff])
    }

    @Test func theWordThatItsHolderEndsInIsNotRead() {
        #expect(reasons(0, Heap { heap in
            heap.root(at: 0x1000, size: 12)
            heap.memory(at: 0x100c, size: 4)
            heap.object(at: 0x2000, size: 8)
            heap.heap.memory.write(word: 0x2000, at: Address(0x1008))
        }) == [.isCutOff])
    }

    /// The object that a stack is tracked as is read beside the stack.
    @Test func ofSeveralHoldersTheOneNearestToCountingIsNamed() {
        var heap = Heap { heap in
            heap.heap.scansStacks = false
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 8)
        }
        heap.roots = [Root(kind: .stack, name: "task", range: AddressRange(start: Address(0x2000), size: 16), pid: 1)]
        let found = obstacles(1, scan(heap))
        #expect(found.map(\.reason) == [.holderIsWhite] && found.map(\.reference.holder) == [.object(ObjectID(0))])
        // An object that points at itself counts when it lies in a root.
        var own = Heap { heap in heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x2000, at: 8) } }
        own.roots = [Root(kind: .data, name: ".data", range: AddressRange(start: Address(0x2000), size: 16))]
        #expect(scan(own).outcome.objects.counts == [1])
    }

    /// A page that was not captured could hold what the scan left white, if the scan would have read it.
    @Test func onlyWhatTheScanShouldHaveReadCounts() {
        func unread(minCount: Int32, flags: ObjectFlags = [], isCaptured: Bool = true) -> UInt64 {
            let recording = scan(Heap { heap in
                heap.heap.memory = Memory(isCaptured: isCaptured)
                heap.object(at: 0x2000, size: 4096, minCount: minCount, flags: flags, isHeld: false)
            })
            #expect(RootTable(recording).unreadByteCount == recording.unreadByteCount)
            return recording.unreadByteCount
        }
        #expect(unread(minCount: 0) == 4096)
        #expect(unread(minCount: 1) == 0, "a white object is not read")
        #expect(unread(minCount: 0, flags: .noScan) == 0)
        #expect(unread(minCount: 0, flags: .phys) == 4096, "where its memory stands is not known")
        #expect(unread(minCount: 0, flags: .perCPU) == 4096)
        #expect(unread(minCount: 0, isCaptured: false) == 0, "a heap that is not a capture's has no more than it holds")
    }

    @Test func theEasiestToReadComeFirst() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<8 {
            let places = [0x1000, 0x4000, 0x5000, 0x6000, 0x7000].shuffled(using: &random) as [UInt64]
            let heap = Heap { heap in
                heap.heap.scansStacks = false
                heap.object(at: 0x2000, size: 8, minCount: 9)
                heap.root(.data, at: places[0], pointingTo: 0x2000)
                heap.object(at: places[1], size: 8, minCount: 0) { $0.pointer(to: 0x2000, at: 0) }
                heap.object(at: places[2], size: 8) { $0.pointer(to: 0x2000, at: 0) }
                heap.root(.stack, at: places[3], pointingTo: 0x2000)
                heap.memory(at: places[4], size: 8) { $0.pointer(to: 0x2000, at: 0) }
            }
            #expect(obstacles(0, scan(heap)).map(\.reference.address.rawValue) == places)
        }
    }

    // MARK: In the middle of a scan, and while it is going on

    @Test func beforeTheCursorHasComeTheWordIsNotRead() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 8)
        }
        let recording = scan(heap)
        let reached = recording.tickReached(ObjectID(1), around: 0) ?? 0
        let holder = recording.tickReached(ObjectID(0), around: 0) ?? 0
        func reasons(_ number: Int, at tick: Tick) -> [Reason] { obstacles(number, recording, at: tick).map(\.reason) }
        #expect(reasons(0, at: 0) == [.isNotReadYet] && reasons(0, at: holder - 1) == [.isNotReadYet])
        #expect(reasons(1, at: holder - 1) == [.holderIsWhite] && reasons(1, at: holder) == [.holderWaits])
        #expect(reasons(1, at: reached - 1) == [.isNotReadYet] && reasons(1, at: reached) == [])
        #expect(obstacles(1, recording, at: holder).map(\.tick) == [reached], "when it will be read")
    }

    @Test func aStoppedScanDoesNotComeToTheRest() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.root(at: 0x1100, pointingTo: 0x3000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x3000, size: 8)
        }
        var blocks = 0
        let recording = scan(heap, stopping: {
            blocks += 1
            return blocks > 1
        })
        #expect(recording.wasInterrupted && obstacles(1, recording).map(\.reason) == [.scanWasStopped])
    }

    @Test func aWordMayBeWrittenBehindTheCursor() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0)
            heap.root(at: 0x1100, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
        }
        let recording = scan(heap, life: deed(at: 0x1100, heap) { heap in
            heap.memory.write(word: 0x2000, at: Address(0x1000))
            heap.memory.write(word: 0, at: Address(0x1100))
        })
        let found = obstacles(0, recording)
        #expect(found.map(\.reason) == [.wasWrittenLater] && found.map(\.reference.address.rawValue) == [0x1000])
        #expect(found[0].tick.map { Moment(recording: recording, tick: $0).epoch } == 0)
    }

    @Test func aWordThatCountedMayBeOverwritten() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.root(at: 0x1100, pointingTo: 0)
            heap.object(at: 0x2000, size: 8, minCount: 2)
        }
        let recording = scan(heap, life: deed(at: 0x1100, heap) { $0.memory.write(word: 0, at: Address(0x1000)) })
        #expect(obstacles(0, recording).map(\.reason) == [.countedByThen])
        let written = recording.epochs[1].tick
        #expect(obstacles(0, recording, at: written - 1).map(\.reason) == [.counts])
    }

    @Test func anObjectMayBeYoungerThanTheLookAtItsWord() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.root(at: 0x1100, pointingTo: 0)
            heap.memory(at: 0x2000, size: 8)
        }
        let recording = scan(heap, life: deed(at: 0x1100, heap) { heap in
            heap.objects.append(TrackedObject(pointer: Address(0x2000), size: 8, jiffies: heap.jiffies))
        })
        #expect(obstacles(0, recording).map(\.reason) == [.objectIsYounger])
    }

    @Test func aHolderMayBeFreedBeforeItIsRead() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.root(at: 0x1100, pointingTo: 0)
            heap.object(at: 0x2000, size: 8) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        }
        let recording = scan(heap, life: deed(at: 0x1100, heap) { $0.objects.flags[0].remove(.allocated) })
        let found = obstacles(1, recording)
        #expect(found.map(\.reason) == [.holderWasFreed] && found.map(\.reference.holder) == [.freed(ObjectID(0))])
        #expect(Moment(recording: recording, tick: .max).explanation(of: ObjectID(0)) == .freed)
    }

    /// Declared no leak after the gray list was made: gray, but on no list.
    @Test func aHolderMayComeTooLate() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0)
            heap.object(at: 0x2000, size: 8) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        }
        let recording = scan(heap, life: deed(at: 0x1000, heap) { $0.objects.minCounts[0] = 0 })
        #expect(obstacles(1, recording).map(\.reason) == [.cameTooLate])
        #expect(Moment(recording: recording, tick: .max).explanation(of: ObjectID(0)) == .needsNoReference)
    }
}
