import CEngine
import HeapModel

/// Looks up batches of addresses in rank cells.
///
/// One look-up waits for memory twice; many at once wait for all of it together. So each stage is done for a whole batch and
/// asks for the memory that the next one needs. Nothing here branches on what is found, but for the rare ways around.
struct RankResolver {
    private let cells: UnsafePointer<engine_cell>
    private let extents: UnsafePointer<UInt16>
    private let entries: UnsafePointer<UInt32>
    private let stretches: UnsafeBufferPointer<PageDirectory.Stretch>
    private let rows: UnsafePointer<UInt32>
    private let columns: ObjectColumns
    private let base: UInt32
    private let granuleShift: UInt64
    private let distances: UnsafeMutablePointer<UInt32>

    /// Look-ups that are done together.
    static let batch = 256
    /// No object.
    static let none: UInt32 = 0
    private static let isNumber = UInt32(ENGINE_IS_NUMBER)

    /// Calls `body` with a resolver that must not be used afterwards; nil when no object is to be found.
    static func with<Result>(
        _ rankCells: RankCells, _ order: RankOrder, _ columns: ObjectColumns, _ body: (RankResolver?) throws -> Result
    ) rethrows -> Result {
        try rankCells.cells.withUnsafeBufferPointer { cells in
            try order.extents.withUnsafeBufferPointer { extents in
                try rankCells.directory.entries.withUnsafeBufferPointer { entries in
                    try rankCells.directory.stretches.withUnsafeBufferPointer { stretches in
                        try order.rows.withUnsafeBufferPointer { rows in
                            try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: batch) { scratch in
                                guard !stretches.isEmpty, let cells = cells.baseAddress, let extents = extents.baseAddress,
                                    let entries = entries.baseAddress, let rows = rows.baseAddress,
                                    let scratch = scratch.baseAddress
                                else { return try body(nil) }
                                return try body(RankResolver(
                                    cells: cells, extents: extents, entries: entries, stretches: stretches, rows: rows,
                                    columns: columns, base: rankCells.base, granuleShift: rankCells.granuleShift,
                                    distances: scratch))
                            }
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
            findCells(of: addresses + first, length, into: numbers + first)
            let isUnchecked = engine_resolve(
                cells, extents, UInt32(granuleShift), addresses + first, numbers + first, distances, UInt32(length))
            if isUnchecked { check(addresses + first, length, numbers + first) }
            first += length
        }
    }

    private func findCells(
        of addresses: UnsafePointer<UInt64>, _ count: Int, into places: UnsafeMutablePointer<UInt32>
    ) {
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

    /// The rare ways around: where no object starts near, and in a granule that an object starts in the middle of.
    private func check(_ addresses: UnsafePointer<UInt64>, _ count: Int, _ numbers: UnsafeMutablePointer<UInt32>) {
        for index in 0..<count where numbers[index] & Self.isNumber != 0 {
            numbers[index] = number(numbers[index] & ~Self.isNumber, containing: addresses[index])
        }
    }

    /// The number itself when that object contains the address.
    private func number(_ number: UInt32, containing address: UInt64) -> UInt32 {
        guard number > base else { return Self.none }
        let row = Int(rows[Int(number)])
        return address &- columns.pointers[row] < columns.sizes[row] ? number : Self.none
    }
}
