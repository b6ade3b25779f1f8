import CEngine
import HeapModel

/// The gray list of a pass, of all times, by number (`RankOrder`): first in, first out, so nothing of it is ever removed.
struct GrayList {
    /// Numbers, with `ENGINE_UNREAD` where nothing is read.
    let order, scannedAt: UnsafeMutablePointer<UInt32>
    private let reachedAt: UnsafeMutablePointer<UInt32>
    private let memory: [ReservedMemory<UInt32>]
    private(set) var count = 0
    /// The next one to be scanned.
    var head = 0

    init(capacity: Int) {
        memory = (0..<3).map { _ in ReservedMemory(capacity: capacity) }
        (order, reachedAt, scannedAt) = (memory[0].base, memory[1].base, memory[2].base)
    }

    /// Only what needs no reference, in creation order.
    mutating func reset(_ columns: ObjectColumns, _ graph: ReferenceGraph, at tick: UInt32) {
        (count, head) = (0, 0)
        graph.numbers.withUnsafeBufferPointer { numbers in
            for row in 0..<columns.count where columns.minCounts[row] <= 0 && columns.minCounts[row] != -1 {
                join(numbers[row] | (columns.isRead(row) ? 0 : UInt32(ENGINE_UNREAD)), at: tick)
            }
        }
    }

    @inline(__always)
    mutating func join(_ number: UInt32, at tick: UInt32) {
        order[count] = number
        reachedAt[count] = tick
        count += 1
    }

    /// What is scanned next; nil when it has run dry. Chunks begin at the same places whenever they are asked for.
    var nextChunk: Range<Int>? {
        head < count ? head..<min(count, (head / Survey.blocks + 1) * Survey.blocks) : nil
    }

    /// What became of its objects, as `ScanRecording.Pass` tells it: when they joined, and when they were taken off.
    var times: (reached: [UInt32], scanned: [UInt32]) {
        (Array(copying: reachedAt, count: count), Array(copying: scannedAt, count: head))
    }

    /// The objects in their order, and by object its place.
    func objects(_ graph: ReferenceGraph) -> (order: [ObjectID], places: [UInt32]) {
        let numbers = UnsafePointer(order), count = count
        let order = graph.rows.withUnsafeBufferPointer { rows in
            Array(count: count) { objects in
                for place in 0..<count {
                    let number = numbers[place] & ~UInt32(ENGINE_UNREAD)
                    objects.initializeElement(at: place, to: ObjectID(rawValue: rows[Int(number)]))
                }
            }
        }
        let places = Array(count: graph.numbers.count) { places in
            places.initialize(repeating: ScanRecording.never)
            order.withUnsafeBufferPointer { order in
                guard let places = places.baseAddress else { return }
                for place in 0..<count {
                    if place + 24 < count { engine_prefetch_to_write(places + Int(order[place + 24].rawValue)) }
                    places[Int(order[place].rawValue)] = UInt32(truncatingIfNeeded: place)
                }
            }
        }
        return (order, places)
    }
}
