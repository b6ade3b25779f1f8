import CEngine
import HeapModel

/// Looks up batches of addresses in rank cells.
///
/// One look-up waits for memory twice; many at once wait for all of it together. So each stage is done for a whole batch and
/// asks for the memory that the next one needs. Nothing here branches on what is found, but for the rare ways around.
struct RankResolver {
    private let cells: UnsafePointer<RankCells.Cell>
    private let extents: UnsafePointer<UInt16>
    private let entries: UnsafePointer<UInt32>
    private let stretches: UnsafeBufferPointer<PageDirectory.Stretch>
    private let order: RankOrder
    private let columns: ObjectColumns
    private let base: UInt32
    private let granuleShift: UInt64
    /// For each address its cell, then the number of the object; or a number that is known already, `isNumber`.
    private let places: UnsafeMutablePointer<UInt32>
    /// How far each address lies behind the beginning of the granule that its object starts in.
    private let distances: UnsafeMutablePointer<UInt32>

    /// Look-ups that are done together.
    static let batch = 256
    /// No object.
    static let none: UInt32 = 0
    private static let isNumber: UInt32 = 1 << 31

    /// Calls `body` with a resolver that must not be used afterwards; nil when no object is to be found.
    static func with<Result>(
        _ rankCells: RankCells, _ order: RankOrder, _ columns: ObjectColumns, _ body: (RankResolver?) throws -> Result
    ) rethrows -> Result {
        try rankCells.cells.withUnsafeBufferPointer { cells in
            try order.extents.withUnsafeBufferPointer { extents in
                try rankCells.directory.entries.withUnsafeBufferPointer { entries in
                    try rankCells.directory.stretches.withUnsafeBufferPointer { stretches in
                        try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * batch) { scratch in
                            guard !stretches.isEmpty, let cells = cells.baseAddress, let extents = extents.baseAddress,
                                let entries = entries.baseAddress, let scratch = scratch.baseAddress
                            else { return try body(nil) }
                            return try body(RankResolver(
                                cells: cells, extents: extents, entries: entries, stretches: stretches, order: order,
                                columns: columns, base: rankCells.base, granuleShift: rankCells.granuleShift, places: scratch,
                                distances: scratch + batch))
                        }
                    }
                }
            }
        }
    }

    /// Writes for each address the number of the object that contains it, or `none`.
    func resolve(_ addresses: UnsafePointer<UInt64>, count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        var first = 0
        while first < count {
            let length = min(Self.batch, count - first)
            findCells(of: addresses + first, length)
            findNumbers(of: addresses + first, length)
            check(addresses + first, length, into: numbers + first)
            first += length
        }
    }

    private func findCells(of addresses: UnsafePointer<UInt64>, _ count: Int) {
        let cellShift = granuleShift &+ 6, pageShift = cellShift &+ RankCells.pageCells
        // Addresses in a batch nearly always lie in the same stretch.
        var stretch = stretches[0]
        for index in 0..<count {
            let address = addresses[index], page = address &>> pageShift
            if page &- stretch.firstPage >= stretch.pageCount {
                let next = stretches.partitioningIndex { $0.firstPage > page }
                if next > 0 { stretch = stretches[next - 1] }
                if next == 0 || page &- stretch.firstPage >= stretch.pageCount {
                    // In a large hole: at most in the object that starts last below.
                    places[index] = Self.isNumber | (next == 0 ? base : stretch.lastNumber)
                    continue
                }
            }
            let entry = entries[stretch.entry &+ Int(truncatingIfNeeded: page &- stretch.firstPage)]
            if entry & PageDirectory.hasCells != 0 {
                let cell = entry &<< 6 | UInt32(truncatingIfNeeded: address &>> cellShift) & 63
                places[index] = cell
                engine_prefetch(cells + Int(cell))
            } else {
                places[index] = Self.isNumber | entry
            }
        }
    }

    private func findNumbers(of addresses: UnsafePointer<UInt64>, _ count: Int) {
        let granule: UInt32 = 1 &<< UInt32(truncatingIfNeeded: granuleShift), cellSize = granule &<< 6
        for index in 0..<count where places[index] < Self.isNumber {
            let cell = cells[Int(places[index])]
            let offset = UInt32(truncatingIfNeeded: addresses[index]) & (cellSize &- 1)
            let upTo = cell.bits & (UInt64.max &>> UInt64(63 &- offset &>> UInt32(truncatingIfNeeded: granuleShift)))
            let number = cell.first &+ UInt32(truncatingIfNeeded: upTo.nonzeroBitCount)
            let last = UInt32(truncatingIfNeeded: 63 &- upTo.leadingZeroBitCount) &<< UInt32(truncatingIfNeeded: granuleShift)
            // An object that reaches into this cell from below fills the granule it starts in from some byte on to the end.
            let fromBelow = offset < cell.covered ? granule &- 1 : UInt32.max
            distances[index] = upTo == 0 ? fromBelow : offset &- last
            places[index] = number
            engine_prefetch(extents + Int(number))
        }
    }

    private func check(_ addresses: UnsafePointer<UInt64>, _ count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        for index in 0..<count {
            let place = places[index]
            if place >= Self.isNumber {
                numbers[index] = number(place & ~Self.isNumber, containing: addresses[index])
                continue
            }
            let extent = UInt32(extents[Int(place)]), offset = extent & 7, distance = distances[index]
            numbers[index] = distance &- offset < extent &>> 3 ? place : Self.none
            if distance < offset {
                // In the granule, but before the start: the object before it may end there.
                numbers[index] = number(place - 1, containing: addresses[index])
            }
        }
    }

    /// The number itself when that object contains the address.
    private func number(_ number: UInt32, containing address: UInt64) -> UInt32 {
        guard number > base else { return Self.none }
        let row = Int(order.rows[Int(number)])
        return address &- columns.pointers[row] < columns.sizes[row] ? number : Self.none
    }
}
