import HeapModel

/// What the scan made of one word.
package struct Verdict: Sendable {
    /// Where the word stands.
    package let address: Address
    /// What it holds.
    package let word: UInt64
    /// One for each object the word points into; empty when it points into none.
    package let hits: [Hit]

    package struct Hit: Sendable {
        /// The object that contains the address.
        package let target: ObjectID
        /// Bytes from the start of `target`; 0 an exact pointer, more an interior one.
        package let offset: UInt64
        package let outcome: Outcome
    }

    package enum Outcome: Equatable, Sendable {
        /// The object being scanned points at itself: not looked at.
        case selfReference
        /// kmemleak ignores the object.
        case ignored
        /// It had references enough already.
        case alreadyGray
        /// Counted: the count from → to, of `needed`.
        case counted(to: Int32, needed: Int32)
        /// The object was gray already, so the reference went to another one: its excess_ref.
        case passedOn(ObjectID, to: Int32, needed: Int32)
    }
}

extension Moment {
    /// What became of the word examined by this step; nil when the step examined none.
    package var verdict: Verdict? {
        let heap = heap
        guard case .word(let address) = step, let word = heap.memory.word(at: address, size: heap.profile.wordSize)
        else { return nil }
        let hits = index.targets(of: word).map { target in
            let range = heap.objects.range(of: target)
            return Verdict.Hit(target: target, offset: Address(word) - range.start, outcome: outcome(for: target))
        }
        return Verdict(address: address, word: word, hits: hits)
    }

    private func outcome(for target: ObjectID) -> Verdict.Outcome {
        if block?.source == .object(target) { return .selfReference }
        if let change = changes.first(where: { $0.target == target }) {
            return .counted(to: change.count, needed: heap.objects.minCounts[target.index])
        }
        if shade(of: target) == .ignored { return .ignored }
        let excess = heap.objects.excessReferences[target.index]
        if let change = changes.first(where: { heap.objects.pointers[$0.target.index] == excess }) {
            return .passedOn(change.target, to: change.count, needed: heap.objects.minCounts[change.target.index])
        }
        return .alreadyGray
    }
}
