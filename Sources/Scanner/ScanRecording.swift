import HeapModel

/// A position in a recording: how many steps of the scan have been done.
///
/// Each word examined is a step; so are the beginning of a phase, of a block, the checksum of an object and a report.
package typealias Tick = Int

/// What a scan leaves behind: enough to tell the state at any of its ticks without running it again.
///
/// Within one scan colours only move forward, counts only grow and the gray list is first in, first out. So its whole
/// history is a few flat arrays of facts with times, and "the state at a tick" is a comparison or a binary search
/// (`Moment`); there is nothing to undo.
package struct ScanRecording: Sendable {
    /// The heap as it stood when the scan began.
    package let heap: Heap
    package let index: ObjectIndex
    /// The scan's steps as runs of like ones, ascending in tick.
    package internal(set) var spans: [Span] = []
    package internal(set) var blocks: [Block] = []
    package internal(set) var phases: [(phase: Phase, tick: Tick)] = []
    /// Every object that was on the gray list, in the order in which it joined: the gray list of all times.
    package internal(set) var order: [ObjectID] = []
    /// Every change of a count, ascending in tick.
    package internal(set) var changes: [CountChange] = []
    /// Newly reported objects in creation order, with the tick of their report.
    package internal(set) var leaks: [(id: ObjectID, tick: Tick)] = []
    /// Words examined in all.
    package internal(set) var wordCount = 0
    /// Look-ups that found a tracked object other than the one being scanned.
    package internal(set) var referenceCount = 0
    /// How many objects kmemleak ignores.
    package internal(set) var ignoredCount = 0
    /// One past the last tick.
    package internal(set) var endTick: Tick = 0
    /// Whether the scan was told to stop before its end; then nothing is reported.
    package internal(set) var wasInterrupted = false
    /// What each object needs during this scan: as in the heap, but PHYS objects outside low memory are black.
    package internal(set) var minCounts: [Int32]
    /// PHYS objects outside low memory, which are black and NO_SCAN from now on (`__paint_it()`).
    package internal(set) var painted: [ObjectID] = []
    /// Checksums that were computed and differ from the heap's.
    package internal(set) var newChecksums: [(id: ObjectID, checksum: UInt32)] = []

    /// By object: the tick at which it turned gray, `never` if it did not.
    var reachedAt: [UInt32]
    /// By object: the tick at which it was taken off the gray list.
    var scannedAt: [UInt32]
    /// By object: its last entry in `changes`, `never` if there is none.
    var lastChange: [UInt32]

    static let never = UInt32.max

    init(heap: Heap) {
        self.heap = heap
        index = ObjectIndex(heap.objects)
        minCounts = heap.objects.minCounts
        let none = [UInt32](repeating: Self.never, count: heap.objects.count)
        (reachedAt, scannedAt, lastChange) = (none, none, none)
    }
}

extension ScanRecording {
    /// Steps of one kind that follow one another.
    package struct Span: Sendable {
        package let tick: Tick
        package let what: What

        package enum What: Sendable {
            case phase(Phase)
            /// A block is taken up; an index of `blocks`.
            case block(Int)
            /// Consecutive words from this address on, of the block taken up last.
            case words(from: Address)
            /// A white object's contents are compared with the last scan's.
            case checksum(ObjectID)
            case report(ObjectID)
            case end
        }
    }

    /// A range that is scanned: a root, or an object from the gray list.
    package struct Block: Sendable {
        package let source: Source
        package let tick: Tick

        package enum Source: Hashable, Sendable {
            /// An index of the heap's roots.
            case root(Int)
            case object(ObjectID)
        }
    }

    /// One change of an object's count.
    package struct CountChange: Sendable {
        private let storedTick: UInt32
        package let target: ObjectID
        /// The count from this tick on.
        package let count: Int32
        /// The change of the same object before this one.
        let previous: UInt32

        init(tick: Tick, target: ObjectID, count: Int32, previous: UInt32) {
            storedTick = UInt32(tick)
            self.target = target
            self.count = count
            self.previous = previous
        }

        package var tick: Tick { Tick(storedTick) }
    }
}

extension ScanRecording {
    /// The tick at which the object turned gray; nil if it stayed white or is black.
    package func tickReached(_ id: ObjectID) -> Tick? {
        reachedAt[id.index] == Self.never ? nil : Tick(reachedAt[id.index])
    }


    /// The last position of the recording: everything done.
    package var lastTick: Tick { endTick - 1 }

    /// Index of the span that holds `tick`.
    package func spanIndex(at tick: Tick) -> Int { spans.partitioningIndex { $0.tick > tick } - 1 }

    /// The present that the scan began at; it becomes `last_scan`.
    package var now: Jiffies { heap.jiffies }

    /// Bytes that the recording itself takes, without the heap.
    package var byteCount: Int {
        spans.count * MemoryLayout<Span>.stride + blocks.count * MemoryLayout<Block>.stride
            + order.count * MemoryLayout<ObjectID>.stride + changes.count * MemoryLayout<CountChange>.stride
            + minCounts.count * (MemoryLayout<Int32>.stride + 3 * MemoryLayout<UInt32>.stride)
    }

    /// Carries the scan's outcome over to the heap it was made from: counts, checksums, REPORTED, `last_scan`.
    package func apply(to heap: inout Heap) {
        let last = Moment(recording: self, tick: lastTick)
        for id in heap.objects.ids {
            heap.objects.counts[id.index] = last.count(of: id)
        }
        for id in painted {
            heap.objects.minCounts[id.index] = -1
            heap.objects.flags[id.index].insert(.noScan)
        }
        for (id, checksum) in newChecksums { heap.objects.checksums[id.index] = checksum }
        for (id, _) in leaks { heap.objects.flags[id.index].insert(.reported) }
        heap.lastScan = now
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element fulfils `predicate`; all later ones must, too.
    package func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = startIndex, high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
