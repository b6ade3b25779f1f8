/// All tracked objects in creation order, one array a field, so that a pass over one field touches only that field.
package struct ObjectTable: Sendable {
    package private(set) var pointers: [Address] = []
    package private(set) var sizes: [UInt64] = []
    package var minCounts: [Int32] = []
    package var counts: [Int32] = []
    package var flags: [ObjectFlags] = []
    package var checksums: [UInt32] = []
    package var unrefScans: [UInt32] = []
    package var excessReferences: [Address] = []
    package private(set) var jiffies: [Jiffies] = []
    package var traces: [TraceID?] = []
    package private(set) var pids: [Int32] = []
    package private(set) var comms: [Comm] = []
    /// Scan areas of the objects that have any, newest first.
    package var areas: [ObjectID: [AddressRange]] = [:]

    package init() {}

    package var count: Int { pointers.count }
    package var ids: some RandomAccessCollection<ObjectID> { (0..<count).lazy.map { ObjectID($0) } }

    package subscript(id: ObjectID) -> TrackedObject {
        get {
            let row = id.index
            var object = TrackedObject(
                pointer: pointers[row], size: sizes[row], minCount: minCounts[row], flags: flags[row], jiffies: jiffies[row])
            object.count = counts[row]
            object.checksum = checksums[row]
            object.unrefScans = unrefScans[row]
            object.excessReference = excessReferences[row]
            object.pid = pids[row]
            object.comm = comms[row]
            object.trace = traces[row]
            return object
        }
        set {
            let row = id.index
            pointers[row] = newValue.pointer
            sizes[row] = newValue.size
            minCounts[row] = newValue.minCount
            counts[row] = newValue.count
            flags[row] = newValue.flags
            checksums[row] = newValue.checksum
            unrefScans[row] = newValue.unrefScans
            excessReferences[row] = newValue.excessReference
            jiffies[row] = newValue.jiffies
            traces[row] = newValue.trace
            pids[row] = newValue.pid
            comms[row] = newValue.comm
        }
    }

    @discardableResult
    package mutating func append(_ object: TrackedObject) -> ObjectID {
        pointers.append(object.pointer)
        sizes.append(object.size)
        minCounts.append(object.minCount)
        counts.append(object.count)
        flags.append(object.flags)
        checksums.append(object.checksum)
        unrefScans.append(object.unrefScans)
        excessReferences.append(object.excessReference)
        jiffies.append(object.jiffies)
        traces.append(object.trace)
        pids.append(object.pid)
        comms.append(object.comm)
        return ObjectID(count - 1)
    }

    /// Takes an object off the list; the ids of the later ones move down by one.
    /// - Complexity: O(n)
    package mutating func remove(_ id: ObjectID) {
        let row = id.index
        pointers.remove(at: row)
        sizes.remove(at: row)
        minCounts.remove(at: row)
        counts.remove(at: row)
        flags.remove(at: row)
        checksums.remove(at: row)
        unrefScans.remove(at: row)
        excessReferences.remove(at: row)
        jiffies.remove(at: row)
        traces.remove(at: row)
        pids.remove(at: row)
        comms.remove(at: row)
        var moved: [ObjectID: [AddressRange]] = [:]
        for (owner, ranges) in areas where owner != id {
            moved[owner < id ? owner : ObjectID(owner.index - 1)] = ranges
        }
        areas = moved
    }

    package mutating func reserveCapacity(_ capacity: Int) {
        pointers.reserveCapacity(capacity)
        sizes.reserveCapacity(capacity)
        minCounts.reserveCapacity(capacity)
        counts.reserveCapacity(capacity)
        flags.reserveCapacity(capacity)
        checksums.reserveCapacity(capacity)
        unrefScans.reserveCapacity(capacity)
        excessReferences.reserveCapacity(capacity)
        jiffies.reserveCapacity(capacity)
        traces.reserveCapacity(capacity)
        pids.reserveCapacity(capacity)
        comms.reserveCapacity(capacity)
    }

    package func colour(of id: ObjectID) -> Colour { Colour(count: counts[id.index], minCount: minCounts[id.index]) }
    package func range(of id: ObjectID) -> AddressRange { AddressRange(start: pointers[id.index], size: sizes[id.index]) }
}
