import HeapModel
import Scanner
import Testing

/// `kmemleak.md`, sections 3 to 5, a rule a test.
struct ScanRulesTests {
    // MARK: Colours (section 3)

    @Test(arguments: [
        (0, 1, Colour.white), (1, 1, .gray), (1, 2, .white), (2, 2, .gray), (0, 0, .gray), (5, -1, .black), (0, -1, .black),
    ] as [(Int32, Int32, Colour)])
    func coloursFollowFromCountAndMinCount(count: Int32, minCount: Int32, colour: Colour) {
        #expect(Colour(count: count, minCount: minCount) == colour)
    }

    // MARK: One scan (section 4)

    @Test func anObjectWithMinCount0IsARoot() {
        let scan = Scanned(Heap { heap in
            heap.object(at: 0x2000, size: 8, minCount: 0) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        })
        #expect(scan.order == [0x2000, 0x3000] && scan.leaks.isEmpty)
    }

    @Test func aBlackObjectIsNeitherReportedNorCounted() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8, minCount: -1) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        })
        #expect(scan.outcomes == [.ignored] && scan.count(0x2000) == 0 && scan.leaks == [0x3000])
    }

    @Test(arguments: [(0x1000, true), (0x0fff, false), (0x20000, true)] as [(UInt64, Bool)])
    func aPhysObjectOutsideLowMemoryIsPaintedBlack(pointer: UInt64, isLow: Bool) {
        let scan = Scanned(Heap { heap in
            heap.heap.lowPageFrames = 1...0x21
            heap.object(at: pointer, size: 0x1000, minCount: 0, flags: .phys, isHeld: false)
        })
        #expect(scan.colour(pointer) == (isLow ? .gray : .black))
        #expect(scan.object(pointer).flags.contains(.noScan) == !isLow)
    }

    /// Rows are gone through many at a time.
    @Test func amongManyObjectsThePhysOnesOutsideLowMemoryAreFound() {
        let outside = [0, 2047, 3072, 3073, 4499]
        let scan = Scanned(Heap { heap in
            heap.heap.lowPageFrames = 1...0x21
            for row in 0..<4500 {
                let flags: ObjectFlags = outside.contains(row) ? .phys : []
                heap.object(at: 0x10_0000 + UInt64(row) * 8, size: 8, minCount: 0, flags: flags, isHeld: false)
            }
        })
        let objects = scan.heap.objects
        #expect(objects.ids.filter { objects.colour(of: $0) == .black }.map(\.index) == outside)
    }

    @Test func aNoScanPhysObjectOutsideLowMemoryIsLeftAlone() {
        let scan = Scanned(Heap { heap in
            heap.heap.lowPageFrames = 1...2
            heap.object(at: 0x9000, size: 8, minCount: 0, flags: [.phys, .noScan], isHeld: false)
        })
        #expect(scan.colour(0x9000) == .gray)
    }

    @Test func rootsAreReadInTheirOrderAndThenTheGrayListFirstInFirstOut() {
        let scan = Scanned(Heap { heap in
            heap.root(.percpu, at: 0x1000, pointingTo: 0x4000)
            heap.root(.structPage, at: 0x1100, pointingTo: 0x3000)
            heap.root(.stack, at: 0x1200, pointingTo: 0x2000)
            for (start, target) in [(0x2000, 0x5000), (0x3000, 0x6000), (0x4000, 0x7000)] as [(UInt64, UInt64)] {
                heap.object(at: start, size: 8) { $0.pointer(to: target, at: 0) }
                heap.object(at: target, size: 8)
            }
        })
        #expect(scan.order == [0x4000, 0x3000, 0x2000, 0x7000, 0x6000, 0x5000])
    }

    @Test func whatChangedSinceTheLastScanIsNotReportedByThisOneButByTheNext() {
        let heap = Heap { heap in
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        }
        let first = Scanned(heap)
        #expect(first.leaks.isEmpty && first.count(0x2000) == 1 && first.count(0x3000) == 1)
        #expect(first.object(0x2000).checksum != 0)
        let second = Scanned(first.heap)
        #expect(second.leaks == [0x2000, 0x3000])
    }

    @Test func anObjectOfZerosIsReportedAtOnce() {
        #expect(Scanned(Heap { $0.object(at: 0x2000, size: 64) }).leaks == [0x2000])
    }

    @Test func theContentsOfANoScanObjectAreChecksummedToo() {
        let scan = Scanned(Heap { $0.object(at: 0x2000, size: 8, flags: .noScan) { $0.bytes([1]) } })
        #expect(scan.leaks.isEmpty && scan.object(0x2000).checksum != 0 && scan.words.isEmpty)
    }

    @Test func uncapturedBytesKeepTheStoredChecksum() {
        let scan = Scanned(Heap { $0.object(at: 0x2000, size: 8, isHeld: false, checksum: 77) })
        #expect(scan.leaks == [0x2000] && scan.object(0x2000).checksum == 77)
    }

    @Test func theChecksumOfAPercpuObjectIsThatOfItsCopiesXORed() {
        let scan = Scanned(Heap { heap in
            heap.heap.perCPUOffsets = [0x10000, 0x20000]
            heap.object(at: 0x100, size: 8, flags: .perCPU) { $0.bytes([9, 8, 7]) }
        })
        #expect(scan.object(0x100).checksum == 0 && scan.leaks == [0x100], "two equal copies cancel out")
    }

    @Test(arguments: [(1250, true), (1249, false), (0, false)] as [(UInt64, Bool)])
    func anObjectIsReportedFromFiveSecondsOfAgeOn(ticksOld: UInt64, isReported: Bool) {
        #expect(Scanned(Heap { $0.object(at: 0x2000, size: 8, ticksOld: ticksOld) }).leaks.isEmpty == !isReported)
    }

    @Test func jiffiesAreComparedWithWrapAround() {
        let scan = Scanned(Heap { heap in
            heap.heap.jiffies = Jiffies(100)
            heap.object(at: 0x2000, size: 8, ticksOld: 2000)
            heap.object(at: 0x3000, size: 8, ticksOld: 200)
        })
        #expect(scan.leaks == [0x2000])
    }

    @Test func aReportedObjectIsNotReportedAgain() {
        #expect(Scanned(Heap { $0.object(at: 0x2000, size: 8, flags: .reported) }).leaks.isEmpty)
    }

    @Test func theScanTimeBecomesLastScan() {
        let heap = Heap { $0.object(at: 0x2000, size: 8) }
        #expect(Scanned(heap).heap.lastScan == heap.jiffies)
    }

    @Test func anInterruptedScanReportsNothing() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x3000, size: 8)
        }
        let recording = Scan.run(heap, shouldStop: { true })
        #expect(recording.wasInterrupted && recording.leaks.isEmpty && recording.wordCount == 0)
    }

    @Test(arguments: 0...2)
    func aScanInterruptedOnItsWayReportsNothingEither(blocks: Int) {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x3000, size: 8)
        }
        var asked = 0
        let recording = Scan.run(heap) {
            asked += 1
            return asked > blocks
        }
        #expect(recording.wasInterrupted && recording.leaks.isEmpty && recording.wordCount == blocks)
        #expect(recording.outcome.reportedLeaks.isEmpty)
    }

    @Test func aNoScanObjectIsReferencedLikeAnyOther() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8, flags: .noScan) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        })
        #expect(scan.count(0x2000) == 1 && scan.leaks == [0x3000])
    }

    @Test func aModifiedPhysObjectIsNotChecksummed() {
        let scan = Scanned(Heap { heap in
            heap.heap.physToVirt = 0x10000
            heap.object(at: 0x5000, size: 8, flags: .phys) { $0.bytes([1]) }
        })
        #expect(scan.leaks == [0x5000] && scan.object(0x5000).checksum == 0)
    }

    // MARK: A block, a word (section 5)

    @Test func onlyAlignedWholeWordsAreExamined() {
        let scan = Scanned(Heap { $0.root(at: 0x1003, size: 26) })
        #expect(scan.words == [0x1008, 0x1010])
    }

    @Test func fourByteWords() {
        let scan = Scanned(Heap(wordSize: 4) { heap in
            heap.root(at: 0x1002, size: 11) { $0.pointer(to: 0x2000, at: 6) }
            heap.object(at: 0x2000, size: 8)
        })
        #expect(scan.words.prefix(2) == [0x1004, 0x1008] && scan.count(0x2000) == 1)
    }

    @Test func theWordAcrossAChunkBoundaryOfAnUnalignedBlockIsNotExamined() {
        let scan = Scanned(Heap { $0.root(.percpu, at: 0x1004, size: 8192) })
        #expect(!scan.words.contains(0x2000) && scan.words.contains(0x1ff8) && scan.words.contains(0x2008))
    }

    @Test(arguments: [Root.Kind.stack, .structPage])
    func stacksAndStructPagesAreNotChunked(kind: Root.Kind) {
        #expect(Scanned(Heap { $0.root(kind, at: 0x1004, size: 8192) }).words.contains(0x2000))
    }

    @Test func anUnalignedObjectIsChunkedButItsScanAreasAreNot() {
        let whole = Scanned(Heap { $0.object(at: 0x1004, size: 8192, minCount: 0) })
        #expect(!whole.words.contains(0x2000))
        let area = Scanned(Heap { $0.object(at: 0x1004, size: 8192, minCount: 0, areas: [(0x1004, 8192)]) })
        #expect(area.words.contains(0x2000))
    }

    @Test func onlyScanAreasAreReadNewestFirstUnlessFullScan() {
        let areas: [(start: UInt64, size: UInt64)] = [(0x2010, 8), (0x2000, 8)]
        #expect(Scanned(Heap { $0.object(at: 0x2000, size: 32, minCount: 0, areas: areas) }).words == [0x2010, 0x2000])
        #expect(Scanned(Heap { $0.object(at: 0x2000, size: 32, minCount: 0, flags: .fullScan, areas: areas) }).words
            == [0x2000, 0x2008, 0x2010, 0x2018])
    }

    @Test(arguments: [(.noScan, true), ([], false)] as [(ObjectFlags, Bool)])
    func noScanAndFreedObjectsAreSkippedOnTheGrayList(flags: ObjectFlags, isAllocated: Bool) {
        let scan = Scanned(Heap { heap in
            heap.object(at: 0x2000, size: 8, minCount: 0, flags: flags, isAllocated: isAllocated)
        })
        #expect(scan.order == [0x2000] && scan.words.isEmpty)
    }

    @Test func anyByteOfAnObjectCountsButNotTheOneBehindIt() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x203f, 0x3040)
            heap.object(at: 0x2000, size: 64)
            heap.object(at: 0x3000, size: 64)
        })
        #expect(scan.count(0x2000) == 1 && scan.count(0x3000) == 0)
    }

    @Test func aSelfReferenceDoesNotCount() {
        let scan = Scanned(Heap { heap in
            heap.object(at: 0x2000, size: 16, minCount: 0) { $0.pointer(to: 0x2008, at: 0) }
        })
        #expect(scan.outcomes == [.selfReference] && scan.recording.referenceCount == 0)
    }

    @Test func aCountStopsGrowingOnceTheObjectIsGray() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000, 0x2000, 0x2008)
            heap.object(at: 0x2000, size: 16)
        })
        #expect(scan.count(0x2000) == 1 && scan.recording.referenceCount == 3)
    }

    @Test func aVmallocBlockNeedsTwoReferences() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000, 0x3000, 0x3000)
            heap.object(at: 0x2000, size: 8, minCount: 2)
            heap.object(at: 0x3000, size: 8, minCount: 2)
        })
        #expect(scan.leaks == [0x2000] && scan.colour(0x3000) == .gray)
    }

    @Test func aGrayObjectPassesASurplusReferenceOnToItsExcessReference() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000, 0x2000, 0x3000)
            heap.object(at: 0x2000, size: 8, excess: 0x3000)
            heap.object(at: 0x3000, size: 8, minCount: 2)
        })
        #expect(scan.outcomes == [.counted(to: 1, needed: 1), .passedOn(ObjectID(1), to: 1, needed: 2), .counted(to: 2, needed: 2)])
    }

    @Test(arguments: [0x3008, 0x9000] as [UInt64])
    func anExcessReferenceMustHitTheStartOfAnObject(excess: UInt64) {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000, 0x2000)
            heap.object(at: 0x2000, size: 8, excess: excess)
            heap.object(at: 0x3000, size: 64)
        })
        #expect(scan.outcomes == [.counted(to: 1, needed: 1), .alreadyGray] && scan.count(0x3000) == 0)
    }

    @Test func anExcessReferenceToTheObjectBeingScannedIsNotCounted() {
        let scan = Scanned(Heap { heap in
            heap.object(at: 0x2000, size: 8, minCount: 0, excess: 0x3000)
            heap.object(at: 0x3000, size: 8, minCount: 0) { $0.pointer(to: 0x2000, at: 0) }
        })
        #expect(scan.outcomes == [.alreadyGray])
    }

    @Test func percpuObjectsAreReadOnEveryCPUAndFoundByTheirOffset() {
        let scan = Scanned(Heap { heap in
            heap.heap.perCPUOffsets = [0x10000, 0x20000]
            heap.root(at: 0x1000, pointingTo: 0x108)
            heap.object(at: 0x100, size: 16, flags: .perCPU)
        })
        #expect(scan.words == [0x1000, 0x10100, 0x10108, 0x20100, 0x20108])
    }

    @Test func aWordMayHitBothTrees() {
        let scan = Scanned(Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x2000, size: 8, flags: .perCPU, isHeld: false)
        })
        let changes = (0..<scan.recording.endTick).flatMap { Moment(recording: scan.recording, tick: $0).changes }
        #expect(scan.recording.referenceCount == 2 && changes.map(\.target.index) == [0, 1])
    }

    @Test func physObjectsAreNeverFoundByValueButTheirContentsAreRead() {
        let scan = Scanned(Heap { heap in
            heap.heap.physToVirt = 0x10000
            heap.root(at: 0x1000, pointingTo: 0x5000)
            heap.object(at: 0x5000, size: 8, minCount: 0, flags: .phys) { $0.pointer(to: 0x2000, at: 0) }
            heap.object(at: 0x2000, size: 8)
        })
        #expect(scan.words == [0x1000, 0x15000, 0x2000] && scan.recording.referenceCount == 1)
    }

    @Test func aWordIsExaminedOnlyIfAllItsBytesAreHeld() {
        let scan = Scanned(Heap { heap in
            heap.memory(at: 0x1000, size: 12)
            heap.memory(at: 0x100c, size: 8)
            heap.memory(at: 0x101c, size: 12)
            heap.heap.roots.append(Root(kind: .data, name: ".data", range: AddressRange(start: Address(0x1000), size: 64)))
        })
        #expect(scan.words == [0x1000, 0x1008, 0x1020], "0x1008 straddles two segments; 0x1010 and 0x1018 have holes")
    }

    @Test func ofAnUnalignedBlockFarLargerThanItsHeldBytesOnlyThoseAreLookedAt() {
        let heap = Heap { heap in
            heap.memory(at: 0x7000_0000_1000, size: 0x2010)
            heap.heap.roots.append(Root(kind: .data, name: ".data", range: AddressRange(start: Address(4), size: 1 << 47)))
        }
        let words = Scanned(heap).words
        #expect(words.first == 0x7000_0000_1008 && words.count == 0x2010 / 8 - 3, "three stand across the cuts between chunks")
    }

    @Test func theWordBoundIsNeverBelowWhatIsExamined() {
        for seed in 0..<500 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed)
            #expect(heap.scanWordBound >= UInt64(Scan.run(heap).wordCount), "seed \(seed)")
        }
        var heap = Heap { $0.memory(at: 0x1000, size: 0x10000) }
        #expect(heap.scanWordBound == 0)
        heap.roots = Array(repeating: Root(kind: .stack, name: "s", range: AddressRange(start: Address(0x1000), size: .max)), count: 3)
        #expect(heap.scanWordBound == 3 * 0x2000)
    }

    @Test func stacksAreReadOnlyWhileStackScanningIsOn() {
        let heap = Heap { heap in
            heap.heap.scansStacks = false
            heap.root(.stack, at: 0x1000, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
        }
        #expect(Scanned(heap).words.isEmpty)
    }
}
