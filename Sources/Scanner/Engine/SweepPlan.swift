import CEngine
import HeapModel

/// What a sweep reads, in its order: the roots, then ordinary objects, PERCPU and PHYS ones by address.
///
/// The work is cut into shards of about the same size, each with a part of the graph's memory that is surely large enough.
/// How many threads do the shards is of no consequence for what they write.
struct SweepPlan {
    /// How an object is read.
    enum Reading: UInt8 {
        /// Not at all: freed, NO_SCAN, or black.
        case none
        /// Whole, at its own address.
        case whole
        /// In parts: scan areas, the copies of the CPUs, physical memory.
        case inParts
    }

    /// Items of the plan that one thread reads in one go.
    struct Shard {
        let items: Range<Int>
        /// Of its first reference.
        let firstReference: UInt32
    }

    let rootCount: Int
    /// By row, a `Reading`.
    let readings: [UInt8]
    /// PERCPU and PHYS objects.
    let others: [ObjectID]
    private(set) var shards: [Shard] = []
    /// References that the shards have room for.
    private(set) var capacity = 0

    /// Words of a shard: a few milliseconds of work.
    private static let shardWords = 1 << 19

    init(_ heap: Heap, _ columns: ObjectColumns, _ index: RankIndex) {
        rootCount = heap.roots.count
        readings = Self.readings(of: heap, columns)
        others = index.percpu.records.dropFirst().map(\.id) + index.phys
        let hasBothTrees = index.percpu.records.count > 1 && index.virtual.records.count > 1
        cut(heap, columns, index.virtual, referencesPerWord: hasBothTrees ? 2 : 1)
    }

    private static func readings(of heap: Heap, _ columns: ObjectColumns) -> [UInt8] {
        let allocated = ObjectFlags.allocated.rawValue, read = allocated | ObjectFlags.noScan.rawValue
        let elsewhere = ObjectFlags([.phys, .perCPU]).rawValue
        var readings = [UInt8](unsafeUninitializedCapacity: columns.count) { readings, count in
            for row in 0..<columns.count {
                let flags = columns.flags[row]
                let isRead = flags & read == allocated && columns.minCounts[row] != -1
                readings[row] = !isRead ? Reading.none.rawValue
                    : flags & elsewhere == 0 ? Reading.whole.rawValue : Reading.inParts.rawValue
            }
            count = columns.count
        }
        for (id, areas) in heap.objects.areas where !areas.isEmpty && readings[id.index] == Reading.whole.rawValue {
            if !heap.objects.flags[id.index].contains(.fullScan) { readings[id.index] = Reading.inParts.rawValue }
        }
        return readings
    }

    private mutating func cut(_ heap: Heap, _ columns: ObjectColumns, _ virtual: RankCells, referencesPerWord: Int) {
        let wordSize = UInt64(heap.profile.wordSize), held = heap.memory.byteCount
        let objects = virtual.records.count - 1
        let itemCount = rootCount + max(0, objects) + others.count
        var first = 0, words = 0
        func bound(_ size: UInt64) -> Int { Int(min(size, held) / wordSize) }
        let allReadings = readings
        virtual.records.withUnsafeBufferPointer { records in allReadings.withUnsafeBufferPointer { readings in
            for item in 0..<itemCount {
                if item < rootCount {
                    words += bound(heap.roots[item].range.size)
                } else if item < rootCount + objects {
                    let place = item - rootCount + 1
                    if place + 24 < records.count {
                        engine_prefetch(columns.sizes + records[place + 24].id.index)
                        engine_prefetch(readings.baseAddress.map { $0 + records[place + 24].id.index })
                    }
                    let row = records[place].id.index
                    if readings[row] == Reading.whole.rawValue {
                        words += bound(columns.sizes[row])
                    } else if readings[row] == Reading.inParts.rawValue {
                        for part in heap.scannedParts(of: ObjectID(row)).ranges { words += bound(part.size) }
                    }
                } else if readings[others[item - rootCount - objects].index] != Reading.none.rawValue {
                    for part in heap.scannedParts(of: others[item - rootCount - objects]).ranges { words += bound(part.size) }
                }
                if words >= Self.shardWords || item == itemCount - 1 {
                    shards.append(Shard(items: first..<item + 1, firstReference: UInt32(capacity)))
                    capacity += words * referencesPerWord
                    first = item + 1
                    words = 0
                }
            }
        } }
        precondition(capacity < ReferenceGraph.Block.none, "a heap above the limit of words is not to be scanned")
    }
}
