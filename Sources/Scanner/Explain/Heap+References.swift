import HeapModel

extension Heap {
    /// Every aligned word anywhere in memory that points into the object, ascending in address.
    ///
    /// None for an object that was freed, nor for PHYS ones: kmemleak never finds them by value.
    /// - Parameter referrers: of this heap, where it is at hand.
    /// - Complexity: O(bytes held); with `referrers`, O(stretches of memory that point at it)
    package func references(to target: ObjectID, _ index: ObjectIndex, _ referrers: ReferrerIndex? = nil) -> [Reference] {
        guard ObjectKind(objects.flags[target.index]) != .phys else { return [] }
        let words = BlockWords(of: self), range = objects.range(of: target)
        // In halves, since a range cannot hold the whole address space.
        let halves = [Address(0), Address(1 << 63)].map { AddressRange(start: $0, size: 1 << 63) }
        let found = (referrers?.ranges(pointingTo: target, in: memory) ?? halves).flatMap { part in
            words.candidates(in: part, for: range)
        }.filter { index.targets(of: $0.value).contains(target) }
        guard !found.isEmpty else { return [] }
        let holders = Holders(self, index, referrers?.blocks)
        return found.map { Reference($0, to: target, in: holders.holder(of: $0.address), of: self) }
    }

    /// The words of the object that point into tracked objects, itself included: CPU by CPU, ascending in address.
    ///
    /// All aligned whole words of its contents, whether a scan would read them or not.
    package func references(from id: ObjectID, _ index: ObjectIndex) -> [Reference] {
        let words = BlockWords(of: self)
        return contents(of: id).flatMap { contents in
            words.candidates(in: contents, for: index.virtual.bounds, or: index.percpu.bounds)
        }.flatMap { word in
            index.targets(of: word.value).map { Reference(word, to: $0, in: .object(id), of: self) }
        }
    }
}

extension BlockWords {
    /// The words of `range` with a value in one of two ranges, ascending in address.
    func candidates(
        in range: AddressRange, for first: AddressRange, or second: AddressRange = AddressRange(start: Address(0), size: 0)
    ) -> [(address: Address, value: UInt64)] {
        var found: [(address: Address, value: UInt64)] = []
        func keep(_ value: UInt64, _ address: Address) {
            if first.contains(Address(value)) || second.contains(Address(value)) { found.append((address, value)) }
        }
        forEachRun(in: range, chunked: false) { run in
            guard let segment = run.segment else {
                if let word = memory.word(at: run.address, size: Int(wordSize)) { keep(word, run.address) }
                return
            }
            let offset = Int(run.address.rawValue - memory.segments[segment].start)
            memory.segments[segment].withBytes { bytes in
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                if wordSize == 8 {
                    bytes.forEachWord(UInt64.self, count: run.count, in: first, or: second) { keep($0, run.address + $1) }
                } else {
                    bytes.forEachWord(UInt32.self, count: run.count, in: first, or: second) { keep($0, run.address + $1) }
                }
            }
        }
        return found
    }
}

extension UnsafeRawBufferPointer {
    /// Calls `body` with each of the first `count` words whose value is in one of two ranges, and its offset.
    @inline(__always)
    fileprivate func forEachWord<Word: FixedWidthInteger & BitwiseCopyable>(
        _ type: Word.Type, count: Int, in first: AddressRange, or second: AddressRange, _ body: (UInt64, UInt64) -> Void
    ) {
        let (firstStart, firstSize) = (first.start.rawValue, first.size)
        let (secondStart, secondSize) = (second.start.rawValue, second.size)
        for position in 0..<count {
            let offset = position * MemoryLayout<Word>.size
            let word = UInt64(Word(littleEndian: loadUnaligned(fromByteOffset: offset, as: Word.self)))
            if word &- firstStart < firstSize || word &- secondStart < secondSize { body(word, UInt64(offset)) }
        }
    }
}
