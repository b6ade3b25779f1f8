/// What a generated heap is to be like.
package struct GeneratorOptions: Hashable, Sendable {
    /// How many objects are tracked.
    package var objects: Int
    package var seed: UInt64
    /// The share of the objects that are leaks; at least one of ten objects or more, unless it is 0.
    package var leaks = 0.001
    /// The share of the words of objects and sections that are pointers.
    package var density = 0.17
    /// The share of the leaks that lie in rings, which only point at themselves.
    package var cycles = 0.2

    package static let objectCounts = 1...10_000_000
    package static let leakShares = 0...0.5
    package static let densities = 0...0.8

    package init(objects: Int, seed: UInt64) {
        self.objects = objects
        self.seed = seed
    }

    var leakCount: Int { leaks > 0 && objects >= 10 ? max(1, Int(Double(objects) * leaks)) : Int(Double(objects) * leaks) }
}
