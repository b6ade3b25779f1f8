/// What happened one after the other: grows at its end, and may be as long as the table of objects.
///
/// Unlike an array it can take over the memory that it was written down in. Copies share it until one of them grows.
package struct Timeline<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, Sendable {
    private var memory: ReservedMemory<Element>
    package private(set) var count: Int

    init() { self.init(ReservedMemory(capacity: 0), count: 0) }

    /// - Parameter memory: nobody else writes to it.
    init(_ memory: ReservedMemory<Element>, count: Int) { (self.memory, self.count) = (memory, count) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(place: Int) -> Element {
        precondition(place >= 0 && place < count, "there is no such place")
        return memory.base[place]
    }

    mutating func append(_ element: Element) {
        if count == memory.count || !isKnownUniquelyReferenced(&memory) {
            let larger = ReservedMemory<Element>(capacity: Swift.max(16, 2 * count))
            larger.base.update(from: memory.base, count: count)
            memory = larger
        }
        memory.base[count] = element
        count += 1
    }
}

extension Timeline: Equatable where Element: Equatable {
    package static func == (left: Timeline, right: Timeline) -> Bool { left.elementsEqual(right) }
}
