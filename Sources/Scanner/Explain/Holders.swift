import HeapModel

/// Finds whose memory an address is.
struct Holders {
    private let heap: Heap
    private let index: ObjectIndex
    /// Of the heap's roots: thousands of them are compared for each word, without their names.
    private let roots: [AddressRange]
    /// Where the bytes of PHYS and PERCPU objects stand, which their own addresses do not say; ascending.
    private let displaced: [(range: AddressRange, id: ObjectID)]
    /// What has a row in the table but is not in use any more.
    private let freed: [ObjectID]

    init(_ heap: Heap, _ index: ObjectIndex) {
        self.heap = heap
        self.index = index
        roots = heap.roots.map(\.range)
        // Nearly all objects are in use and stand at their own address.
        let usual = ObjectFlags.allocated, told = ObjectFlags([.allocated, .phys, .perCPU]).rawValue, flags = heap.objects.flags
        let unusual = flags.indices.filter { flags[$0].rawValue & told != usual.rawValue }.map { ObjectID($0) }
        let elsewhere = unusual.filter { flags[$0.index].contains(.allocated) }
        displaced = elsewhere.flatMap { id in heap.contents(of: id).map { ($0, id) } }.sorted { $0.range.start < $1.range.start }
        freed = unusual.filter { !flags[$0.index].contains(.allocated) }
    }

    /// The one that a scan would read the word for. Where an object lies in a root, that is the root, as it is read whatever
    /// colour the object has; unless it is a stack, and stacks are not scanned.
    func holder(of address: Address) -> Reference.Holder { holders(of: address)[0] }

    /// All whose memory it is, never none: the object that a vmalloc'd stack is tracked as is read beside the stack.
    func holders(of address: Address) -> [Reference.Holder] {
        let roots = self.roots.indices.filter { self.roots[$0].contains(address) }.map { heap.roots[$0] }
        let (unread, read) = (roots.filter { !heap.reads($0) }, roots.filter(heap.reads))
        let object = object(at: address)
        let holders = read.map(Reference.Holder.root) + (object.map { [.object($0)] } ?? []) + unread.map(Reference.Holder.root)
        guard holders.isEmpty else { return holders }
        let last = freed.last { id in heap.contents(of: id).contains { $0.contains(address) } }
        return [last.map(Reference.Holder.freed) ?? .untracked]
    }

    private func object(at address: Address) -> ObjectID? {
        if let id = index.virtual.object(containing: address) { return id }
        let place = displaced.partitioningIndex { $0.range.start > address } - 1
        return place >= 0 && displaced[place].range.contains(address) ? displaced[place].id : nil
    }
}

extension Heap {
    /// Stacks are read unless `stack=off`.
    fileprivate func reads(_ root: Root) -> Bool { root.kind != .stack || scansStacks }
}
