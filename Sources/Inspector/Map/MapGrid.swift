import HeapModel

/// The rows of a map at a zoom: for each region a heading, then its cells. A region of few cells has its heading beside them.
package struct MapGrid: Sendable {
    /// Cells in a full row; at least one.
    package let columns: Int
    /// A power of two.
    package let bytesPerCell: UInt64
    package let rowCount: Int
    /// Those of the map; of one name are joined where the gap between them takes less than a row.
    package let regions: [AddressMap.Region]
    /// The first row of each region.
    private let firstRows: [Int]

    /// 8 bytes to 16 MiB: what a cell can stand for.
    package static let zooms = (3...24).map { UInt64(1) << UInt64($0) }

    package enum Row: Sendable {
        case heading(AddressMap.Region)
        case cells(Cells)
    }

    /// A row's cells. They begin at multiples of their size; the first and the last of a region are cut to it.
    package struct Cells: Sendable {
        package let region: AddressMap.Region
        package let count: Int
        /// Whether the region's heading stands beside them.
        package let hasHeading: Bool
        fileprivate let first: UInt64
        fileprivate let bytesPerCell: UInt64

        package var start: Address { self[0].start }

        /// The addresses of a cell.
        package subscript(column: Int) -> AddressRange {
            let from = (first + UInt64(column)) * bytesPerCell
            return AddressRange((from...from + (bytesPerCell - 1)).clamped(to: region.range))
        }
    }

    package init(_ map: AddressMap, bytesPerCell: UInt64, columns: Int) {
        let columns = max(1, columns)
        regions = map.regions.reduce(into: []) { regions, region in
            if let last = regions.last, last.name == region.name, region.gapBelow / bytesPerCell < UInt64(columns) {
                regions[regions.count - 1] = last.joined(with: region)
            } else {
                regions.append(region)
            }
        }
        var firstRows: [Int] = [], rowCount = 0
        for region in regions {
            firstRows.append(rowCount)
            let count = Self.cellCount(region, bytesPerCell)
            rowCount += Self.headingRows(count, columns) + Int((count - 1) / UInt64(columns)) + 1
        }
        (self.bytesPerCell, self.columns) = (bytesPerCell, columns)
        (self.firstRows, self.rowCount) = (firstRows, rowCount)
    }

    private static func cellCount(_ region: AddressMap.Region, _ bytesPerCell: UInt64) -> UInt64 {
        region.range.upperBound / bytesPerCell - region.range.lowerBound / bytesPerCell + 1
    }

    /// A third of a row leaves the rest to the heading.
    private static func headingRows(_ cellCount: UInt64, _ columns: Int) -> Int { cellCount <= UInt64(columns / 3) ? 0 : 1 }

    /// - Precondition: `number` is in `0..<rowCount`.
    /// - Complexity: O(log n)
    package func row(_ number: Int) -> Row {
        let place = firstRows.rank { $0 <= number }
        let region = regions[place], cellCount = Self.cellCount(region, bytesPerCell)
        let headingRows = Self.headingRows(cellCount, columns)
        guard number >= firstRows[place] + headingRows else { return .heading(region) }
        let before = UInt64(number - firstRows[place] - headingRows) * UInt64(columns)
        return .cells(Cells(
            region: region, count: Int(min(UInt64(columns), cellCount - before)), hasHeading: headingRows == 0,
            first: region.range.lowerBound / bytesPerCell + before, bytesPerCell: bytesPerCell))
    }

    /// The cell that holds an address; for one in a gap the first of the next region, above all regions the very last
    /// cell; nil when the map is empty.
    /// - Complexity: O(log n)
    package func place(of address: Address) -> (row: Int, column: Int)? {
        guard let place = region(near: address) else { return nil }
        let range = regions[place].range
        let inside = min(max(address.rawValue, range.lowerBound), range.upperBound)
        let cell = inside / bytesPerCell - range.lowerBound / bytesPerCell
        let headingRows = Self.headingRows(Self.cellCount(regions[place], bytesPerCell), columns)
        return (firstRows[place] + headingRows + Int(cell / UInt64(columns)), Int(cell % UInt64(columns)))
    }

    /// The addresses of a cell; nil where there is none, as in a heading or behind a region's end.
    /// - Complexity: O(log n)
    package func range(row: Int, column: Int) -> AddressRange? {
        guard (0..<rowCount).contains(row), case .cells(let cells) = self.row(row), (0..<cells.count).contains(column)
        else { return nil }
        return cells[column]
    }

    /// Where a cell starts; nil where there is none.
    package func address(row: Int, column: Int) -> Address? { range(row: row, column: column)?.start }

    /// The first row of the region that holds an address or is near it.
    func firstRow(near address: Address) -> Int? { region(near: address).map { firstRows[$0] } }

    /// The number of the region that holds an address, else of the next one above, else of the last one.
    func region(near address: Address) -> Int? {
        guard !regions.isEmpty else { return nil }
        let rank = regions.rank { $0.range.lowerBound <= address.rawValue }
        if rank >= 0, address.rawValue <= regions[rank].range.upperBound { return rank }
        return min(rank + 1, regions.count - 1)
    }
}

extension AddressMap {
    /// The finest zoom at which all rows fit. Where too many regions never do, the finest that takes no more than half as
    /// many rows again as the coarsest: cells are not to be wasted for what has to be scrolled anyway.
    package func fittingZoom(columns: Int, rows: Int) -> UInt64 {
        let counts = MapGrid.zooms.map { MapGrid(self, bytesPerCell: $0, columns: columns).rowCount }
        let least = counts.last ?? 0
        let most = least <= rows ? rows : least + least / 2
        return zip(MapGrid.zooms, counts).first { $0.1 <= most }?.0 ?? MapGrid.zooms[0]
    }
}
