import HeapModel

/// The objects of a heap by address, for sweeps: as `ObjectIndex`, but for very many look-ups at once.
package struct RankIndex: Sendable {
    let virtual, percpu: RankCells
    let order: RankOrder

    package init(_ objects: ObjectTable) {
        (virtual, percpu, order) = objects.withColumns { columns in
            var virtual: [ObjectID] = [], percpu: [ObjectID] = [], others: [ObjectID] = []
            virtual.reserveCapacity(columns.count)
            for row in 0..<columns.count {
                let flags = columns.flags[row]
                if flags & ObjectFlags.allocated.rawValue == 0 || columns.sizes[row] == 0 || flags & ObjectFlags.phys.rawValue != 0 {
                    // PHYS objects are never found by the value of a word, the others not at all.
                    others.append(ObjectID(row))
                } else if flags & ObjectFlags.perCPU.rawValue != 0 {
                    percpu.append(ObjectID(row))
                } else {
                    virtual.append(ObjectID(row))
                }
            }
            var order = RankOrder(count: columns.count)
            let virtualCells = RankCells(virtual, in: columns, base: 0, &order)
            let percpuCells = RankCells(percpu, in: columns, base: virtualCells.count, &order)
            others.sort { columns.pointers[$0.index] < columns.pointers[$1.index] }
            for (place, id) in others.enumerated() {
                let number = virtualCells.count + percpuCells.count + UInt32(place) + 1
                order.place(id.index, at: number, start: columns.pointers[id.index], size: columns.sizes[id.index])
            }
            return (virtualCells, percpuCells, order)
        }
    }

    /// Bytes that are needed only while memory is swept.
    package var byteCount: Int { virtual.byteCount + percpu.byteCount + order.starts.count * 14 }
}
