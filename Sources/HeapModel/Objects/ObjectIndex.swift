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
            (starts, ids) = members.sortedByKey { objects.pointers[$0.index].rawValue }
            let all = objects.sizes
            sizes = ids.map { all[$0.index] }
            updateBounds()
        }

        /// Adds an object that overlaps none.
        /// - Complexity: O(n)
        mutating func insert(_ id: ObjectID, _ range: AddressRange) {
            let place = rank(atOrBelow: range.start.rawValue) + 1
            starts.insert(range.start.rawValue, at: place)
            sizes.insert(range.size, at: place)
            ids.insert(id, at: place)
            updateBounds()
        }

        /// Takes an object out.
        /// - Complexity: O(n)
        mutating func remove(_ id: ObjectID, at start: Address) {
            var place = rank(atOrBelow: start.rawValue)
            // Empty objects may share a start.
            while place >= 0, ids[place] != id { place -= 1 }
            guard place >= 0 else { return }
            starts.remove(at: place)
            sizes.remove(at: place)
            ids.remove(at: place)
            updateBounds()
        }

        /// The ids above `row` move down by one, as in the table.
        mutating func closeGap(at row: ObjectID) {
            for place in ids.indices where ids[place] > row { ids[place] = ObjectID(ids[place].index - 1) }
        }

        /// A live object that shares a byte with `range`; an empty one counts when it lies inside of the other.
        /// The lowest, which need not be the one that a walk down the kernel's tree meets first.
        package func object(overlapping range: AddressRange) -> ObjectID? {
            let below = rank(atOrBelow: range.start.rawValue)
            if below >= 0, range.start.rawValue - starts[below] < sizes[below] { return ids[below] }
            let above = below + 1
            return above < ids.count && starts[above] - range.start.rawValue < range.size ? ids[above] : nil
        }

        private mutating func updateBounds() {
            bounds = if let first = starts.first, let last = starts.last {
                AddressRange(start: Address(first), size: last - first &+ sizes[sizes.count - 1])
            } else {
                AddressRange(start: Address(0), size: 0)
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
    package private(set) var virtual: Tree
    /// PHYS objects, by physical address; never found by the value of a word.
    package private(set) var phys: Tree
    /// PERCPU objects, by per-CPU offset.
    package private(set) var percpu: Tree

    package init(_ objects: ObjectTable) {
        let flags = objects.flags
        func tree(_ kind: ObjectKind) -> Tree {
            let rows = flags.indices.lazy.filter { flags[$0].contains(.allocated) && ObjectKind(flags[$0]) == kind }
            return Tree(rows.map { ObjectID($0) }, in: objects)
        }
        virtual = tree(.virtual)
        phys = tree(.phys)
        percpu = tree(.percpu)
    }

    /// The tree an object of this kind stands in.
    package private(set) subscript(kind: ObjectKind) -> Tree {
        get {
            switch kind {
            case .virtual: virtual
            case .phys: phys
            case .percpu: percpu
            }
        }
        _modify {
            switch kind {
            case .virtual: yield &virtual
            case .phys: yield &phys
            case .percpu: yield &percpu
            }
        }
    }

    /// `__link_object()`: adds an object that overlaps none of its kind.
    package mutating func insert(_ id: ObjectID, kind: ObjectKind, range: AddressRange) { self[kind].insert(id, range) }

    /// `__remove_object()`.
    package mutating func remove(_ id: ObjectID, kind: ObjectKind, start: Address) { self[kind].remove(id, at: start) }

    /// After a row was taken out of the table: the ids of the later ones move down by one.
    package mutating func closeGap(at row: ObjectID) {
        for kind in ObjectKind.allCases { self[kind].closeGap(at: row) }
    }

    /// Looks in all three trees, the ordinary one first, for the object that contains `address`.
    package func object(containing address: Address) -> ObjectID? {
        virtual.object(containing: address) ?? percpu.object(containing: address) ?? phys.object(containing: address)
    }
}
