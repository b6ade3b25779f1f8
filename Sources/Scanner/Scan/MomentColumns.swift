import HeapModel

/// The colours of a moment, to be asked of many objects.
package struct MomentShades: Sendable {
    private let minCounts: [Int32]
    private let places: [UInt32]
    /// Whatever joined the gray list before this place has been reached, or scanned.
    private let reachedCount: UInt32, scannedCount: UInt32

    init(minCounts: [Int32], places: [UInt32], reachedCount: Int, scannedCount: Int) {
        (self.minCounts, self.places) = (minCounts, places)
        (self.reachedCount, self.scannedCount) = (UInt32(reachedCount), UInt32(scannedCount))
    }

    /// As `Moment.shade(of:)`.
    package subscript(id: ObjectID) -> Shade {
        let minCount = minCounts[id.index]
        if minCount == -1 { return .ignored }
        let place = id.index < places.count ? places[id.index] : ScanRecording.never
        guard place < reachedCount else { return minCount == 0 ? .gray : .white }
        return place < scannedCount ? .scanned : .gray
    }

    /// Of all objects, by id.
    package var column: [Shade] { minCounts.indices.map { self[ObjectID($0)] } }
}

extension Moment {
    package var shades: MomentShades {
        MomentShades(
            minCounts: heap.objects.minCounts, places: recording.passes[pass].places, reachedCount: reachedCount, scannedCount: scannedCount)
    }

    /// The references counted so far of each object, by id.
    /// - Complexity: O(objects + changes of counts)
    package var counts: [Int32] {
        var counts = [Int32](repeating: 0, count: heap.objects.count)
        let partial = recording.partialChanges[recording.passes[pass].changes].prefix { $0.tick <= tick }
        let reached = recording.passes[pass].countedPlaces(upTo: tick).lazy.map { recording.change(thatReachedPlace: $0, ofPass: pass) }
        func tell(_ change: ScanRecording.CountChange) {
            // What came later in the scan than this epoch has no row yet.
            if change.target.index < counts.count { counts[change.target.index] = change.count }
        }
        partial.forEach(tell)
        reached.forEach(tell)
        return counts
    }

    /// Those of some objects that count as leaks at this moment.
    /// - Parameter ids: ascending.
    /// - Complexity: O(n + the leaks of the recording)
    package func leaks(among ids: [ObjectID]) -> [ObjectID] {
        let flags = heap.objects.flags, shades = shades, new = recording.leaks
        var next = 0
        return ids.filter { id in
            while next < new.count, new[next].id < id { next += 1 }
            let isKnown = flags[id.index].contains(.reported)
                ? flags[id.index].contains(.allocated) : next < new.count && new[next].id == id && new[next].tick <= tick
            return isKnown && shades[id] == .white
        }
    }
}
