import CEngine
import HeapModel

/// The gray list of a pass, of all times, by number (`RankOrder`): first in, first out, so nothing of it is ever removed.
struct GrayList {
    /// Numbers, with `ENGINE_UNREAD` where nothing is read.
    let order: UnsafeMutablePointer<UInt32>
    /// When it was taken up.
    let scannedAt: UnsafeMutablePointer<UInt32>
    private let reachedAt: UnsafeMutablePointer<UInt32>
    /// Of these, to become what the recording keeps.
    private let orderMemory, scannedMemory, reachedMemory: ReservedMemory<UInt32>
    private(set) var count = 0
    /// The next one to be scanned.
    var head = 0

    /// Of nothing.
    /// - Parameter capacity: how many objects may join.
    init(capacity: Int = 0) {
        (orderMemory, scannedMemory, reachedMemory) = (
            ReservedMemory(capacity: capacity), ReservedMemory(capacity: capacity), ReservedMemory(capacity: capacity))
        (order, scannedAt, reachedAt) = (orderMemory.base, scannedMemory.base, reachedMemory.base)
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

    /// Ends the list, whose memory goes to the recording: the numbers become rows.
    /// - Parameter places: by row, `ScanRecording.never` for all objects; becomes the place of each that is on the list.
    func tell(_ pass: inout ScanRecording.Pass, in places: inout [UInt32], _ graph: ReferenceGraph, _ threads: Int) {
        precondition(places.count == graph.numbers.count, "there is a place for each object")
        places.withUnsafeMutableBufferPointer { places in
            guard let base = places.baseAddress else { return }
            // Each thread has its own part, and an object is on the list once.
            nonisolated(unsafe) let (order, places) = (order, base)
            Parallel.run(threads) { part in
                let rows = graph.rows, range = Parallel.part(part, of: threads, count: count)
                for place in range { order[place] = rows[Int(order[place] & ~UInt32(ENGINE_UNREAD))] }
                for place in range {
                    if place + 48 < range.upperBound { engine_prefetch_to_write(places + Int(order[place + 48])) }
                    places[Int(order[place])] = UInt32(truncatingIfNeeded: place)
                }
            }
        }
        pass.places = places
        pass.order = Timeline(orderMemory.rebound(to: ObjectID.self), count: count)
        pass.reachedAt = Timeline(reachedMemory, count: count)
        pass.scannedAt = Timeline(scannedMemory, count: head)
    }
}
