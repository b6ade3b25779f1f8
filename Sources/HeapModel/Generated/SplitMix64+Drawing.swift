/// What a generated heap draws. The standard library's own draws are not promised to stay the same.
extension SplitMix64 {
    /// From 0 up to, not including, `bound`, which is at most 2^32.
    mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }

    /// True once in `n` times.
    mutating func oneIn(_ n: Int) -> Bool { below(n) == 0 }

    /// From 0 up to `bound`, small numbers far more often than large ones.
    mutating func skewed(_ bound: Int) -> Int { below(below(below(bound) + 1) + 1) }

    /// The first `count` elements become a random choice of all, in random order.
    mutating func shuffle(_ elements: inout [UInt32], first count: Int) {
        for place in 0..<min(count, elements.count) {
            elements.swapAt(place, place + below(elements.count - place))
        }
    }
}
