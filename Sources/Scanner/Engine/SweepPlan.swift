import HeapModel

/// What a sweep reads, in its order: the roots, then the objects by their numbers.
///
/// The work is cut into shards of about the same size. How many threads do the shards is of no consequence for what they find.
struct SweepPlan {
    /// How an object is read.
    enum Reading: UInt8 {
        /// Not at all: freed, NO_SCAN, or black.
        case none
        /// Whole, at its own address.
        case whole
        /// In its scan areas.
        case inAreas
        /// In other parts: the copies of the CPUs, physical memory.
        case inParts
    }

    /// What one thread reads in one go.
    struct Shard {
        /// A root is its index in the heap's; an object, its number behind the roots.
        let items: Range<Int>
        /// At least as many elements as its blocks have in the stream.
        let streamLimit: Int
    }

    let rootCount: Int
    /// By number, a `Reading`.
    let readings: [UInt8]
    let areas: ScanAreas
    private(set) var shards: [Shard] = []

    /// Words of a shard: what is found in them stays near the processor until it is put in its place.
    private static let shardWords = 1 << 16

    init(_ heap: Heap, _ columns: ObjectColumns, _ index: RankIndex, threads: Int) {
        rootCount = heap.roots.count
        readings = Self.readings(of: heap, columns, index.order, threads)
        areas = ScanAreas(heap.objects, index.order)
        let itemCount = rootCount + readings.count - 1
        shards = Parallel.map(threads) { [self] part in
            shards(of: Parallel.part(part, of: threads, count: itemCount), heap, index)
        }.flatMap { $0 }
    }

    /// The item's place in the graph's blocks: objects by number, behind them the roots.
    func block(ofItem item: Int) -> Int { item < rootCount ? readings.count + item : item - rootCount + 1 }

    private static func readings(
        of heap: Heap, _ columns: ObjectColumns, _ order: RankOrder, _ threads: Int
    ) -> [UInt8] {
        let elsewhere = ObjectFlags([.phys, .perCPU]).rawValue
        var readings = [UInt8](repeating: Reading.none.rawValue, count: columns.count + 1)
        order.numbers.withUnsafeBufferPointer { numbers in
            readings.withUnsafeMutableBufferPointer { readings in
                // Each number is that of one row.
                nonisolated(unsafe) let readings = readings
                Parallel.run(threads) { part in
                    for row in Parallel.part(part, of: threads, count: columns.count) {
                        guard columns.isRead(row), columns.minCounts[row] != -1 else { continue }
                        readings[Int(numbers[row])] = (columns.flags[row] & elsewhere == 0 ? Reading.whole : .inParts).rawValue
                    }
                }
            }
        }
        for (id, areas) in heap.objects.areas where !areas.isEmpty {
            let number = Int(order.numbers[id.index])
            guard readings[number] != Reading.none.rawValue,
                heap.objects.flags[id.index].isDisjoint(with: [.fullScan, .perCPU])
            else { continue }
            readings[number] = Reading.inAreas.rawValue
        }
        return readings
    }

    private func shards(of items: Range<Int>, _ heap: Heap, _ index: RankIndex) -> [Shard] {
        let wordShift = UInt64(heap.profile.wordSize.trailingZeroBitCount), held = heap.memory.byteCount
        let copies = max(1, heap.perCPUOffsets?.count ?? 1)
        let referencesPerWord = index.virtual.count > 0 && index.percpu.count > 0 ? 2 : 1
        var shards: [Shard] = [], first = items.lowerBound, words = 0
        func bound(_ size: UInt64) -> Int { Int(truncatingIfNeeded: min(size, held) &>> wordShift) }
        areas.withReader { areas in
            var areas = areas
            index.order.sizes.withUnsafeBufferPointer { sizes in
                readings.withUnsafeBufferPointer { readings in
                    for item in items {
                        let number = item - rootCount + 1
                        if item < rootCount {
                            words += bound(heap.roots[item].range.size)
                        } else if readings[number] == Reading.whole.rawValue {
                            words += bound(RankOrder.atLeast(sizes[number]))
                        } else if readings[number] == Reading.inAreas.rawValue {
                            words += areas.areas(of: number).reduce(0) { $0 + bound($1.size) }
                        } else if readings[number] == Reading.inParts.rawValue {
                            words += bound(RankOrder.atLeast(sizes[number])) * copies
                        }
                        guard words >= Self.shardWords || item == items.upperBound - 1 else { continue }
                        let items = first..<item + 1
                        shards.append(Shard(items: items, streamLimit: items.count + words * referencesPerWord))
                        (first, words) = (item + 1, 0)
                    }
                }
            }
        }
        return shards
    }
}
