import HeapModel

/// What is not told by the index of addresses about whose memory an address is: as long as objects and roots stay where they
/// are, it is the same.
struct HolderTable: Sendable {
    /// Where the bytes of PHYS and PERCPU objects stand, which their own addresses do not say; ascending.
    private let displaced: [(range: AddressRange, id: ObjectID)]
    /// What has a row in the table but is not in use any more.
    private let freed: [ObjectID]
    /// Ascending in their start, with their place among the heap's: thousands of them, which may overlap.
    private let roots: [(range: AddressRange, place: Int)]
    /// The last byte of any root up to this one.
    private let lastBytes: [Address]

    /// - Complexity: O(objects)
    init(of heap: Heap) {
        // Nearly all objects are in use and stand at their own address.
        let usual = ObjectFlags.allocated, told = ObjectFlags([.allocated, .phys, .perCPU]).rawValue, flags = heap.objects.flags
        let unusual = flags.indices.filter { flags[$0].rawValue & told != usual.rawValue }.map { ObjectID($0) }
        let elsewhere = unusual.filter { flags[$0.index].contains(.allocated) }
        displaced = elsewhere.flatMap { id in heap.contents(of: id).map { ($0, id) } }.sorted { $0.range.start < $1.range.start }
        freed = unusual.filter { !flags[$0.index].contains(.allocated) }
        roots = heap.roots.enumerated().map { ($1.range, $0) }.filter { $0.range.size > 0 }.sorted { $0.range.start < $1.range.start }
        var last = Address(0)
        lastBytes = roots.map { root in
            last = max(last, root.range.start + (root.range.size - 1))
            return last
        }
    }

    /// Places of the roots that contain an address, in the order of the heap.
    func roots(containing address: Address) -> [Int] {
        var places: [Int] = [], next = roots.partitioningIndex { $0.range.start > address }
        while next > 0, lastBytes[next - 1] >= address {
            next -= 1
            if roots[next].range.contains(address) { places.append(roots[next].place) }
        }
        return places.sorted()
    }

    /// The PHYS or PERCPU object whose bytes stand there.
    func displacedObject(at address: Address) -> ObjectID? {
        let place = displaced.partitioningIndex { $0.range.start > address } - 1
        return place >= 0 && displaced[place].range.contains(address) ? displaced[place].id : nil
    }

    func freedObject(at address: Address, in heap: Heap) -> ObjectID? {
        freed.last { id in heap.contents(of: id).contains { $0.contains(address) } }
    }
}
