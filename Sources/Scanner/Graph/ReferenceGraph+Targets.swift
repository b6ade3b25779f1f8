import HeapModel

extension ReferenceGraph {
    /// Calls `body` with the number (`RankOrder`) of each reference's target, in the order of the block's words.
    @inline(__always)
    func forEachTarget(ofBlock block: Int, _ body: (UInt32) -> Void) {
        var next = blocks.base[block].first
        guard next != 0 else { return }
        var target: UInt32
        repeat {
            target = targets.base[Int(next)]
            body(target & ~Self.isLast)
            next += 1
        } while target & Self.isLast == 0
    }
}
