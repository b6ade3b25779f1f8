import Foundation
import SystemPackage
import Testing

@testable import HeapModel

/// A small part of a real 6.1.192's heap: see `Tests/Fixtures/README.md`.
@Suite struct SmallCaptureTests {
    private let heap: Heap

    init() throws {
        let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Fixtures")
        heap = try Capture(folder.appending("small-6.1.kmemcore")).heap
    }

    @Test func theHeapIsRead() {
        #expect(heap.objects.count == 320)
        #expect(heap.traces.count == 184)
        #expect(heap.memory.byteCount == 154_414)
        #expect(heap.memory.missingByteCount == 90_112)
        #expect(heap.profile == KernelProfile(release: "6.1.192-kmemleak", architecture: .x86_64, hz: 250, style: .v6_1))
        #expect(heap.jiffies == Jiffies(4_294_896_675))
        #expect(heap.lastScan == Jiffies(4_294_896_550))
        #expect(heap.lowPageFrames == 0...40925)
        #expect(heap.roots.map(\.kind) == [.percpu] + Array(repeating: .structPage, count: 6) + [.stack])
    }

    @Test func itsLeaksAreThoseTheKernelReported() {
        let reported = heap.objects.ids.filter { heap.objects.flags[$0.index].contains(.reported) }
        #expect(reported.count == 23)
        #expect(reported.allSatisfy { heap.objects.colour(of: $0) == .white })
        let first = heap.objects[reported[0]]
        #expect(first.pointer == Address(0xffff_8880_0870_d000))
        #expect(first.size == 1024)
        #expect(first.comm.string == "swapper/0")
        #expect(first.pid == 1)
        #expect(heap.traces[first.trace].contains { heap.symbols.function($0) == "hub_probe" })
    }

    /// Ties the bytes to the checksums that the kernel computed of them, and so the memory to the tables.
    @Test func theBytesOfALeakHaveTheKernelsChecksum() throws {
        for id in heap.objects.ids where heap.objects.flags[id.index].contains(.reported) {
            var checksum = CRC32()
            try heap.memory.bytes(in: heap.objects.range(of: id)).map { try #require($0) }.withUnsafeBytes { checksum.update($0) }
            #expect(checksum.value == heap.objects.checksums[id.index])
        }
        #expect(heap.objects.ids.contains {
            heap.objects.flags[$0.index].contains(.reported) && heap.objects.checksums[$0.index] != 0
        })
    }
}

/// The whole captures, where they are at hand: beside the repository, or where KMEMTOP_CAPTURES says.
enum RealCaptures {
    private static let folder: String = {
        let repository = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        return ProcessInfo.processInfo.environment["KMEMTOP_CAPTURES"]
            ?? repository.removingLastComponent().appending("shared/captures").string
    }()

    private static let tool = (["/usr/bin/xz", "/bin/xz", "/usr/local/bin/xz"] as [String])
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static let areAtHand = tool != nil && FileManager.default.fileExists(atPath: folder + "/kernel-6.1-87k.kmemcore.xz")

    /// Unpacks a capture into a temporary file, reads it, and removes the file: the mapping keeps its bytes.
    static func capture(_ name: String) throws -> Capture {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(tool))
        process.arguments = ["-dkc", "\(folder)/\(name).kmemcore.xz"]
        process.standardOutput = try FileHandle(forWritingTo: path)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try Capture(FilePath(path.path))
    }
}

@Suite(.enabled(if: RealCaptures.areAtHand, "no real captures beside the repository, or no xz to unpack them"))
struct RealCaptureTests {
    @Test func theLargeHeapIsRead() throws {
        let capture = try RealCaptures.capture("kernel-6.1-87k")
        let heap = capture.heap
        #expect(capture.captured == "2026-11-23T06:41:38Z")
        #expect(capture.tool == "kernel lab")
        #expect(heap.objects.count == 86_996)
        #expect(heap.traces.count == 3173)
        #expect(heap.memory.segments.count == 3502)
        #expect(heap.memory.byteCount == 48_507_928)
        #expect(heap.memory.missingByteCount == 0)
        #expect(heap.roots.count == 2753)
        #expect(heap.jiffies == Jiffies(4_294_924_141))
        #expect(heap.lastScan == Jiffies(4_294_909_952))
        #expect(heap.physToVirt == 0xffff_8880_0000_0000)
        #expect(heap.lowPageFrames == 0...65501)
        #expect(heap.isEnabled)
        #expect(heap.scansStacks)
        #expect(heap.symbols[Address(0xffff_ffff_8204_efec)] == "kmemleak_init+0x66/0xf8")
        #expect(heap.objects.areas.values.reduce(0) { $0 + $1.count } == 587)
        let reported = heap.objects.ids.filter { heap.objects.flags[$0.index].contains(.reported) }
        #expect(reported.count == 35)
        #expect(reported.allSatisfy { heap.objects.colour(of: $0) == .white })
        #expect(heap.symbols.function(heap.traces[heap.objects.traces[reported[0].index]][0]) == "hub_probe")
    }

    @Test func theSmallerHeapIsRead() throws {
        let heap = try RealCaptures.capture("kernel-6.1-20k").heap
        #expect(heap.objects.count == 20_322)
        #expect(heap.traces.count == 3116)
        #expect(heap.memory.byteCount == 18_492_632)
        #expect(heap.objects.areas.values.reduce(0) { $0 + $1.count } == 54)
        #expect(heap.objects.flags.count { $0.contains(.reported) } == 23)
    }
}
