import HeapModel
import Scanner
import Testing

/// Random lost objects against the scan itself: what stays white when all causes are held, and one thing is taken away?
struct LeakCausesPropertyTests {
    @Test func whatIsDraggedAlongIsLostWithItAlone() throws {
        var lost = 0, shared = 0
        for seed in 0..<150 as Range<UInt64> {
            let heap = Self.heap(seed: seed), causes = LeakCauses(of: heap)
            let all = heap.objects.ids.filter(causes.contains)
            #expect(all == heap.objects.ids.filter { heap.objects.colour(of: $0) == .white })
            #expect(white(heap, causes, without: []).isEmpty, "seed \(seed): all hangs on the causes")
            for id in all {
                let cycle = Array(causes.cycle(of: id)), expected = white(heap, causes, without: cycle)
                #expect(causes.dragged(by: id).objects == expected.count, "seed \(seed), object \(id.index)")
                #expect(causes.dragged(by: id).bytes == expected.reduce(0) { $0 + heap.objects.sizes[$1.index] })
            }
            for (place, cause) in causes.causes.enumerated() {
                let expected = white(heap, causes, without: Array(cause.members))
                #expect(causes.draggedObjects[place] == expected, "seed \(seed), cause \(place)")
                #expect(white(heap, held: Array(cause.members)).count == all.count - cause.total.objects - (cause.shared?.objects ?? 0))
            }
            for id in all {
                let leading = causes.causes.indices.filter { !white(heap, held: Array(causes.causes[$0].members)).contains(id) }
                #expect(causes.causes(of: id) == leading, "seed \(seed), object \(id.index)")
                #expect((causes.role(of: id) == .shared) == (leading.count > 1))
            }
            lost += all.count
            shared += causes.shared.objects
        }
        #expect(lost > 500 && shared > 50)
    }

    /// Nothing leads to a cause, whatever else is held.
    @Test func noOtherLeakLeadsToACause() {
        for seed in 200..<260 as Range<UInt64> {
            let heap = Self.heap(seed: seed), causes = LeakCauses(of: heap)
            for cause in causes.causes {
                let others = heap.objects.ids.filter { causes.contains($0) && !cause.members.contains($0) }
                #expect(white(heap, held: others) == Array(cause.members), "seed \(seed)")
            }
        }
    }

    /// With scan areas, several references needed, NO_SCAN, unaligned blocks, PERCPU objects, surplus references.
    @Test func everyWhiteObjectHasOneRoleInAnyHeap() throws {
        for seed in 0..<400 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed).scannedTwice, causes = LeakCauses(of: heap)
            let roles = heap.objects.ids.map { causes.role(of: $0) }
            let dragged = causes.causes.reduce(0) { $0 + $1.total.objects }
            #expect(dragged + causes.shared.objects == causes.total.objects && roles.count { $0 != nil } == causes.total.objects)
            for id in heap.objects.ids where causes.contains(id) && !causes.causes(of: id).contains(where: { _ in true }) {
                Issue.record("seed \(seed): no cause leads to object \(id.index)")
            }
        }
    }

    /// A ladder of two long chains, on which climbing step by step to a common ancestor would take for ever.
    @Test(.timeLimit(.minutes(1))) func longChainsTakeNoTimeAndNoStack() {
        let rungs = 20_000
        let heap = Heap { heap in
            for rung in 0..<UInt64(rungs) {
                for side in 0..<3 as Range<UInt64> {
                    heap.heap.objects.append(TrackedObject(
                        pointer: Address(0x100_0000 + rung * 192 + side * 64), size: 64, jiffies: Jiffies(0)))
                }
            }
            heap.memory(at: 0x100_0000, size: UInt64(rungs) * 192) { block in
                for rung in 0..<UInt64(rungs) {
                    for side in 0..<2 as Range<UInt64> {
                        let place = rung * 192 + side * 64
                        block.pointer(to: 0x100_0000 + rung * 192 + 128, at: place)
                        if rung + 1 < rungs { block.pointer(to: 0x100_0000 + place + 192, at: place + 8) }
                    }
                }
            }
        }
        let causes = LeakCauses(of: heap.stillScannedTwice)
        #expect(causes.causes.count == 2 && causes.shared.objects == rungs)
        #expect(causes.causes.allSatisfy { $0.dragged.objects == rungs - 1 && $0.shared?.objects == rungs })
    }

    // MARK: The reference

    /// What stays white when all causes need no reference, but for `lost`, which are not read.
    private func white(_ heap: Heap, _ causes: LeakCauses, without lost: [ObjectID]) -> [ObjectID] {
        white(heap, held: causes.causes.flatMap(\.members).filter { !lost.contains($0) }, unread: lost)
    }

    private func white(_ heap: Heap, held: [ObjectID], unread: [ObjectID] = []) -> [ObjectID] {
        var heap = heap
        for id in held { heap.objects.minCounts[id.index] = 0 }
        for id in unread { heap.objects.minCounts[id.index] = -1 }
        let outcome = Scan.run(heap).outcome.objects
        return outcome.ids.filter { outcome.colour(of: $0) == .white }
    }

    /// Up to a dozen objects, sparse or dense, some of them held by a root.
    private static func heap(seed: UInt64) -> Heap {
        var random = SplitMix64(seed: seed)
        let count = random.number(1...12), edges = random.number(0...(count * 2))
        var words: [UInt64: [UInt64]] = [:]
        for _ in 0..<edges { words[random.number(1...count), default: []].append(random.number(1...count) << 12 + random.pick(0, 0, 5)) }
        return Heap { heap in
            for number in 1...count {
                heap.object(at: number << 12, size: 8 * random.number(24...40)) { block in
                    for (place, target) in (words[number] ?? []).enumerated() { block.pointer(to: target, at: UInt64(place) * 8) }
                }
            }
            if random.once(in: 3) { heap.root(at: 0x100_0000, pointingTo: random.number(1...count) << 12) }
        }.scannedTwice
    }
}

extension Heap {
    fileprivate var stillScannedTwice: Heap {
        let once = scannedStill()?.outcome ?? self
        return once.later(ticks: 10 * profile.hz).scannedStill()?.outcome ?? once
    }
}
