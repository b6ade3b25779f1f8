import SystemPackage
import Testing

@testable import HeapModel

@Suite struct CaptureReaderTests {
    @Test func everyFieldOfAnObjectIsRead() throws {
        var builder = CaptureBuilder()
        builder.traces = [(1, [0xffff_ffff_8111_0000]), (2, [0xffff_ffff_8100_0010, 0xffff_ffff_8100_0020])]
        builder.objects = [
            CaptureBuilder.Object(pointer: 0x1000, size: 8),
            CaptureBuilder.Object(
                pointer: 0xffff_8880_0000_2000, size: 96, excessReference: 0xffff_c900_0000_1000, jiffies: 4_294_892_779,
                minCount: 2, count: 1, flags: 0xb, checksum: 0xdead_beef, trace: 1, pid: 4321, comm: Array("kworker/0:1".utf8)),
        ]
        let heap = try builder.capture().heap
        #expect(heap.objects.count == 2)
        let object = heap.objects[ObjectID(1)]
        #expect(object.pointer == Address(0xffff_8880_0000_2000))
        #expect(object.size == 96)
        #expect(object.excessReference == Address(0xffff_c900_0000_1000))
        #expect(object.jiffies == Jiffies(4_294_892_779))
        #expect(object.minCount == 2)
        #expect(object.count == 1)
        #expect(object.flags == [.allocated, .reported, .fullScan])
        #expect(object.checksum == 0xdead_beef)
        #expect(object.pid == 4321)
        #expect(object.comm == Comm("kworker/0:1"))
        #expect(heap.traces[object.trace] == [Address(0xffff_ffff_8100_0010), Address(0xffff_ffff_8100_0020)])
        #expect(heap.objects[ObjectID(0)].trace == nil)
    }

    @Test func aTraceIndexKeepsItsMeaningAlthoughEqualTracesAreStoredOnce() throws {
        var builder = CaptureBuilder()
        builder.traces = [(1, [1]), (0, []), (1, [1]), (1, [2])]
        builder.objects = (0..<4).map { CaptureBuilder.Object(pointer: 0x1000 * UInt64($0 + 1), size: 8, trace: UInt32($0)) }
        let heap = try builder.capture().heap
        #expect(heap.objects.traces.map { heap.traces[$0] } == [[Address(1)], [], [Address(1)], [Address(2)]])
        #expect(heap.objects.traces[0] == heap.objects.traces[2])
        #expect(heap.objects.traces[1] == nil)
        #expect(heap.traces.count == 2)
    }

    @Test func aTraceHasUpToSixteenAddresses() throws {
        var builder = CaptureBuilder()
        builder.traces = [(16, Array(1...16))]
        builder.objects = [CaptureBuilder.Object(pointer: 0x1000, size: 8, trace: 0)]
        let heap = try builder.capture().heap
        #expect(heap.traces[heap.objects.traces[0]].map(\.rawValue) == Array(1...16))
    }

    @Test func scanAreasStayNewestFirst() throws {
        var builder = CaptureBuilder()
        builder.objects = [CaptureBuilder.Object(pointer: 0x1000, size: 64), CaptureBuilder.Object(pointer: 0x2000, size: 64)]
        builder.areas = [(1, 0x2020, 32), (0, 0x1000, 64), (1, 0x2000, 8)]
        let areas = try builder.capture().heap.objects.areas
        #expect(areas == [
            ObjectID(0): [AddressRange(start: Address(0x1000), size: 64)],
            ObjectID(1): [AddressRange(start: Address(0x2020), size: 32), AddressRange(start: Address(0x2000), size: 8)],
        ])
    }

    @Test func everyKeyOfTheMetadataIsRead() throws {
        var builder = CaptureBuilder()
        builder.meta.merge([
            "last_scan": "4294900000", "enabled": "false", "stack_scan": "false", "captured": "\"2026-11-23T06:00:00Z\"",
            "tool": "\"kernel lab\"", "phys_to_virt": "\"0xffff888000000000\"", "low_pfn": "[1, 65536]", "page_shift": "14",
            "per_cpu_offsets": "[\"0xffff88800f600000\", \"0xffff88800f700000\"]", "hz": "1000",
            "symbols": "{\"0xffffffff81234567\": \"hub_probe+0x144/0x804\"}", "a_key_of_the_future": "[{}]",
        ]) { $1 }
        let capture = try builder.capture()
        #expect(capture.captured == "2026-11-23T06:00:00Z")
        #expect(capture.tool == "kernel lab")
        let heap = capture.heap
        #expect(heap.profile == KernelProfile(release: "6.1.192", architecture: .x86_64, hz: 1000, style: .v6_1))
        #expect(heap.jiffies == Jiffies(4_294_901_234))
        #expect(heap.lastScan == Jiffies(4_294_900_000))
        #expect(!heap.isEnabled)
        #expect(!heap.scansStacks)
        #expect(heap.physToVirt == 0xffff_8880_0000_0000)
        #expect(heap.lowPageFrames == 1...65536)
        #expect(heap.pageShift == 14)
        #expect(heap.perCPUOffsets == [0xffff_8880_0f60_0000, 0xffff_8880_0f70_0000])
        #expect(heap.symbols[Address(0xffff_ffff_8123_4567)] == "hub_probe+0x144/0x804")
    }

    @Test func optionalKeysMayBeAbsent() throws {
        let capture = try CaptureBuilder().capture()
        #expect(capture.captured == nil)
        #expect(capture.tool == nil)
        #expect(capture.heap.lastScan == nil)
        #expect(capture.heap.physToVirt == nil)
        #expect(capture.heap.lowPageFrames == nil)
        #expect(capture.heap.perCPUOffsets == nil)
        #expect(capture.heap.pageShift == 12)
        #expect(capture.heap.isEnabled)
        #expect(capture.heap.scansStacks)
    }

    @Test func numbersAreExactBeyondTheReachOfADouble() throws {
        var builder = CaptureBuilder()
        builder.meta["jiffies"] = "18446744073709551615"
        #expect(try builder.capture().heap.jiffies == Jiffies(.max))
    }

    @Test func theStyleOfReportsFollowsTheRelease() throws {
        var builder = CaptureBuilder()
        builder.meta["release"] = "\"4.9.0\""
        #expect(try builder.capture().heap.profile.style == .old)
        builder.meta["release"] = "\"6.12.1-arch\""
        #expect(try builder.capture().heap.profile.style == .current)
    }

    @Test func arm64IsReadToo() throws {
        var builder = CaptureBuilder()
        builder.meta["arch"] = "\"arm64\""
        var file = builder.build()
        file.put(UInt16(183), at: 18)
        #expect(try CaptureBuilder.capture(file).heap.profile.architecture == .arm64)
    }

    @Test func rootsAreSortedByKindAndStayAsListedWithin() throws {
        var builder = CaptureBuilder()
        let listed = [("stack", "b"), ("percpu", "1"), ("bss", "x"), ("data", "d"), ("struct_page", "p"), ("stack", "a"), ("bss", "y")]
        builder.meta["roots"] = "["
            + listed.map { "{\"kind\": \"\($0)\", \"name\": \"\($1)\", \"start\": \"0x1000\", \"size\": 64, \"pid\": 7}" }
            .joined(separator: ",") + "]"
        let roots = try builder.capture().heap.roots
        #expect(roots.map(\.name) == ["d", "x", "y", "1", "p", "b", "a"])
        #expect(roots[0].range == AddressRange(start: Address(0x1000), size: 64))
        #expect(roots[0].pid == 7)
    }

    @Test func aRootMayEndAtTheTopOfTheAddressSpace() throws {
        var builder = CaptureBuilder()
        builder.meta["roots"] = "[{\"kind\": \"data\", \"name\": \"d\", \"start\": \"0xffffffffffffffc0\", \"size\": 64}]"
        #expect(try builder.capture().heap.roots[0].range.end == Address(0))
    }

    @Test func objectsThatAreNotAllocatedMayOverlapLiveOnes() throws {
        var builder = CaptureBuilder()
        builder.objects = [
            CaptureBuilder.Object(pointer: 0x1000, size: 64), CaptureBuilder.Object(pointer: 0x1000, size: 64, flags: 0),
        ]
        #expect(try builder.capture().heap.objects.count == 2)
    }

    @Test func objectsOfDifferentTreesMayOverlap() throws {
        var builder = CaptureBuilder()
        builder.objects = [0x1, 0x11, 0x21].map { CaptureBuilder.Object(pointer: 0x1000, size: 64, flags: $0) }
        #expect(try builder.capture().heap.objects.count == 3)
    }

    @Test func aCaptureNeedsNeitherTracesNorAreas() throws {
        var builder = CaptureBuilder()
        builder.objects = [CaptureBuilder.Object(pointer: 0x1000, size: 64)]
        builder.omitted = [CaptureBuilder.tracesType, CaptureBuilder.areasType]
        #expect(try builder.capture().heap.objects.count == 1)
    }

    @Test func otherNotesAreIgnored() throws {
        var builder = CaptureBuilder()
        builder.extraNotes = [
            CaptureBuilder.Note(type: 0x4b4d_00ff, contents: [1, 2, 3]),
            CaptureBuilder.Note(type: CaptureBuilder.metaType, contents: [1], name: Array("VMCOREINFO\0".utf8)),
            CaptureBuilder.Note(type: CaptureBuilder.metaType, contents: [], name: []),
        ]
        #expect(try builder.capture().heap.objects.count == 0)
    }

    @Test func aCaptureIsToldByTheMagic() throws {
        let path = FilePath(#filePath)
        #expect(try !Capture.looksLike(MappedFile(path)))
        #expect(try Capture.looksLike(MappedFile(FilePath("/proc/self/exe"))))
    }
}

@Suite struct CaptureMemoryTests {
    @Test func aWordMayStraddleAdjacentSegments() throws {
        var builder = CaptureBuilder()
        builder.segments = [
            CaptureBuilder.Segment(start: 0x1004, bytes: [5, 6, 7, 8]),
            CaptureBuilder.Segment(start: 0x1000, bytes: [1, 2, 3, 4]),
        ]
        let memory = try builder.capture().heap.memory
        #expect(memory.segments.map(\.start) == [0x1000, 0x1004])
        #expect(memory.word(at: Address(0x1000)) == 0x0807_0605_0403_0201)
        #expect(memory.missingByteCount == 0)
    }

    @Test func whatASegmentDoesNotHoldIsMissingAndCounted() throws {
        var builder = CaptureBuilder()
        builder.segments = [
            CaptureBuilder.Segment(start: 0x1000, bytes: [1, 2, 3, 4], size: 0x1000),
            CaptureBuilder.Segment(start: 0x2000, bytes: [5], size: 2), CaptureBuilder.Segment(start: 0x3000, bytes: [], size: 16),
            CaptureBuilder.Segment(start: 0x4000, bytes: []),
        ]
        let memory = try builder.capture().heap.memory
        #expect(memory.missingByteCount == 0xffc + 1 + 16)
        #expect(memory.byteCount == 5)
        #expect(memory.word(at: Address(0x1000)) == nil)
        #expect(memory[Address(0x1003)] == 4)
        #expect(memory[Address(0x1004)] == nil)
        #expect(memory[Address(0x2000)] == 5)
    }

    @Test func theMissingBytesOfAWholeAddressSpaceDoNotOverflow() throws {
        var builder = CaptureBuilder()
        builder.segments = [
            CaptureBuilder.Segment(start: 0, bytes: [], size: 1 << 63), CaptureBuilder.Segment(start: 1 << 63, bytes: [], size: 1 << 63),
        ]
        #expect(try builder.capture().heap.memory.missingByteCount == .max)
    }

    @Test func aSegmentMayEndAtTheTopOfTheAddressSpace() throws {
        var builder = CaptureBuilder()
        builder.segments = [CaptureBuilder.Segment(start: 0xffff_ffff_ffff_fff8, bytes: [1, 0, 0, 0, 0, 0, 0, 2])]
        #expect(try builder.capture().heap.memory.word(at: Address(0xffff_ffff_ffff_fff8)) == 0x0200_0000_0000_0001)
    }

    @Test func theNumberOfSegmentsMayStandInSectionHeaderZero() throws {
        var builder = CaptureBuilder()
        builder.usesExtendedNumber = true
        builder.objects = [CaptureBuilder.Object(pointer: 0x1000, size: 8)]
        builder.segments = [CaptureBuilder.Segment(start: 0x1000, bytes: [1, 2, 3, 4, 5, 6, 7, 8])]
        let heap = try builder.capture().heap
        #expect(heap.objects.count == 1)
        #expect(heap.memory.word(at: Address(0x1000)) == 0x0807_0605_0403_0201)
    }

    @Test func moreSegmentsThanSixteenBitsCountAreRead() throws {
        var builder = CaptureBuilder()
        builder.usesExtendedNumber = true
        builder.segments = (0..<65_600).map { CaptureBuilder.Segment(start: 0x1000 + $0 * 2, bytes: [UInt8($0 % 251)]) }
        let memory = try builder.capture().heap.memory
        #expect(memory.segments.count == 65_600)
        #expect(memory[Address(0x1000 + 65_599 * 2)] == UInt8(65_599 % 251))
    }
}
