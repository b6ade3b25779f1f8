/// Address to object: kmemleak's three search trees, each as arrays sorted by start.
///
/// Objects without ALLOCATED are in no tree. Within a tree live objects do not overlap.
package struct ObjectIndex: Sendable {
    /// One tree: starts ascending, with the sizes and ids beside them.
    package struct Tree: Sendable {
        package private(set) var starts: [UInt64] = []
        package private(set) var sizes: [UInt64] = []
        package private(set) var ids: [ObjectID] = []
        /// The range outside which no address can hit: kmemleak's `[min_addr, max_addr)`, as start and size.
        package private(set) var bounds = AddressRange(start: Address(0), size: 0)

        init(_ members: [ObjectID], in objects: ObjectTable) {
            ids = members.sorted { objects.pointers[$0.index] < objects.pointers[$1.index] }
            starts = ids.map { objects.pointers[$0.index].rawValue }
            sizes = ids.map { objects.sizes[$0.index] }
            if let first = starts.first, let last = starts.last {
                bounds = AddressRange(start: Address(first), size: last - first &+ sizes[sizes.count - 1])
            }
        }

        /// The object that contains `address`: any byte of it counts (`lookup_object()` with alias).
        /// - Complexity: O(log n)
        package func object(containing address: Address) -> ObjectID? {
            guard bounds.contains(address) else { return nil }
            let rank = self.rank(atOrBelow: address.rawValue)
            guard rank >= 0, address.rawValue - starts[rank] < sizes[rank] else { return nil }
            return ids[rank]
        }

        /// The object that starts exactly at `address` (`lookup_object()` without alias); an empty one is never found.
        package func object(at address: Address) -> ObjectID? {
            let rank = self.rank(atOrBelow: address.rawValue)
            return rank >= 0 && starts[rank] == address.rawValue && sizes[rank] > 0 ? ids[rank] : nil
        }

        /// The live objects on either side of `address` when no object contains it.
        package func neighbours(of address: Address) -> (below: ObjectID?, above: ObjectID?) {
            let rank = self.rank(atOrBelow: address.rawValue)
            return (rank >= 0 ? ids[rank] : nil, rank + 1 < ids.count ? ids[rank + 1] : nil)
        }

        /// The last object that starts at or below `address`; -1 when all start above.
        private func rank(atOrBelow address: UInt64) -> Int {
            starts.withUnsafeBufferPointer { starts in
                var low = 0, length = starts.count
                while length > 0 {
                    let half = length / 2
                    let goUp = starts[low + half] <= address
                    low = goUp ? low + half + 1 : low
                    length = goUp ? length - half - 1 : half
                }
                return low - 1
            }
        }
    }

    /// Ordinary objects: found by virtual address.
    package let virtual: Tree
    /// PHYS objects, by physical address; never found by the value of a word.
    package let phys: Tree
    /// PERCPU objects, by per-CPU offset.
    package let percpu: Tree

    package init(_ objects: ObjectTable) {
        var members: [ObjectKind: [ObjectID]] = [:]
        for id in objects.ids where objects.flags[id.index].contains(.allocated) {
            members[ObjectKind(objects.flags[id.index]), default: []].append(id)
        }
        virtual = Tree(members[.virtual] ?? [], in: objects)
        phys = Tree(members[.phys] ?? [], in: objects)
        percpu = Tree(members[.percpu] ?? [], in: objects)
    }

    /// The tree an object of this kind stands in.
    package subscript(kind: ObjectKind) -> Tree {
        switch kind {
        case .virtual: virtual
        case .phys: phys
        case .percpu: percpu
        }
    }

    /// Looks in all three trees, the ordinary one first, for the object that contains `address`.
    package func object(containing address: Address) -> ObjectID? {
        virtual.object(containing: address) ?? percpu.object(containing: address) ?? phys.object(containing: address)
    }
}
