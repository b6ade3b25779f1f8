/// All tracked objects in creation order, one column a field, so that a pass over one field touches only that field.
package struct ObjectTable: Sendable {
    package private(set) var pointers: Column<Address> = []
    package private(set) var sizes: Column<UInt64> = []
    package var minCounts: [Int32] = []
    package var counts: Column<Int32> = []
    package var flags: [ObjectFlags] = []
    package var checksums: Column<UInt32> = []
    package var unrefScans = SparseColumn<UInt32>(0)
    package var excessReferences = SparseColumn(Address(0))
    package private(set) var jiffies: Column<Jiffies> = []
    package var traces: Column<TraceID?> = []
    package private(set) var pids: Column<Int32> = []
    package private(set) var comms: Column<Comm> = []
    /// Scan areas of the objects that have any, newest first.
    package var areas: [ObjectID: [AddressRange]] = [:]

    package init() {}

    /// The objects of a capture: what does not change stays in the file.
    /// - Parameters:
    ///   - offset: of the first OBJECTS record (`CaptureTable`).
    ///   - traces: by their index in the file.
    init(in file: MappedFile, at offset: Int, count: Int, traces: [TraceID?]) {
        let stride = Int(CaptureTable.objects.recordSize)
        func column<Field>(_ field: Int) -> Column<Field> { Column(in: file, at: offset + field, stride: stride, count: count) }
        (pointers, sizes, jiffies, pids, comms) = (column(0), column(8), column(24), column(52), column(56))
        (counts, checksums) = (column(36), column(44))
        minCounts = Array(column(32))
        flags = (column(40) as Column<UInt32>).map { ObjectFlags(rawValue: $0) }
        for (row, address) in (column(16) as Column<Address>).enumerated() where address != Address(0) {
            excessReferences[row] = address
        }
        let indices: Column<UInt32> = column(48)
        // Nearly always each trace is there once.
        let isDirect = traces.enumerated().allSatisfy { $1?.rawValue == UInt32($0) }
        self.traces = isDirect ? column(48) : Column(indices.map { $0 < traces.count ? traces[Int($0)] : nil })
    }

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
        unrefScans[count - 1] = object.unrefScans
        excessReferences[count - 1] = object.excessReference
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
        jiffies.reserveCapacity(capacity)
        traces.reserveCapacity(capacity)
        pids.reserveCapacity(capacity)
        comms.reserveCapacity(capacity)
    }

    package func colour(of id: ObjectID) -> Colour { Colour(count: counts[id.index], minCount: minCounts[id.index]) }
    package func range(of id: ObjectID) -> AddressRange { AddressRange(start: pointers[id.index], size: sizes[id.index]) }
}
