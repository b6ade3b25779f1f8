import HeapModel
import Scanner
import Testing

/// What is told of many objects at once is what is told of each.
struct MomentColumnsTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func coloursCountsAndLeaksAreThoseOfEachObject(seed: UInt64) throws {
        let heap = RandomHeap.heap(seed: seed)
        let recording = Scan.run(heap)
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            let moment = Moment(recording: recording, tick: Int(random.next() % UInt64(recording.endTick)))
            let ids = Array(moment.heap.objects.ids)
            #expect(moment.shades.column == ids.map(moment.shade))
            #expect(moment.counts == ids.map(moment.count))
            #expect(moment.leaks(among: ids) == ids.filter(moment.isLeak))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func changesOfColourAreThoseOfAll(seed: UInt64) throws {
        let recording = Scan.run(RandomHeap.heap(seed: seed))
        let all = recording.colourChanges, ids = Array(recording.heap.objects.ids)
        #expect(recording.colourChanges(of: ids) == all)
        let some = Set(ids.filter { $0.index % 3 == Int(seed % 3) })
        #expect(recording.colourChanges(of: some.sorted()) == all.filter { some.contains($0.object) })
    }
}
