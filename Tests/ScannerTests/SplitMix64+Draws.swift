import HeapModel

/// What tests draw.
extension SplitMix64 {
    /// True once in `n` times.
    mutating func once(in n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }

    mutating func pick<Choice>(_ choices: Choice...) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }

    mutating func number(_ range: ClosedRange<UInt64>) -> UInt64 { UInt64.random(in: range, using: &self) }
}
