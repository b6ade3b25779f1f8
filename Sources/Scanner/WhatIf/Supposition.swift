import HeapModel

/// Something that is not so in the heap, to see what a scan would make of it.
package enum Supposition: Hashable, Sendable {
    /// `kmemleak_not_leak()`: needs no reference.
    case notLeak(ObjectID)
    /// `kmemleak_ignore()`: neither a leak nor read.
    case ignored(ObjectID)
    /// `kmemleak_no_scan()`: its contents are not read.
    case noScan(ObjectID)
    /// `kmemleak_scan_area()`: only this and its other areas are read of it.
    case scanArea(ObjectID, AddressRange)
    /// `kmemleak_free()`. It keeps its row, as one that is ignored.
    case freed(ObjectID)
    /// The word that stands there is 0.
    case cut(Address)
    /// A root is not read; an index of the heap's roots.
    case dropped(root: Int)
    /// Task stacks are read, or not (`stack=on`, `stack=off`).
    case stacks(Bool)
}

extension Heap {
    /// - Parameter index: of the heap's objects; kept in step with them.
    mutating func suppose(_ supposition: Supposition, _ index: inout ObjectIndex) {
        switch supposition {
        case .notLeak(let id): objects.minCounts[id.index] = 0
        case .ignored(let id):
            objects.minCounts[id.index] = -1
            objects.flags[id.index].insert(.noScan)
        case .noScan(let id): objects.flags[id.index].insert(.noScan)
        case .scanArea(let id, let area): objects.areas[id, default: []].insert(area, at: 0)
        case .freed(let id):
            index.remove(id, kind: ObjectKind(objects.flags[id.index]), start: objects.pointers[id.index])
            objects.flags[id.index].remove(.allocated)
            objects.minCounts[id.index] = -1
        case .cut(let address): memory.overwrite(word: 0, size: profile.wordSize, at: address)
        case .dropped(let root): roots[root].range = AddressRange(start: roots[root].range.start, size: 0)
        case .stacks(let areScanned): scansStacks = areScanned
        }
    }

    /// What a scan may read a word as a part of.
    func blocks(holding address: Address, _ index: ObjectIndex) -> [ScanRecording.Block.Source] {
        Holders(self, index).holders(of: address).compactMap { holder in
            switch holder {
            case .root(let root): roots.firstIndex(of: root).map { .root($0) }
            case .object(let id): .object(id)
            case .freed, .untracked: nil
            }
        }
    }
}
