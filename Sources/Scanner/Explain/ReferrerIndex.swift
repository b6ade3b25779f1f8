import CEngine
import Foundation
import HeapModel

/// For each object of a heap that stands still, the stretches of memory in which a word points into it: who points at it
/// then is found by reading those again, rather than all that is held.
///
/// All words count, whether a scan reads them or not. Two bytes a pair of object and stretch: about 20 bytes an object.
package struct ReferrerIndex: Sendable {
    private let stretches: Stretches
    /// By row, the object's number.
    private let numbers: [UInt32]
    /// By number, where its stretches begin in `list`; one more behind the last.
    private let starts: ReservedMemory<UInt32>
    /// Ascending for each object; neighbours may be the same.
    private let list: ReservedMemory<UInt16>
    private let pairCount: Int
    let blocks: HolderTable
    /// Of the objects that it was made for.
    private let pointers: Column<Address>

    /// Reads all memory that is held, twice.
    ///
    /// - Parameter graph: of the same heap, with which it shares what they have in common.
    package init(
        of heap: Heap, sharing graph: ReferenceGraph? = nil, threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        let rank = RankIndex(heap.objects), stretches = Stretches(of: heap.memory, wordSize: heap.profile.wordSize)
        let objectCount = heap.objects.count, threads = max(1, min(threads, stretches.count))
        let starts = ReservedMemory<UInt32>(capacity: objectCount + 2)
        // By part of memory: for each object the pairs, and then the places where they go.
        let cursors = (0..<threads).map { _ in ReservedMemory<UInt32>(capacity: objectCount + 1) }
        func sweep(into list: ReservedMemory<UInt16>?) {
            Parallel.run(threads) { part in
                let own = Parallel.part(part, of: threads, count: stretches.count)
                ReferrerSweep.read(heap, stretches, own, rank, cursors: cursors[part].base, list: list?.base)
            }
        }
        sweep(into: nil)
        var total: UInt32 = 0
        for number in 0...objectCount {
            starts.base[number] = total
            for part in cursors {
                let count = part.base[number]
                part.base[number] = total
                total += count
            }
        }
        starts.base[objectCount + 1] = total
        let list = ReservedMemory<UInt16>(capacity: Int(total))
        sweep(into: list)
        self.stretches = stretches
        numbers = graph.map(\.numbers) ?? rank.order.numbers
        (self.starts, self.list, pairCount) = (starts, list, Int(total))
        blocks = HolderTable(of: heap)
        pointers = heap.objects.pointers
    }

    /// Whether it is of this heap, too: what a file holds does not change.
    package func isValid(for heap: Heap) -> Bool { heap.memory.isMapped && heap.objects.pointers == pointers }

    /// Ranges that have all the words which point at an object, ascending.
    func ranges(pointingTo id: ObjectID, in memory: Memory) -> [AddressRange] {
        let number = Int(numbers[id.index]), end = Int(starts.base[number + 1])
        var ranges: [AddressRange] = [], last = -1
        for place in Int(starts.base[number])..<end where Int(list.base[place]) != last {
            last = Int(list.base[place])
            ranges += stretches.ranges(of: last, in: memory)
        }
        return ranges
    }

    package var byteCount: Int { pairCount * 2 + numbers.count * 8 }
}
