import HeapModel

/// A word in memory that points at a tracked object, whether a scan counts it or not.
package struct Reference: Hashable, Sendable {
    package let holder: Holder
    /// Where the word stands.
    package let address: Address
    /// What it holds.
    package let word: UInt64
    package let target: ObjectID
    /// Bytes from the start of `target`; 0 an exact pointer, more an interior one.
    package let offset: UInt64
    /// Whose copy of a PERCPU holder the word stands in.
    package let cpu: Int?

    /// Whose memory the word stands in.
    package enum Holder: Hashable, Sendable {
        case root(Root)
        case object(ObjectID)
        /// An object's that was freed while the scan ran, and nobody's since.
        case freed(ObjectID)
        /// Held memory that is neither a root's nor a tracked object's: free, or never tracked.
        case untracked
    }

    init(_ word: (address: Address, value: UInt64), to target: ObjectID, in holder: Holder, of heap: Heap) {
        self.holder = holder
        address = word.address
        self.word = word.value
        self.target = target
        offset = Address(word.value) - heap.objects.pointers[target.index]
        cpu = switch holder {
        case .object(let id), .freed(let id): heap.cpu(ofCopyOf: id, at: word.address)
        case .root, .untracked: nil
        }
    }
}

extension Heap {
    /// Whose copy of a PERCPU object an address lies in; nil of others.
    func cpu(ofCopyOf id: ObjectID, at address: Address) -> Int? {
        objects.flags[id.index].contains(.perCPU) ? contents(of: id).firstIndex { $0.contains(address) } : nil
    }
}
