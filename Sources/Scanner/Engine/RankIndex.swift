import HeapModel

/// The objects of a heap by address, for sweeps: as `ObjectIndex`, but for very many look-ups at once.
package struct RankIndex: Sendable {
    let virtual, percpu: RankCells
    let order: RankOrder

    /// - Parameter index: of the same objects, where it is at hand.
    package init(_ objects: ObjectTable, index: ObjectIndex? = nil) {
        let index = index ?? ObjectIndex(objects)
        var order = RankOrder(count: objects.count)
        virtual = RankCells(index.virtual, base: 0, &order)
        percpu = RankCells(index.percpu, base: virtual.count, &order)
        // PHYS objects are never found by the value of a word, freed and empty ones not at all.
        let found = virtual.count + percpu.count
        if found < UInt32(objects.count) {
            let others = objects.ids.filter { order.numbers[$0.index] == 0 }
            let sorted = others.sortedByKey { objects.pointers[$0.index].rawValue }.elements
            order.number(sorted)
            for (place, id) in sorted.enumerated() {
                order.place(
                    id.index, at: found + UInt32(place) + 1, start: objects.pointers[id.index].rawValue,
                    size: objects.sizes[id.index])
            }
        }
        self.order = order
    }

    /// Bytes that are needed only while memory is swept.
    package var byteCount: Int { virtual.byteCount + percpu.byteCount + order.starts.count * 16 }
}
