/// Address to object: kmemleak's three search trees, each as arrays sorted by start.
///
/// Objects without ALLOCATED are in no tree. Within a tree live objects do not overlap.
package struct ObjectIndex: Sendable {
    /// One tree: ids in the order of the starts.
    package struct Tree: Sendable {
        package private(set) var ids: [ObjectID]
        private var told: Told
        /// The range outside which no address can hit: kmemleak's `[min_addr, max_addr)`, as start and size.
        package private(set) var bounds = AddressRange(start: Address(0), size: 0)

        /// How starts and sizes are told.
        private enum Told {
            /// By rank.
            case arrays(starts: [UInt64], sizes: [UInt64])
            /// By the columns of the table, where they take no memory of their own.
            case columns(pointers: Column<Address>, sizes: Column<UInt64>)
        }

        init(_ members: [ObjectID], in objects: ObjectTable) {
            let (pointers, sizes) = (objects.pointers, objects.sizes), starts: [UInt64]
            (starts, ids) = members.sortedByKey { pointers[$0.index].rawValue }
            told = pointers.isMapped && sizes.isMapped
                ? .columns(pointers: pointers, sizes: sizes) : .arrays(starts: starts, sizes: ids.map { sizes[$0.index] })
            updateBounds()
        }

        /// By rank.
        package func start(_ rank: Int) -> UInt64 {
            switch told {
            case .arrays(let starts, _): starts[rank]
            case .columns(let pointers, _): pointers[ids[rank].index].rawValue
            }
        }

        /// By rank.
        package func size(_ rank: Int) -> UInt64 {
            switch told {
            case .arrays(_, let sizes): sizes[rank]
            case .columns(_, let sizes): sizes[ids[rank].index]
            }
        }

        /// All starts and sizes, by rank.
        package var spans: (starts: [UInt64], sizes: [UInt64]) {
            switch told {
            case .arrays(let starts, let sizes): (starts, sizes)
            case .columns(let pointers, let sizes):
                (ids.map { pointers[$0.index].rawValue }, ids.map { sizes[$0.index] })
            }
        }

        private mutating func changeSpans(_ change: (_ starts: inout [UInt64], _ sizes: inout [UInt64]) -> Void) {
            var (starts, sizes) = spans
            // So that the arrays are not copied.
            told = .arrays(starts: [], sizes: [])
            change(&starts, &sizes)
            told = .arrays(starts: starts, sizes: sizes)
        }

        /// Adds an object that overlaps none.
        /// - Complexity: O(n)
        mutating func insert(_ id: ObjectID, _ range: AddressRange) {
            let place = rank(atOrBelow: range.start.rawValue) + 1
            changeSpans { starts, sizes in
                starts.insert(range.start.rawValue, at: place)
                sizes.insert(range.size, at: place)
            }
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
            changeSpans { starts, sizes in
                starts.remove(at: place)
                sizes.remove(at: place)
            }
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
            if below >= 0, range.start.rawValue - start(below) < size(below) { return ids[below] }
            let above = below + 1
            return above < ids.count && start(above) - range.start.rawValue < range.size ? ids[above] : nil
        }

        private mutating func updateBounds() {
            bounds = if ids.isEmpty {
                AddressRange(start: Address(0), size: 0)
            } else {
                AddressRange(start: Address(start(0)), size: start(ids.count - 1) - start(0) &+ size(ids.count - 1))
            }
        }

        /// The object that contains `address`: any byte of it counts (`lookup_object()` with alias).
        /// - Complexity: O(log n)
        package func object(containing address: Address) -> ObjectID? {
            guard bounds.contains(address) else { return nil }
            let rank = self.rank(atOrBelow: address.rawValue)
            guard rank >= 0, address.rawValue - start(rank) < size(rank) else { return nil }
            return ids[rank]
        }

        /// The object that starts exactly at `address` (`lookup_object()` without alias); an empty one is never found.
        package func object(at address: Address) -> ObjectID? {
            let rank = self.rank(atOrBelow: address.rawValue)
            return rank >= 0 && start(rank) == address.rawValue && size(rank) > 0 ? ids[rank] : nil
        }

        /// The live objects on either side of `address` when no object contains it.
        package func neighbours(of address: Address) -> (below: ObjectID?, above: ObjectID?) {
            let rank = self.rank(atOrBelow: address.rawValue)
            return (rank >= 0 ? ids[rank] : nil, rank + 1 < ids.count ? ids[rank + 1] : nil)
        }

        /// The last object that starts at or below `address`; -1 when all start above.
        package func rank(atOrBelow address: UInt64) -> Int {
            switch told {
            case .arrays(let starts, _):
                starts.withUnsafeBufferPointer { starts in ids.lastRank { starts[$0] <= address } }
            case .columns(let pointers, _): ids.lastRank { pointers[ids[$0].index].rawValue <= address }
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

extension [ObjectID] {
    /// The last rank that fulfils a condition, as all before it do; -1 when none does. Without a branch that depends on it.
    @inline(__always)
    fileprivate func lastRank(_ isAtOrBelow: (Int) -> Bool) -> Int {
        var low = 0, length = count
        while length > 0 {
            let half = length / 2
            let goUp = isAtOrBelow(low + half)
            low = goUp ? low + half + 1 : low
            length = goUp ? length - half - 1 : half
        }
        return low - 1
    }
}
