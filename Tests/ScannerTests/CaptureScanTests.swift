import Foundation
import HeapModel
import Scanner
import SystemPackage
import Testing

/// Scans of real heaps, compared with the counts that the kernel (or another program) arrived at.
struct CaptureScanTests {
    private static let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
    private static let captures = ProcessInfo.processInfo.environment["KMEMTOP_CAPTURES"]
        ?? tests.removingLastComponent().removingLastComponent().appending("shared/captures").string

    private static func isAtHand(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(captures)/\(name).kmemcore.xz") && FileManager.default.isExecutableFile(atPath: "/usr/bin/xz")
    }

    private func unpacked(_ name: String) throws -> Heap {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/xz")
        process.arguments = ["-dkc", "\(Self.captures)/\(name).kmemcore.xz"]
        process.standardOutput = try FileHandle(forWritingTo: path)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try Capture(FilePath(path.path)).heap
    }

    /// Objects whose count after the scan is not the stored one.
    private func differing(_ heap: Heap, _ after: Heap) -> [ObjectID] {
        heap.objects.ids.filter { heap.objects.counts[$0.index] != after.objects.counts[$0.index] }
    }

    @Test func theSmallRealHeapHasTheCountsThatAnotherProgramFound() throws {
        let heap = try Capture(Self.tests.appending("Fixtures/small-6.1.kmemcore")).heap
        let after = Scan.run(heap).outcome
        #expect(differing(heap, after) == [])
        #expect(after.reportedLeaks.count == 23)
    }

    @Test(.enabled(if: isAtHand("kernel-6.1-87k"), "the captures are not beside the repository"))
    func allCountsOfTheLargeHeapAreTheKernels() throws {
        let heap = try unpacked("kernel-6.1-87k")
        #expect(heap.objects.count == 86_996)
        let recording = Scan.run(heap)
        let after = recording.outcome
        #expect(differing(heap, after) == [])
        #expect(recording.leaks.isEmpty)
        let reported = heap.objects.ids.filter { heap.objects.flags[$0.index].contains(.reported) }
        #expect(reported.count == 35)
        #expect(after.reportedLeaks == reported)
    }

    /// 39 objects are younger than the kernel's last scan: stored count 0, found 1.
    @Test(.enabled(if: isAtHand("kernel-6.1-20k"), "the captures are not beside the repository"))
    func theSmallerHeapDiffersOnlyInItsYoungestObjects() throws {
        let heap = try unpacked("kernel-6.1-20k")
        let after = Scan.run(heap).outcome
        let different = differing(heap, after)
        #expect(different.count == 39)
        let lastScan = try #require(heap.lastScan)
        for id in different {
            #expect(heap.objects.counts[id.index] == 0 && after.objects.counts[id.index] == 1)
            #expect(heap.objects.jiffies[id.index].isAtOrAfter(lastScan))
        }
        #expect(after.reportedLeaks.count == 23)
    }
}
