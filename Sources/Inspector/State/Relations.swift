import HeapModel
import Scanner

/// What the references and why panes tell of the selected object. Finding it reads all of memory, so it is kept.
package struct Relations: Sendable {
    package let incoming: [Reference]
    package let outgoing: [Reference]
    package let explanation: Explanation
    fileprivate let key: Key

    /// What it was found for: memory and colours are the same as long as this is.
    fileprivate struct Key: Equatable {
        let object: ObjectID
        let start: Address
        /// Of the moment shown; nil in the present.
        let tick: Tick?
        let uptime: Microseconds
        let scan: ScanTold
        let scansStacks: Bool
    }
}

extension AppState {
    /// To be called after anything happened: finds the relations anew if a pane on the screen shows them and they are others.
    mutating func updateRelations() {
        guard showsRelations, let id = selection else { return }
        let key = Relations.Key(
            object: id, start: heap.objects.pointers[id.index], tick: moment?.tick, uptime: kmemleak.uptime,
            scan: scanTold, scansStacks: heap.scansStacks)
        guard relations?.key != key else { return }
        let referrers = referrersOfStillHeap()
        // In the present the end of the last scan tells why, if the object was there.
        let last = kmemleak.recording.map { Moment(recording: $0, tick: $0.lastTick) }
        let explained = moment ?? last.flatMap { $0.heap.objects.contains(id, at: key.start) ? $0 : nil }
        relations = Relations(
            incoming: heap.references(to: id, index, referrers), outgoing: heap.references(from: id, index),
            explanation: explained?.explanation(of: id, referrers) ?? heap.explanation(of: id), key: key)
        if case .white = relations?.explanation {
            updateLosses()
            updateUnreadBytes()
        }
    }

    var showsRelations: Bool { page == nil && layout.slots.contains { [.references, .why].contains($0.front) } }

    /// Made when it is wanted for the second time: whoever asks once is faster without.
    private mutating func referrersOfStillHeap() -> ReferrerIndex? {
        guard heap.memory.isMapped else { return nil }
        if let referrers, referrers.isValid(for: heap) { return referrers }
        guard relations != nil else { return nil }
        referrers = ReferrerIndex(of: heap, sharing: kmemleak.recording?.graph(of: heap))
        return referrers
    }
}

extension ObjectTable {
    fileprivate func contains(_ id: ObjectID, at start: Address) -> Bool { id.index < count && pointers[id.index] == start }
}
