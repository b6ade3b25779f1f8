import HeapModel
import Scanner
import Testing

/// The scan of 2026 (`kmemleak.md`, section 10).
struct ConfirmingScanTests {
    private func heap(_ build: (inout HeapBuilder) -> Void) -> Heap { Heap(.v2026, build) }

    private func twoLeaks(minUnrefScans: UInt32 = 1) -> Heap {
        heap { heap in
            heap.heap.minUnrefScans = minUnrefScans
            heap.root(at: 0x1000, pointingTo: 0x3000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x3000, size: 8)
            heap.object(at: 0x4000, size: 8)
        }
    }

    @Test func theFirstChecksumKeepsAZeroedObjectOutOfTheFirstReport() throws {
        var kmemleak = Kmemleak(booting: KernelProfile(release: "test", architecture: .x86_64, style: .v2026))
        let isAdded = kmemleak.heap.memory.add(AddressRange(start: Address(0x10000), size: 4096))
        #expect(isAdded)
        kmemleak.bootQuietly()
        kmemleak.call(.alloc(AddressRange(start: Address(0x10000), size: 64), minCount: 1), by: Caller())
        #expect(kmemleak.heap.objects.checksums == [0xffff_ffff])
        kmemleak.advance(to: Microseconds(10_000_000))
        try kmemleak.write("scan")
        #expect(kmemleak.read().isEmpty && kmemleak.heap.objects.checksums == [0])
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks.count == 1)
    }

    @Test func aPerCPUChecksumIsChainedOverTheCPUs() {
        let heap = heap { heap in
            heap.heap.perCPUOffsets = [0x1000, 0x2000]
            heap.object(at: 0x100, size: 8, flags: .perCPU) { $0.bytes([1]) }
        }
        var chained = CRC32()
        for _ in 0..<2 { ([1, 0, 0, 0, 0, 0, 0, 0] as [UInt8]).withUnsafeBytes { chained.update($0) } }
        #expect(heap.checksum(of: ObjectID(0)) == chained.value && chained.value != 0)
    }

    @Test func aFullPassIsConfirmedByASecondOne() {
        let recording = Scan.run(twoLeaks())
        #expect(recording.phases.map(\.phase) == Phase.phases(of: .v2026))
        #expect(recording.passes.count == 2 && recording.leaks.map(\.id.index) == [0, 2])
        // The step of modified objects belongs to the full pass alone.
        let checksums = recording.spans.filter { if case .checksum = $0.what { true } else { false } }
        #expect(checksums.allSatisfy { $0.tick < recording.passes[1].tick })
    }

    @Test func withoutASuspectThereIsNoSecondPass() {
        let recording = Scan.run(heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x3000)
            heap.object(at: 0x3000, size: 8)
            heap.object(at: 0x4000, size: 8, ticksOld: 10)
        })
        #expect(recording.passes.count == 1 && recording.leaks.isEmpty)
        #expect(recording.phases.map(\.phase) == [.prepare, .roots, .grayList, .modified, .grayListAgain, .suspects, .report])
    }

    @Test func otherFormsHaveOnePassAndNoSuspects() {
        for style in KernelProfile.Style.allCases where style != .v2026 {
            let recording = Scan.run(Heap(style) { $0.object(at: 0x2000, size: 8) })
            #expect(recording.passes.count == 1 && recording.leaks.count == 1)
            #expect(recording.phases.map(\.phase) == Phase.phases(of: style))
            #expect(!recording.outcome.objects.flags[0].contains(.suspect))
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt32>)
    func anObjectIsReportedAfterSoManyScansInARow(needed: UInt32) throws {
        var kmemleak = Kmemleak(twoLeaks(minUnrefScans: needed))
        for scan in 1...needed + 1 {
            try kmemleak.write("scan")
            #expect(kmemleak.heap.reportedLeaks.count == (scan >= needed ? 2 : 0), "scan \(scan)")
        }
    }

    @Test func anObjectThatWasReferencedMeanwhileStartsAgain() throws {
        var kmemleak = Kmemleak(twoLeaks(minUnrefScans: 2))
        try kmemleak.write("scan")
        #expect((0..<3).map { kmemleak.heap.objects.unrefScans[$0] } == [1, 0, 1])
        kmemleak.heap.memory.write(word: 0x2000, at: Address(0x1000))
        try kmemleak.write("scan")
        #expect(kmemleak.heap.reportedLeaks == [ObjectID(2)])
        kmemleak.heap.memory.write(word: 0x3000, at: Address(0x1000))
        try kmemleak.write("scan")
        #expect(kmemleak.heap.objects.unrefScans[0] == 1, "the count restarted at 0")
        #expect(!kmemleak.heap.reportedLeaks.contains(ObjectID(0)))
    }

    /// What the scan exists for: it moves while the full pass runs, and the second one finds it.
    @Test func whatMovedDuringTheFullPassIsNoLeak() {
        let start = heap { heap in
            heap.root(at: 0x1000, pointingTo: 0)
            heap.root(at: 0x1100, pointingTo: 0x2000)
            heap.object(at: 0x2000, size: 8)
        }
        func move(_ heap: inout Heap, _ point: ScanLife.Point) -> ScanLife.Answer {
            var answer = ScanLife.Answer()
            guard point.phase == .roots, case .root(let root)? = point.block, root.range.start == Address(0x1100) else { return answer }
            heap.memory.write(word: 0x2000, at: Address(0x1000))
            heap.memory.write(word: 0, at: Address(0x1100))
            answer.deeds = ["it moves"]
            answer.isOver = true
            return answer
        }
        let recording = Scan.run(start, life: move)
        #expect(recording.passes.count == 2 && recording.leaks.isEmpty)
        #expect(recording.outcome.objects.counts == [1] && recording.outcome.objects.flags == [.allocated], "no suspect any more")

        var current = start
        current.profile.style = .current
        #expect(Scan.run(current, life: move).leaks.count == 1, "the scan without a second pass is wrong")
    }

    @Test func verboseLeaksWithTheSameBacktraceAreFolded() throws {
        var options = BootOptions()
        options.isVerbose = true
        var kmemleak = Kmemleak(booting: KernelProfile(release: "test", architecture: .x86_64, style: .v2026), options: options)
        let isAdded = kmemleak.heap.memory.add(AddressRange(start: Address(0x10000), size: 4096))
        #expect(isAdded)
        kmemleak.bootQuietly()
        let traces: [[UInt64]] = [[1], [2], [], [1], [1]]
        for (number, trace) in traces.enumerated() {
            let range = AddressRange(start: Address(0x10000 + UInt64(number) * 64), size: 16)
            kmemleak.call(.alloc(range, minCount: 1), by: Caller(backtrace: trace.map { Address($0) }))
        }
        kmemleak.advance(to: Microseconds(10_000_000))
        try kmemleak.write("scan")
        #expect(kmemleak.log.isEmpty)
        try kmemleak.write("scan")
        #expect(kmemleak.log.map(\.text) == [
            "kmemleak: unreferenced object 0x00010080 (size 16):", "kmemleak:   comm \"swapper/0\", pid 0, jiffies 4294892296",
            "kmemleak:   hex dump (first 16 bytes):",
            "kmemleak:     00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................", "kmemleak:   backtrace (crc 0):",
            "kmemleak: unreferenced object 0x00010000 (size 16):", "kmemleak:   comm \"swapper/0\", pid 0, jiffies 4294892296",
            "kmemleak:   backtrace (crc 0):", "kmemleak:     0x0000000000000001", "kmemleak:   ... and 2 more object(s) with the same backtrace",
            "kmemleak: unreferenced object 0x00010040 (size 16):", "kmemleak:   comm \"swapper/0\", pid 0, jiffies 4294892296",
            "kmemleak:   hex dump (first 16 bytes):",
            "kmemleak:     00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................",
            "kmemleak:   backtrace (crc 0):", "kmemleak:     0x0000000000000002",
            "kmemleak: 5 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
        ])
        #expect(kmemleak.read().components(separatedBy: "hex dump").count == 6, "the file is unchanged")
    }
}
