import HeapModel

/// Finds whose memory an address is.
struct Holders {
    private let heap: Heap
    private let index: ObjectIndex
    private let table: HolderTable

    /// - Parameter table: of the heap, where it is at hand; making it is O(objects).
    init(_ heap: Heap, _ index: ObjectIndex, _ table: HolderTable? = nil) {
        self.heap = heap
        self.index = index
        self.table = table ?? HolderTable(of: heap)
    }

    /// The one that a scan would read the word for. Where an object lies in a root, that is the root, as it is read whatever
    /// colour the object has; unless it is a stack, and stacks are not scanned.
    func holder(of address: Address) -> Reference.Holder { holders(of: address)[0] }

    /// All whose memory it is, never none: the object that a vmalloc'd stack is tracked as is read beside the stack.
    func holders(of address: Address) -> [Reference.Holder] {
        let roots = table.roots(containing: address).map { heap.roots[$0] }
        let (unread, read) = (roots.filter { !heap.reads($0) }, roots.filter(heap.reads))
        let object = index.virtual.object(containing: address) ?? table.displacedObject(at: address)
        let holders = read.map(Reference.Holder.root) + (object.map { [.object($0)] } ?? []) + unread.map(Reference.Holder.root)
        guard holders.isEmpty else { return holders }
        return [table.freedObject(at: address, in: heap).map(Reference.Holder.freed) ?? .untracked]
    }
}

extension Heap {
    /// Stacks are read unless `stack=off`.
    fileprivate func reads(_ root: Root) -> Bool { root.kind != .stack || scansStacks }
}
