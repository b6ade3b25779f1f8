import HeapModel

/// The kernel goes on running while it is scanned: what is called in the middle of a scan, and what it answers.
package enum ScanLife {
    /// A point at which the rest of the kernel may do something.
    package struct Point: Sendable {
        package let phase: Phase
        /// The block that is being read; nil at the beginning of a phase.
        package let block: Block?
        /// Words of the block that have been read.
        package let wordsOfBlock: Int
        /// Words that the scan has read so far.
        package let words: Int
    }

    package enum Block: Hashable, Sendable {
        case root(Root)
        case object(ObjectID)
    }

    /// What was done at a point.
    package struct Answer: Sendable {
        /// What changed the heap, in words; empty when nothing did.
        package var deeds: [String] = []
        /// After this many further words of the block the kernel wants to be asked again.
        package var wordsUntilNext = Int.max
        /// Whether nothing more will happen during this scan.
        package var isOver = false

        package init() {}

        /// Of a kernel that stands still.
        package static var still: Answer {
            var answer = Answer()
            answer.isOver = true
            return answer
        }
    }

    /// Asked when a phase begins, when a block is taken up, and when the words asked for have been read.
    package typealias Asking = (_ heap: inout Heap, _ point: Point) -> Answer
}
