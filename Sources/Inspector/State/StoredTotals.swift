import HeapModel

extension ObjectTable {
    /// How many objects have each of the colours that the heap came with.
    var storedTotals: [Shade: Int] {
        var white = 0, ignored = 0
        let counts = counts.array, minCounts = minCounts
        for row in minCounts.indices {
            switch Colour(count: counts[row], minCount: minCounts[row]) {
            case .white: white += 1
            case .gray: break
            case .black: ignored += 1
            }
        }
        return [.white: white, .gray: count - white - ignored, .ignored: ignored].filter { $0.value > 0 }
    }
}
