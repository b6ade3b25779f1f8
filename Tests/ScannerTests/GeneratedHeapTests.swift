import HeapModel
import Scanner
import Testing

/// What the generator says is lost, against what scans find.
struct GeneratedHeapTests {
    private func options(_ objects: Int, _ seed: UInt64, leaks: Double = 0.02, cycles: Double = 0.3) -> GeneratorOptions {
        var options = GeneratorOptions(objects: objects, seed: seed)
        (options.leaks, options.cycles) = (leaks, cycles)
        return options
    }

    @Test(arguments: [1, 2, 9, 10, 11, 99, 100, 101, 1000, 1001], [1, 2, 3] as [UInt64])
    func bothScansFindTheExpectedLeaks(objects: Int, seed: UInt64) throws {
        for leaks in [0, 0.001, 0.1, 0.5] {
            let generated = GeneratedHeap(options(objects, seed, leaks: leaks))
            #expect(generated.heap.objects.count == objects)
            #expect(Scan.run(generated.heap).leaks.map(\.id) == generated.leaks, "leaks \(leaks)")
            let still = try #require(generated.heap.scannedStill())
            #expect(still.leaks.map(\.id) == generated.leaks && still.outcome.reportedLeaks == generated.leaks)
            #expect(still.unreadByteCount == 0)
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func aLargerHeapHoldsWhatWasAskedFor(seed: UInt64) throws {
        let generated = GeneratedHeap(options(20_000, seed))
        #expect(generated.leaks.count == 400)
        #expect(try #require(generated.heap.scannedStill()).leaks.map(\.id) == generated.leaks)
    }

    @Test(arguments: [10, 150] as [Int], [1, 2] as [UInt64])
    func thePlainScanFindsThemToo(objects: Int, seed: UInt64) {
        let generated = GeneratedHeap(options(objects, seed))
        var reference = ReferenceScan(generated.heap)
        reference.run()
        #expect(reference.leaks == generated.leaks.map(\.index))
    }

    @Test(arguments: [0, 0.17, 0.8], [0, 1] as [Double])
    func anyDensityAndShareOfCyclesWill(density: Double, cycles: Double) throws {
        var options = options(3000, 5, cycles: cycles)
        options.density = density
        let generated = GeneratedHeap(options)
        #expect(try #require(generated.heap.scannedStill()).leaks.map(\.id) == generated.leaks)
    }

    /// Leaks that another leak leads back to.
    private func inRings(_ generated: GeneratedHeap) -> Int {
        let heap = generated.heap, index = ObjectIndex(heap.objects), leaks = Set(generated.leaks)
        func targets(_ id: ObjectID) -> [ObjectID] {
            heap.contents(of: id).flatMap { range in
                stride(from: (range.start.rawValue + 7) & ~7, to: range.end.rawValue - 7, by: 8).compactMap { address in
                    heap.memory.word(at: Address(address)).flatMap { index.virtual.object(containing: Address($0)) }
                }
            }.filter { leaks.contains($0) && $0 != id }
        }
        return generated.leaks.count { leak in
            var seen: Set<ObjectID> = [], open = targets(leak)
            while let next = open.popLast() {
                if next == leak { return true }
                if seen.insert(next).inserted { open += targets(next) }
            }
            return false
        }
    }

    @Test func theShareOfCyclesIsThatOfLeaksInRings() {
        #expect(inRings(GeneratedHeap(options(5000, 1, cycles: 0))) == 0)
        let all = GeneratedHeap(options(5000, 1, cycles: 1)), half = GeneratedHeap(options(5000, 1, cycles: 0.5))
        // Lost vmalloc and PERCPU blocks lie in no ring.
        #expect(inRings(all) >= all.leaks.count * 8 / 10)
        #expect((35...65).contains(inRings(half) * 100 / half.leaks.count))
    }

    @Test func thePartsOfAKernelOccur() throws {
        let generated = GeneratedHeap(options(20_000, 1)), heap = generated.heap, objects = heap.objects
        let after = try #require(heap.scannedStill()).outcome
        let isLeak = Set(generated.leaks)
        var found: [String: Int] = [:]
        func count(_ name: String, _ occurs: Bool) { found[name, default: 0] += occurs ? 1 : 0 }
        for id in objects.ids {
            let object = objects[id], kind = object.kind
            count("percpu", kind == .percpu)
            count("lost percpu", kind == .percpu && isLeak.contains(id))
            count("phys", kind == .phys)
            count("above low memory", after.objects.colour(of: id) == .black && kind == .phys)
            count("vmalloc", object.minCount == 2)
            count("lost vmalloc", object.minCount == 2 && isLeak.contains(id))
            count("excess", object.excessReference != Address(0))
            count("gray", object.minCount == 0 && kind == .virtual)
            count("black", object.minCount == -1)
            count("no scan", object.flags.contains(.noScan))
            count("areas", objects.areas[id] != nil)
            count("two areas", objects.areas[id]?.count == 2)
            count("unaligned", object.pointer.rawValue % 8 != 0 && kind == .virtual)
            count("odd size", object.size % 8 != 0)
            let isLost = after.objects.colour(of: id) == .white && !isLeak.contains(id)
            count("young", isLost && !heap.isOldEnough(id, lastScan: heap.jiffies))
            count("modified", after.objects.checksums[id.index] != object.checksum && after.objects.colour(of: id) == .gray)
        }
        for name in [
            "percpu", "lost percpu", "phys", "above low memory", "vmalloc", "lost vmalloc", "excess", "gray", "black", "no scan",
            "areas", "two areas", "unaligned", "odd size", "young", "modified",
        ] { #expect(found[name, default: 0] > 0, "\(name)") }
        #expect(heap.traces.count > 500)
        #expect(Set(objects.traces.compactMap { $0 }).count > 200)
        for number in 0..<UInt32(heap.traces.count) {
            let frames = heap.traces[TraceID(rawValue: number)]
            #expect(frames.allSatisfy { heap.symbols[$0] != nil })
        }
        // Bugs are few.
        #expect(Set(generated.leaks.compactMap { objects.traces[$0.index] }).count < 60)
    }

    @Test func withoutStacksMoreIsLost() throws {
        var heap = GeneratedHeap(options(20_000, 1)).heap
        let with = try #require(heap.scannedStill()).leaks.count
        heap.scansStacks = false
        // What only a stale stack word points to was never scanned since: it is modified, and told by the second scan.
        let first = try #require(heap.scannedStill()).outcome
        #expect(try #require(first.scannedStill()).outcome.reportedLeaks.count > with + 10)
    }

    @Test func sizesAndPointersAreAsInAKernel() throws {
        let heap = GeneratedHeap(GeneratorOptions(objects: 20_000, seed: 1)).heap
        let bytes = heap.objects.sizes.reduce(0, +)
        #expect((300...460).contains(bytes / 20_000), "\(bytes / 20_000) bytes an object")
        let graph = try #require(heap.scannedStill()?.graph)
        #expect((6...12).contains(graph.referenceCount / 20_000), "\(graph.referenceCount) references")
        let order = heap.objects.pointers.map(\.rawValue)
        let ascents = zip(order, order.dropFirst()).count { $0 < $1 }
        #expect((9000...11000).contains(ascents))
    }
}
