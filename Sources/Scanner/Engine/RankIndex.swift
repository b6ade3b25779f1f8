import HeapModel

/// The objects of a heap by address, for sweeps: as `ObjectIndex`, but for very many look-ups at once.
///
/// Rows are told in creation order, numbers in the order of addresses.
package struct RankIndex: Sendable {
    let virtual, percpu: RankCells
    /// By physical address; never found by the value of a word.
    let phys: [ObjectID]

    package init(_ objects: ObjectTable) {
        (virtual, percpu, phys) = objects.withColumns { columns in
            var virtual: [ObjectID] = [], percpu: [ObjectID] = [], phys: [ObjectID] = []
            virtual.reserveCapacity(columns.count)
            for row in 0..<columns.count where columns.flags[row] & ObjectFlags.allocated.rawValue != 0 {
                let flags = columns.flags[row]
                if flags & ObjectFlags.phys.rawValue != 0 {
                    phys.append(ObjectID(row))
                } else if flags & ObjectFlags.perCPU.rawValue != 0 {
                    percpu.append(ObjectID(row))
                } else {
                    virtual.append(ObjectID(row))
                }
            }
            phys.sort { columns.pointers[$0.index] < columns.pointers[$1.index] }
            return (RankCells(virtual, in: columns), RankCells(percpu, in: columns), phys)
        }
    }

    package var byteCount: Int { virtual.byteCount + percpu.byteCount + phys.count * MemoryLayout<ObjectID>.stride }
}
