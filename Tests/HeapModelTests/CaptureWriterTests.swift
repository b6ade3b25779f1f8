import Foundation
import SystemPackage
import Testing

@testable import HeapModel

/// What is written is read back equal.
final class CaptureWriterTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    private var path: FilePath { FilePath(folder.appendingPathComponent("heap.kmemcore").path) }

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path) }

    /// Writes and reads; what differs first, in words.
    private func difference(_ heap: Heap) throws -> String? {
        try CaptureWriter(heap, captured: "2026-11-23T06:00:00Z", tool: "a \"tool\"\n").write(to: path)
        let capture = try Capture(path)
        #expect(capture.captured == "2026-11-23T06:00:00Z" && capture.tool == "a \"tool\"\n")
        return heap.difference(from: capture.heap)
    }

    @Test func aCaptureIsWrittenAsItWasRead() throws {
        let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Fixtures")
        #expect(try difference(Capture(folder.appending("small-6.1.kmemcore")).heap) == nil)
        #expect(try names() == ["heap.kmemcore"])
    }

    @Test(arguments: [1, 10, 500, 3000])
    func aGeneratedHeapIsReadBackEqual(objects: Int) throws {
        var options = GeneratorOptions(objects: objects, seed: UInt64(objects))
        options.leaks = 0.05
        #expect(try difference(GeneratedHeap(options).heap) == nil)
    }

    @Test func everyFieldComesBack() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let architecture: KernelProfile.Architecture = random.oneIn(2) ? .arm64 : .x86_64
            var heap = Heap(
                profile: KernelProfile(release: "6.\(random.below(20)).1-\"x\\", architecture: architecture, hz: 1 + random.next() % 1000),
                jiffies: Jiffies(random.next()))
            if random.oneIn(2) { heap.lastScan = Jiffies(random.next()) }
            (heap.isEnabled, heap.scansStacks) = (random.oneIn(2), random.oneIn(2))
            if random.oneIn(2) { heap.physToVirt = random.next() >> 1 }
            if random.oneIn(2) { heap.lowPageFrames = 1...(1 + random.next() / 2) }
            heap.pageShift = UInt64(12 + random.below(5))
            if random.oneIn(2) { heap.perCPUOffsets = (0..<random.below(4)).map { _ in random.next() >> 2 } }
            for kind in Root.Kind.allCases {
                for number in 0..<random.below(3) {
                    let range = AddressRange(start: Address(random.next() >> 1), size: random.next() >> 20)
                    heap.roots.append(Root(kind: kind, name: "root\t\(number) é", range: range, pid: random.oneIn(2) ? -1 : nil))
                }
            }
            for number in 0..<random.below(5) { heap.symbols.define(Address(random.next()), "f\(number)+0x1/0x2 [m]\u{1}") }
            var traces: [TraceID?] = [nil]
            for _ in 0..<random.below(5) {
                traces.append(heap.traces.insert((0..<1 + random.below(16)).map { _ in Address(random.next()) }))
            }
            for number in 0..<random.below(20) {
                let start = UInt64(number) << 32 + random.next() >> 40, size = 1 + random.next() >> 40
                var object = TrackedObject(
                    pointer: Address(start), size: size, minCount: Int32(random.below(4)) - 1,
                    flags: ObjectFlags(rawValue: UInt32(random.below(64))), jiffies: Jiffies(random.next()))
                object.count = Int32(truncatingIfNeeded: random.next())
                object.checksum = UInt32(truncatingIfNeeded: random.next())
                object.excessReference = Address(random.next())
                object.pid = Int32(truncatingIfNeeded: random.next())
                object.comm = Comm(bytes: (0..<15).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                object.trace = traces[random.below(traces.count)]
                let id = heap.objects.append(object)
                if random.oneIn(3) {
                    heap.objects.areas[id] = (0...random.below(3)).map { AddressRange(start: Address(start), size: min(size, UInt64($0))) }
                }
            }
            var address = random.next() >> 1
            for _ in 0..<random.below(6) {
                let size = UInt64(1 + random.below(300))
                let fits = heap.memory.add(AddressRange(start: Address(address), size: size))
                #expect(fits)
                heap.memory.write((0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }, at: Address(address))
                address += size + UInt64(random.below(3) * random.below(100))
            }
            if let difference = try difference(heap) {
                Issue.record("seed \(seed): \(difference)")
                return
            }
        }
    }

    @Test func moreSegmentsThanTheHeaderCounts() throws {
        var heap = Heap(profile: KernelProfile(release: "6.12", architecture: .x86_64))
        let file = MappedFile(size: 1 << 20) { bytes in for place in bytes.indices { bytes[place] = UInt8(truncatingIfNeeded: place) } }
        for count in [65_533, 65_534] {
            heap.memory = Memory(mapping: file, segments: (0..<count).map { (start: 0x1000 + 16 * UInt64($0), count: 3, offset: $0) })
            #expect(try difference(heap) == nil)
        }
    }

    @Test func theBytesOfASeedAreAlwaysTheSame() throws {
        func bytes(seed: UInt64) throws -> [UInt8] {
            var options = GeneratorOptions(objects: 2000, seed: seed)
            options.leaks = 0.01
            try CaptureWriter(GeneratedHeap(options).heap).write(to: path)
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string)))
        }
        let file = try bytes(seed: 7)
        var checksum = CRC32()
        file.withUnsafeBytes { checksum.update($0) }
        // Whoever changes what is generated writes the new number down here.
        #expect(file.count == 1_342_656)
        #expect(checksum.value == 987_994_653)
        #expect(try bytes(seed: 7) == file && bytes(seed: 8) != file)
    }

    @Test func whatFailsLeavesTheOldFileAndNothingElse() throws {
        try "old".write(toFile: path.string, atomically: false, encoding: .utf8)
        var heap = GeneratedHeap(GeneratorOptions(objects: 10, seed: 1)).heap
        heap.profile.wordSize = 4
        let error = #expect(throws: CaptureError.self) { try CaptureWriter(heap).write(to: self.path) }
        #expect(error?.description == "\(path): a capture holds 64-bit heaps only")
        #expect(try names() == ["heap.kmemcore"] && String(contentsOfFile: path.string, encoding: .utf8) == "old")
    }

    @Test func aFullDeviceAndAFolderAreToldOf() throws {
        let heap = GeneratedHeap(GeneratorOptions(objects: 10, seed: 1)).heap
        for (name, problem) in [("/dev/full", "No space left on device"), (folder.path, "Is a directory"), ("/nosuch/x", "No such file or directory")] {
            let error = #expect(throws: CaptureError.self) { try CaptureWriter(heap).write(to: FilePath(name)) }
            #expect(error?.description == "\(name): cannot be written: \(problem)")
        }
        #expect(try names() == [])
    }

    @Test func aLinkGoesOnPointingAndTheFileBehindItIsReplaced() throws {
        let target = folder.appendingPathComponent("target").path
        try "old".write(toFile: target, atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target)
        try CaptureWriter(GeneratedHeap(GeneratorOptions(objects: 10, seed: 1)).heap).write(to: path)
        #expect(try Capture(FilePath(target)).heap.objects.count == 10)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path.string) == target)
    }
}

extension Heap {
    /// The first thing in which the heaps differ; nil when a capture of both would hold the same.
    fileprivate func difference(from other: Heap) -> String? {
        if profile != other.profile { return "\(profile), not \(other.profile)" }
        if jiffies != other.jiffies || lastScan != other.lastScan { return "times" }
        if isEnabled != other.isEnabled || scansStacks != other.scansStacks { return "settings" }
        if physToVirt != other.physToVirt || lowPageFrames != other.lowPageFrames || pageShift != other.pageShift { return "physical" }
        if perCPUOffsets != other.perCPUOffsets { return "per-CPU offsets" }
        if roots != other.roots { return "roots" }
        let names = [symbols, other.symbols].map { Dictionary(uniqueKeysWithValues: $0.all.map { ($0.0, $0.1) }) }
        if names[0] != names[1] { return "symbols" }
        if traces.count != other.traces.count { return "\(other.traces.count) traces" }
        for number in 0..<UInt32(traces.count) where traces[TraceID(rawValue: number)] != other.traces[TraceID(rawValue: number)] {
            return "trace \(number)"
        }
        if objects.count != other.objects.count { return "\(other.objects.count) objects" }
        for id in objects.ids where objects[id] != other.objects[id] { return "object \(id.index): \(objects[id]), not \(other.objects[id])" }
        if objects.areas != other.objects.areas { return "areas" }
        guard memory.segments.count == other.memory.segments.count else { return "\(other.memory.segments.count) segments" }
        for (one, two) in zip(memory.segments, other.memory.segments) {
            guard one.start == two.start, one.count == two.count else { return "segment at \(Address(two.start))" }
            guard one.withBytes({ one in two.withBytes { memcmp(one.baseAddress!, $0.baseAddress!, one.count) == 0 } }) else { return "bytes at \(Address(two.start))" }
        }
        return nil
    }
}
