import HeapModel

/// The words of a block that a scan examines, as runs of consecutive ones (`scan_block()`; `kmemleak.md`, section 5).
package struct BlockWords {
    /// MAX_SCAN_SIZE: a long block is read in chunks of this many bytes.
    package static let chunkSize: UInt64 = 4096

    package let memory: Memory
    /// Bytes in a word: 8 or 4.
    package let wordSize: UInt64

    /// Consecutive words that stand in one segment of memory, or a single word across two.
    package struct Run {
        package let address: Address
        package let count: Int
        /// nil for a word that straddles adjacent segments.
        package let segment: Int?
    }

    package init(of heap: Heap) {
        memory = heap.memory
        wordSize = UInt64(heap.profile.wordSize)
    }

    /// Calls `body` for each run, ascending.
    ///
    /// Words are aligned. A chunked block is cut from its RAW start, each chunk is aligned by itself, and so the word
    /// across each cut is not looked at when the start is not aligned.
    package func forEachRun(in range: AddressRange, chunked: Bool, _ body: (Run) -> Void) {
        guard chunked, range.start.rawValue % wordSize != 0 else { return words(in: range, body) }
        for chunk in chunks(of: range, chunked: true) { words(in: chunk, body) }
    }

    /// The pieces in which a block is read, one after the other: its chunks, or all of it. Only the chunks of which there are
    /// bytes: a block may be far larger than what is held of it.
    package func chunks(of range: AddressRange, chunked: Bool) -> [AddressRange] {
        guard chunked else { return [range] }
        var chunks: [AddressRange] = []
        var next: UInt64 = 0
        for index in memory.segments(in: range) {
            let held = memory.overlap(of: memory.segments[index], with: range)
            let first = max(next, (held.start - range.start) / Self.chunkSize)
            let last = (held.start - range.start + (held.size - 1)) / Self.chunkSize
            guard first <= last else { continue }
            for chunk in first...last {
                let offset = chunk * Self.chunkSize
                chunks.append(AddressRange(start: range.start + offset, size: min(Self.chunkSize, range.size - offset)))
            }
            next = last + 1
        }
        return chunks
    }

    /// Whether the aligned word at `address` is one of the block's: not cut off by an end of the block or of a chunk.
    package func reads(_ address: Address, in range: AddressRange, chunked: Bool) -> Bool {
        let offset = address - range.start
        guard offset < range.size, range.size - offset >= wordSize else { return false }
        return !chunked || offset / Self.chunkSize == (offset + wordSize - 1) / Self.chunkSize
    }

    /// The words of a chunk as ranges of whole words.
    package func wordRanges(in chunk: AddressRange) -> [AddressRange] {
        var ranges: [AddressRange] = []
        words(in: chunk) { ranges.append(AddressRange(start: $0.address, size: UInt64($0.count) * wordSize)) }
        return ranges
    }

    /// The aligned whole words of `range` whose bytes are all held.
    private func words(in range: AddressRange, _ body: (Run) -> Void) {
        let skipped = (wordSize - range.start.rawValue % wordSize) % wordSize
        guard range.size >= skipped, range.size - skipped >= wordSize else { return }
        let first = range.start.rawValue + skipped
        let count = (range.size - skipped) / wordSize
        // In words from `first`: one past the last word may lie past the top of the address space.
        var done: UInt64 = 0
        for index in memory.segments(in: AddressRange(start: Address(first), size: count * wordSize)) {
            let segment = memory.segments[index]
            if segment.start > first {
                let gap = segment.start - first
                done = max(done, gap / wordSize + (gap % wordSize == 0 ? 0 : 1))
            }
            guard done < count else { return }
            let address = first + done * wordSize
            // The segment may end before a word that is looked at next.
            guard address < segment.start || address - segment.start < segment.count else { continue }
            let held = segment.count - (address - segment.start)
            let whole = min(count - done, held / wordSize)
            if whole > 0 {
                body(Run(address: Address(address), count: Int(whole), segment: index))
                done += whole
            }
            // A word may begin in this segment and end in the next.
            if done < count, held % wordSize != 0 {
                let straddling = Address(first + done * wordSize)
                if memory.word(at: straddling, size: Int(wordSize)) != nil {
                    body(Run(address: straddling, count: 1, segment: nil))
                }
                done += 1
            }
        }
    }
}
