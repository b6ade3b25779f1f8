/// Which parts of an address space are taken.
///
/// Kept as runs: neighbours are merged, so that a space filled from the bottom costs next to nothing to search.
struct TakenRanges: Sendable {
    let space: AddressRange
    /// Ascending offsets from the start of the space, which may end at the top of the address space; none touch.
    private var runs: [Range<UInt64>] = []

    init(space: AddressRange) { self.space = space }

    /// The lowest hole that a block of `size` bytes fits into; nil when there is none.
    ///
    /// - Parameter alignment: of the address, a power of two.
    func hole(size: UInt64, alignment: UInt64) -> Address? {
        var offset = aligned(0, alignment)
        for run in runs {
            if offset <= run.lowerBound, size <= run.lowerBound - offset { break }
            offset = max(offset, aligned(run.upperBound, alignment))
        }
        return offset <= space.size && size <= space.size - offset ? space.start + offset : nil
    }

    private func aligned(_ offset: UInt64, _ alignment: UInt64) -> UInt64 {
        let padding = (0 &- (space.start.rawValue &+ offset)) & (alignment - 1)
        return offset + min(padding, .max - offset)
    }

    /// Whether `range` lies in the space and no part of it is taken.
    func isFree(_ range: AddressRange) -> Bool {
        guard space.contains(range) else { return false }
        let place = offsets(of: range), next = index(endingAbove: place.lowerBound)
        return place.isEmpty || next == runs.count || runs[next].lowerBound >= place.upperBound
    }

    /// The parts of `range` that are free, ascending.
    func holes(in range: AddressRange) -> [AddressRange] {
        let place = offsets(of: range)
        var holes: [AddressRange] = [], from = place.lowerBound
        for run in runs[index(endingAbove: from)...].prefix(while: { $0.lowerBound < place.upperBound }) {
            if run.lowerBound > from { holes.append(AddressRange(start: space.start + from, size: run.lowerBound - from)) }
            from = run.upperBound
        }
        if from < place.upperBound { holes.append(AddressRange(start: space.start + from, size: place.upperBound - from)) }
        return holes
    }

    /// - Precondition: the range is free.
    mutating func take(_ range: AddressRange) {
        precondition(isFree(range), "a range is taken twice")
        guard range.size > 0 else { return }
        var run = offsets(of: range)
        let next = index(endingAbove: run.lowerBound)
        var merged = next..<next
        if next < runs.count, runs[next].lowerBound == run.upperBound {
            run = run.lowerBound..<runs[next].upperBound
            merged = next..<next + 1
        }
        if next > 0, runs[next - 1].upperBound == run.lowerBound {
            run = runs[next - 1].lowerBound..<run.upperBound
            merged = next - 1..<merged.upperBound
        }
        runs.replaceSubrange(merged, with: CollectionOfOne(run))
    }

    /// - Precondition: all of the range is taken.
    mutating func release(_ range: AddressRange) {
        guard range.size > 0 else { return }
        let gone = offsets(of: range), place = index(endingAbove: gone.lowerBound)
        precondition(place < runs.count && runs[place].lowerBound <= gone.lowerBound && gone.upperBound <= runs[place].upperBound,
            "a range that is not taken is released")
        let run = runs[place]
        let rest = [run.lowerBound..<gone.lowerBound, gone.upperBound..<run.upperBound].filter { !$0.isEmpty }
        runs.replaceSubrange(place...place, with: rest)
    }

    private func offsets(of range: AddressRange) -> Range<UInt64> {
        let start = range.start - space.start
        return start..<start + range.size
    }

    /// The first run that ends above `offset`.
    private func index(endingAbove offset: UInt64) -> Int {
        var low = 0, high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
