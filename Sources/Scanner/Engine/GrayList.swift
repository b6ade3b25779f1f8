import CEngine
import HeapModel

/// The gray list of a pass, of all times, by number (`RankOrder`): first in, first out, so nothing of it is ever removed.
struct GrayList {
    /// Numbers, with `ENGINE_UNREAD` where nothing is read.
    let order, scannedAt: UnsafeMutablePointer<UInt32>
    private let reachedAt: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    /// The next one to be scanned.
    var head = 0

    init(capacity: Int) {
        order = .allocate(capacity: max(1, capacity))
        reachedAt = .allocate(capacity: max(1, capacity))
        scannedAt = .allocate(capacity: max(1, capacity))
    }

    func deallocate() {
        order.deallocate()
        reachedAt.deallocate()
        scannedAt.deallocate()
    }

    mutating func reset() { (count, head) = (0, 0) }

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

    /// Writes into the pass what became of its objects.
    func tell(_ pass: inout ScanRecording.Pass, _ graph: ReferenceGraph) {
        let count = count
        pass.reachedAt = Array(UnsafeBufferPointer(start: reachedAt, count: count))
        pass.scannedAt = Array(UnsafeBufferPointer(start: scannedAt, count: head))
        pass.order = graph.rows.withUnsafeBufferPointer { rows in
            Array(count: count) { objects in
                for place in 0..<count {
                    let number = order[place] & ~UInt32(ENGINE_UNREAD)
                    objects.initializeElement(at: place, to: ObjectID(rawValue: rows[Int(number)]))
                }
            }
        }
        var places = [UInt32](inLargePages: ScanRecording.never, count: graph.numbers.count)
        places.withUnsafeMutableBufferPointer { places in
            pass.order.withUnsafeBufferPointer { order in
                guard let places = places.baseAddress else { return }
                for place in 0..<count {
                    if place + 24 < count { engine_prefetch_to_write(places + Int(order[place + 24].rawValue)) }
                    places[Int(order[place].rawValue)] = UInt32(truncatingIfNeeded: place)
                }
            }
        }
        pass.places = places
    }
}
