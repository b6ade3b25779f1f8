import CEngine
import HeapModel
@testable import Scanner
import Testing

/// Rank cells against the search trees' own arrays.
struct RankResolverTests {
    @Test(arguments: [engine_scalar, engine_avx512].filter { engine_supports($0) }.map(\.rawValue))
    func findsWhatTheTreesFind(variant: UInt32) {
        var seeds = SplitMix64(seed: 11)
        for heap in 0..<200 {
            let objects = scattered(&seeds), index = ObjectIndex(objects), ranks = RankIndex(objects)
            let addresses = objects.ids.flatMap { id in
                let range = objects.range(of: id), ends = [range.start.rawValue, range.start.rawValue &+ range.size]
                let near = ends.flatMap { end in (-3...3 as ClosedRange<Int64>).map { end &+ UInt64(bitPattern: $0) } }
                return near + (0..<4).map { _ in range.start.rawValue &+ (seeds.next() % (range.size &+ 5000)) }
            }
            let found = RankResolver.with(ranks.virtual, ranks.order, objects, engine_variant(rawValue: variant)) { resolver in
                var numbers = [UInt32](repeating: 7, count: addresses.count + Int(engine_slack))
                _ = resolver?.resolve(addresses, count: addresses.count, into: &numbers)
                return numbers
            }
            for (address, number) in zip(addresses, found) {
                let object = number == RankResolver.none ? nil : ObjectID(rawValue: ranks.order.rows[Int(number)])
                guard object == index.virtual.object(containing: Address(address)) else {
                    Issue.record("heap \(heap), 0x\(String(address, radix: 16)): \(String(describing: object))")
                    return
                }
            }
        }
    }

    /// Objects that do not overlap, in slabs and alone, near and far, up to the top of the address space.
    private func scattered(_ seeds: inout SplitMix64) -> ObjectTable {
        var objects = ObjectTable(), next = seeds.pick(1, 0x1000, 0xffff_8880_0000_0000, 0xffff_ffff_fff0_0000) as UInt64
        for _ in 0...seeds.next() % 60 {
            let alignment = seeds.pick(1, 4, 8, 16, 64, 256, 4096) as UInt64
            next &+= seeds.next() % seeds.pick(1, 1, 600, 1 << 16, 1 << 30, 1 << 40)
            let stride = (seeds.pick(8, 24, 64, 192, 1000, 5000, 1 << 17) as UInt64 + alignment - 1) / alignment * alignment
            for _ in 0...seeds.next() % 12 {
                guard next > 0, next < .max - 2 * alignment - stride else { return objects }
                let start = (next + alignment - 1) / alignment * alignment
                let size = seeds.next() % stride + 1
                _ = objects.append(TrackedObject(
                    pointer: Address(start), size: size, minCount: 1, flags: .allocated, jiffies: Jiffies(0)))
                next = start + stride
            }
        }
        return objects
    }

    /// More words than there are bits for between two references.
    @Test(arguments: [engine_scalar, engine_avx2, engine_avx512, engine_neon].filter { engine_supports($0) }.map(\.rawValue), 1...2)
    func aDistantReferenceKeepsItsPlace(variant: UInt32, threads: Int) throws {
        let words: [UInt64] = [0, 1, 2046, 2047, 2048, 4000, 9000, 9001]
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0x10_0000)
            let places = words
            heap.object(at: 0x10_0000, size: 80_000) { block in
                for (number, place) in places.enumerated() { block.pointer(to: 0x20_0000 + UInt64(number % 6) * 0x100, at: place * 8) }
            }
            for number in 0..<6 as Range<UInt64> { heap.object(at: 0x20_0000 + number * 0x100, size: 64) }
        }
        var options = Sweep.Options.forSmallHeaps(threads: threads)
        options.variant = engine_variant(rawValue: variant)
        let recording = try #require(heap.scannedStill(options: options)), scan = Scan.run(heap)
        #expect(try #require(recording.graph).references(from: ObjectID(0)).map { UInt64($0.ordinal) } == words)
        #expect(recording.agrees(with: scan))
    }
}
