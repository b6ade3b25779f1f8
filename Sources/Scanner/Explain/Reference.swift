import HeapModel

/// A word in memory that points at a tracked object, whether a scan counts it or not.
package struct Reference: Hashable, Sendable {
    /// Whose memory the word stands in.
    package enum Holder: Hashable, Sendable {
        /// An index of the heap's `roots`.
        case root(Int)
        case object(ObjectID)
        /// Held memory that is neither a root's nor a tracked object's: free, or never tracked.
        case untracked
    }

    package let holder: Holder
    /// Where the word stands.
    package let address: Address
    package let word: UInt64
    package let target: ObjectID
    /// Bytes from the start of `target`; 0 an exact pointer, more an interior one.
    package let offset: UInt64
}

extension Heap {
    /// Every aligned word anywhere in memory that points into the object, ascending in address.
    ///
    /// - Complexity: O(bytes held)
    package func references(to target: ObjectID, _ index: ObjectIndex) -> [Reference] {
        let kind = ObjectKind(objects.flags[target.index]), range = objects.range(of: target)
        // PHYS objects are never found by value.
        guard kind != .phys, range.size > 0 else { return [] }
        let holders = Holders(self, index)
        return memory.words(in: range, size: profile.wordSize).compactMap { address, word in
            guard index.targets(of: word).contains(target) else { return nil }
            return Reference(
                holder: holders.holder(of: address), address: address, word: word, target: target, offset: word - range.start.rawValue)
        }
    }

    /// The words of the object that point into tracked objects, ascending in address, each target once.
    package func references(from id: ObjectID, _ index: ObjectIndex) -> [Reference] {
        let words = BlockWords(of: self), size = profile.wordSize
        return contents(of: id).flatMap { contents in
            words.wordRanges(in: contents).flatMap { run in
                stride(from: UInt64(0), to: run.size, by: size).flatMap { offset -> [Reference] in
                    let address = run.start + offset
                    guard let word = memory.word(at: address, size: size) else { return [] }
                    return index.targets(of: word).map { target in
                        Reference(
                            holder: .object(id), address: address, word: word, target: target,
                            offset: word - objects.pointers[target.index].rawValue)
                    }
                }
            }
        }
    }
}

/// Finds whose memory an address is.
private struct Holders {
    private let heap: Heap
    private let index: ObjectIndex
    /// Where the bytes of PHYS and PERCPU objects stand: their own addresses do not say.
    private let displaced: [(range: AddressRange, id: ObjectID)]

    init(_ heap: Heap, _ index: ObjectIndex) {
        self.heap = heap
        self.index = index
        displaced = heap.objects.ids.lazy.filter { !heap.objects.flags[$0.index].isDisjoint(with: [.phys, .perCPU]) }
            .filter { heap.objects.flags[$0.index].contains(.allocated) }
            .flatMap { id in heap.contents(of: id).map { ($0, id) } }
    }

    /// Where an object lies in a root, the root is named: it is what a person knows.
    func holder(of address: Address) -> Reference.Holder {
        if let root = heap.roots.firstIndex(where: { $0.range.contains(address) }) { return .root(root) }
        let id = index.virtual.object(containing: address) ?? displaced.first { $0.range.contains(address) }?.id
        return id.map(Reference.Holder.object) ?? .untracked
    }
}

extension Memory {
    /// The aligned words of all segments whose value lies in a range.
    fileprivate func words(in range: AddressRange, size: Int) -> [(Address, UInt64)] {
        let step = UInt64(size), first = range.start.rawValue, count = range.size
        var found: [(Address, UInt64)] = []
        for segment in segments {
            let skipped = (step - segment.start % step) % step
            guard segment.count >= skipped + step else { continue }
            segment.withBytes { bytes in
                var offset = Int(skipped)
                let end = Int(segment.count) - size
                while offset <= end {
                    let word = size == 8 ? bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                        : UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    if word &- first < count { found.append((Address(segment.start + UInt64(offset)), word)) }
                    offset += size
                }
            }
        }
        return found
    }
}
