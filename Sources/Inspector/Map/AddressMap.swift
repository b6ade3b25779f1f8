import HeapModel

/// The address space of a heap, compressed to what exists: objects, the copies that CPUs have of them, and roots.
///
/// Made of which objects and roots there are and where: it has to be made anew when one comes or goes, as `AppState` makes
/// its index anew. Colours are not in it; a new moment of the same heap needs no new map.
package struct AddressMap: Sendable {
    /// A part of the address space without a large gap in it.
    package struct Region: Sendable {
        /// With the last byte. Starts and ends with a byte of an object or root.
        package let range: ClosedRange<UInt64>
        /// Bytes between the region before and this one; 0 for the first.
        package let gapBelow: UInt64
        /// What it holds, in the words of the kernel; nil when that is not known.
        package let name: String?
        /// Copies of a PERCPU object count each.
        package let objectCount: Int

        package var start: Address { Address(range.lowerBound) }
        package var size: ByteSize { ByteSize(range.byteCount) }

        /// The two of them and the gap between them.
        func joined(with next: Region) -> Region {
            Region(
                range: range.lowerBound...next.range.upperBound, gapBelow: gapBelow, name: name,
                objectCount: objectCount + next.objectCount)
        }
    }

    /// Ascending.
    package let regions: [Region]
    let layers: [ObjectLayer]
    /// Bytes of roots.
    let roots: Extents
    /// Bytes of anything.
    let occupied: Extents

    /// A gap of more bytes than this ends a region.
    private static let largestGap: UInt64 = 64 << 10
    /// More regions than this are merged over larger gaps: a map is to be read.
    private static let mostRegions = 256

    /// - Parameter index: of the heap's objects; shared, not copied.
    /// - Complexity: O(n log n)
    package init(_ heap: Heap, index: ObjectIndex) {
        let layers = ObjectLayer.layers(heap, index)
        let occupied = Extents(layers.flatMap(\.ranges) + heap.roots.flatMap(\.range.closedRanges))
        let ranges = Self.regions(of: occupied)
        let names = RegionNames(heap, layers: layers, occupied: occupied).names(of: ranges)
        regions = ranges.indices.map { place in
            let range = ranges[place]
            return Region(
                range: range,
                gapBelow: place == 0 ? 0 : range.lowerBound - ranges[place - 1].upperBound - 1,
                name: names[place],
                objectCount: layers.reduce(0) { $0 + $1.count(in: range) })
        }
        roots = Extents(heap.roots.flatMap(\.range.closedRanges))
        self.layers = layers
        self.occupied = occupied
    }

    private static func regions(of occupied: Extents) -> [ClosedRange<UInt64>] {
        var regions = occupied.ranges, gap = largestGap
        repeat {
            regions = regions.reduce(into: []) { merged, range in
                if let last = merged.last, range.lowerBound - last.upperBound - 1 <= gap {
                    merged[merged.count - 1] = last.lowerBound...range.upperBound
                } else {
                    merged.append(range)
                }
            }
            gap = gap.multipliedReportingOverflow(by: 2).overflow ? .max : gap * 2
        } while regions.count > mostRegions
        return regions
    }
}
