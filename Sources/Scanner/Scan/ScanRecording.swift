import HeapModel

/// A position in a recording: how many steps of the scan have been done.
///
/// Each word examined is a step; so are the beginning of a phase, of a block, the checksum of an object and a report.
package typealias Tick = Int

/// What a scan leaves behind: enough to tell the state at any of its ticks without running it again.
///
/// Within one pass colours only move forward, counts only grow and the gray list is first in, first out. So its whole
/// history is a few flat arrays of facts with times, and "the state at a tick" is a comparison or a binary search
/// (`Moment`); there is nothing to undo. What the living kernel changes meanwhile makes an epoch with a heap of its own.
package struct ScanRecording: Sendable {
    /// Ascending in tick; the first is the heap as it stood when the scan began.
    package internal(set) var epochs: [Epoch]
    /// One, or a full and a confirming one.
    package internal(set) var passes: [Pass] = []
    /// The spans that are kept, ascending in tick: all of them, or where there is a `graph` those of neither blocks nor words.
    var marks: [Span] = []
    /// Of a heap that stood still: what its words point at. Which words were read is told by the heap, so that only where
    /// blocks begin is kept.
    package internal(set) var graph: ReferenceGraph?
    /// The roots as they stood when the scan began; behind them, those of tasks that came later.
    package internal(set) var roots: [Root]
    package internal(set) var phases: [(phase: Phase, tick: Tick)] = []
    /// The changes of counts that turned no object gray, ascending in tick. The others are told by the passes.
    var partialChanges: [CountChange] = []
    /// Newly reported objects in creation order, with the tick of their report.
    package internal(set) var leaks: [(id: ObjectID, tick: Tick)] = []
    /// Words examined in all.
    package internal(set) var wordCount = 0
    /// Look-ups that found a tracked object other than the one being scanned.
    package internal(set) var referenceCount = 0
    /// One past the last tick.
    package internal(set) var endTick: Tick = 0
    /// Whether the scan was told to stop before its end; then nothing is reported.
    package internal(set) var wasInterrupted = false
    /// How many objects of the heap as it stood when the scan began are ignored.
    let ignoredCount: Int
    /// How many of these are only supposed to be freed, and count nowhere.
    var freedCount = 0
    /// The heap as the scan left it: counts, checksums, REPORTED, `last_scan`. What was freed meanwhile still has a row.
    package internal(set) var outcome: Heap

    static let never = UInt32.max

    /// - Parameter index: of the heap's objects.
    init(heap: Heap, index: ObjectIndex) {
        epochs = [Epoch(tick: 0, heap: heap, index: index, deeds: [])]
        roots = heap.roots
        ignoredCount = heap.objects.minCounts.reduce(0) { $0 &+ ($1 == -1 ? 1 : 0) }
        outcome = heap
    }

    /// The root's index in `roots`, to which it is added when it is new.
    mutating func number(of root: Root, near guess: Int) -> Int {
        if guess < roots.count, roots[guess] == root { return guess }
        if let number = roots.firstIndex(of: root) { return number }
        roots.append(root)
        return roots.count - 1
    }

    /// The scan's steps as runs of like ones.
    package var spans: Spans { Spans(of: self) }
}

extension ScanRecording {
    /// A stretch of the scan during which memory and the set of objects stay as they are.
    package struct Epoch: Sendable {
        /// Where it begins: a step `.meanwhile`, or the scan's beginning.
        package let tick: Tick
        package let heap: Heap
        package let index: ObjectIndex
        /// What the kernel did, in words.
        package let deeds: [String]
    }

    /// Steps of one kind that follow one another.
    package struct Span: Sendable {
        package let tick: Tick
        package let what: What
        /// One past its last tick.
        package let end: Tick

        init(tick: Tick, what: What, end: Tick? = nil) {
            self.tick = tick
            self.what = what
            self.end = end ?? tick + 1
        }

        /// Steps.
        package var count: Int { end - tick }

        /// Words go on until the next span begins.
        func ended(at end: Tick) -> Span { Span(tick: tick, what: what, end: end) }

        package enum What: Sendable {
            case phase(Phase)
            /// A block is taken up; an index of `blocks`.
            case block(Int)
            /// Consecutive words from this address on, of the block taken up last.
            case words(from: Address)
            /// A white object's contents are compared with the last scan's.
            case checksum(ObjectID)
            /// A white object waits for the confirming pass.
            case suspect(ObjectID)
            case report(ObjectID)
            /// The rest of the kernel did something; an index of `epochs`.
            case meanwhile(Int)
            case end
        }
    }

    /// One change of an object's count.
    package struct CountChange: Sendable {
        private let storedTick: UInt32
        package let target: ObjectID
        /// The count from this tick on.
        package let count: Int32

        init(tick: Tick, target: ObjectID, count: Int32) {
            storedTick = UInt32(truncatingIfNeeded: tick)
            self.target = target
            self.count = count
        }

        package var tick: Tick { Tick(storedTick) }
    }
}

extension ScanRecording {
    /// The heap as it stood when the scan began.
    package var heap: Heap { epochs[0].heap }

    /// The tick at which the object turned gray, in the pass that `tick` lies in; nil if it stayed white or is black.
    package func tickReached(_ id: ObjectID, around tick: Tick) -> Tick? {
        passes[passIndex(at: tick)].tickReached(id)
    }

    func passIndex(at tick: Tick) -> Int { max(0, passes.partitioningIndex { $0.tick > tick } - 1) }
    func epochIndex(at tick: Tick) -> Int { max(0, epochs.partitioningIndex { $0.tick > tick } - 1) }

    /// The last position of the recording: everything done.
    package var lastTick: Tick { endTick - 1 }

    /// The present that the scan began at.
    package var now: Jiffies { heap.jiffies }

    /// Bytes that the recording itself takes, without heaps and graph.
    package var byteCount: Int {
        marks.count * MemoryLayout<Span>.stride + partialChanges.count * MemoryLayout<CountChange>.stride
            + passes.reduce(0) { $0 + $1.byteCount }
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
