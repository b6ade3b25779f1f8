extension Array {
    /// The elements in the ascending order of their keys, and the keys; stable.
    ///
    /// By digits of 11 bits, the lowest first; those that all keys have in common cost nothing, and of kernel addresses or
    /// sizes that is most.
    /// - Complexity: O(n)
    package func sortedByKey(_ key: (Element) -> UInt64) -> (keys: [UInt64], elements: [Element]) {
        let sorted = Self.sortedPairs(map { (key: key($0), element: $0) })
        return (sorted.map(\.key), sorted.map(\.element))
    }

    /// The same with a key for each place.
    // Unspecialised it takes ten times as long, and it is called from other modules.
    @_specialize(where Element == ObjectID)
    package func sorted(byKeys keys: [UInt64]) -> [Element] {
        Self.sortedPairs(indices.map { (key: keys[$0], element: self[$0]) }).map(\.element)
    }

    private static func sortedPairs(_ pairs: consuming [(key: UInt64, element: Element)]) -> [(key: UInt64, element: Element)] {
        var from = pairs
        let all = from.reduce((or: 0 as UInt64, and: UInt64.max)) { ($0.or | $1.key, $0.and & $1.key) }
        let different = all.or & ~all.and
        var to = from
        for shift in stride(from: 0 as UInt64, to: 64, by: 11) where different >> shift & 0x7ff != 0 {
            var places = [Int](repeating: 0, count: 0x800)
            from.withUnsafeBufferPointer { from in
                to.withUnsafeMutableBufferPointer { to in
                    for pair in from { places[Int(pair.key &>> shift & 0x7ff)] += 1 }
                    var next = 0
                    for digit in places.indices {
                        (places[digit], next) = (next, next + places[digit])
                    }
                    for pair in from {
                        let digit = Int(pair.key &>> shift & 0x7ff)
                        to[places[digit]] = pair
                        places[digit] += 1
                    }
                }
            }
            swap(&from, &to)
        }
        return from
    }
}
