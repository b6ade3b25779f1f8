import HeapModel

/// Address to object, for very many look-ups: one of kmemleak's trees as a bit set of the places where its objects start.
///
/// A *cell* stands for 64 *granules* of address space, of 8 bytes as a rule: which of them an object starts in, and how many
/// objects start in the cells below. The object that an address may lie in is the last one that starts at or below it:
///
///     number = first + popcount(bits up to the address)
///
/// where objects are numbered from 1 on in the order of their addresses, so that 0 is none.
///
/// Only one object can start in a granule. Where two do (an object of 4 bytes and its neighbour) granules are made smaller,
/// for all cells. An unaligned start is remembered to the byte, and so is the size, as far as it matters: up to the end of
/// the cell. What covers the beginning of the next cells is told by them (`covered`). So an address is resolved by two
/// accesses to memory: to its cell and to the record of the object.
///
///                  cell                  cell                  cell
///     bits    ·····1·····1·········  ·····················  ········1···········
///     objects      [a     [b                         ]              [c   ]
///     first   0                      2                      2
///     covered 0                      512                    40
struct RankCells {
    struct Cell {
        /// Granules in which an object starts.
        var bits: UInt64 = 0
        /// Objects that start in the cells below.
        var first: UInt32 = 0
        /// So many bytes from the cell's beginning belong to the object that starts last below.
        var covered: UInt32 = 0
    }

    struct Record {
        var id = ObjectID(rawValue: 0)
        /// The object's size, at most a cell's.
        var extent: UInt16 = 0
        /// How far behind the beginning of its granule it starts.
        var offset: UInt16 = 0
    }

    /// Bytes of a granule, as a power of two.
    private(set) var granuleShift: UInt64 = 3
    private(set) var cells: [Cell] = []
    /// By number; the one in front stands for none.
    private(set) var records: [Record] = []
    private(set) var directory = PageDirectory(pages: [])
    /// The range outside which no address can hit: kmemleak's `[min_addr, max_addr)`.
    private(set) var bounds = AddressRange(start: Address(0), size: 0)

    /// Cells of a page, as a power of two.
    static let pageCellsShift: UInt64 = 6
    /// Granules of a cell, as a power of two: one bit each.
    static let cellShift: UInt64 = 6

    /// - Parameter members: objects that do not overlap, in any order. Empty ones are left out: they are never found.
    init(_ members: [ObjectID], in objects: ObjectTable) {
        objects.withColumns { columns in
            let members = members.filter { columns.sizes[$0.index] > 0 }
            while !place(members, columns) { granuleShift -= 1 }
            number(members, columns)
            if let lowest = records.dropFirst().first?.id.index, let highest = records.last?.id.index {
                let start = columns.pointers[lowest]
                bounds = AddressRange(
                    start: Address(start), size: columns.pointers[highest] &- start &+ columns.sizes[highest])
            }
        }
    }

    /// Sets the bits; false when two objects start in the same granule.
    private mutating func place(_ members: [ObjectID], _ columns: ObjectColumns) -> Bool {
        var pages = PageSet()
        let pageShift = self.pageShift
        var last = UInt64.max
        for id in members {
            let page = columns.pointers[id.index] >> pageShift
            if page != last { pages.insert(page) }
            last = page
        }
        directory = PageDirectory(pages: pages.members.sorted())
        cells = [Cell](repeating: Cell(), count: directory.pages.count << Self.pageCellsShift)
        for id in members {
            let start = columns.pointers[id.index]
            let cell = self.cell(at: start), bit = self.bit(of: start)
            if granuleShift > 0, cells[cell].bits & bit != 0 { return false }
            cells[cell].bits |= bit
        }
        return true
    }

    private mutating func number(_ members: [ObjectID], _ columns: ObjectColumns) {
        var count: UInt32 = 0
        for cell in cells.indices {
            cells[cell].first = count
            count += UInt32(cells[cell].bits.nonzeroBitCount)
        }
        records = [Record](repeating: Record(), count: Int(count) + 1)
        for id in members {
            let start = columns.pointers[id.index], size = columns.sizes[id.index]
            let cell = self.cell(at: start), bit = self.bit(of: start)
            let number = Int(cells[cell].first) + (cells[cell].bits & (bit - 1)).nonzeroBitCount + 1
            records[number] = Record(
                id: id, extent: UInt16(min(size, cellSize)), offset: UInt16(start & (1 << granuleShift - 1)))
            let offset = start & (cellSize - 1)
            if size > cellSize - offset, cells[cell].bits & ~(bit | (bit - 1)) == 0 {
                cover(from: start - offset, size: size - (cellSize - offset))
            }
        }
        let objectsUpTo = (1...max(1, directory.pages.count)).map { page in
            page < directory.pages.count ? cells[page << Int(Self.pageCellsShift)].first : count
        }
        directory.setHoles { objectsUpTo[$0] }
    }

    /// Marks the cells behind the one at `start` that an object covers with so many more bytes.
    private mutating func cover(from start: UInt64, size: UInt64) {
        let cellShift = Self.cellShift + granuleShift
        // Counted in cells: one behind the last may lie past the top of the address space.
        let home = start >> cellShift, last = (size - 1) >> cellShift
        var page = directory.pages.partitioningIndex { $0 > home >> Self.pageCellsShift } - 1
        var distance: UInt64 = 0
        while distance <= last {
            let cell = home + 1 + distance
            if cell >> Self.pageCellsShift != directory.pages[page] {
                // On to the next page that has cells.
                page += 1
                guard page < directory.pages.count else { return }
                let next = directory.pages[page] << Self.pageCellsShift
                if next > cell {
                    distance += next - cell
                    continue
                }
            }
            let place = page << Int(Self.pageCellsShift) | Int(cell & (1 << Self.pageCellsShift - 1))
            cells[place].covered = UInt32(min(cellSize, size - distance << cellShift))
            if cells[place].bits != 0 { return }
            distance += 1
        }
    }

    private var cellSize: UInt64 { 1 << (Self.cellShift + granuleShift) }
    private var pageShift: UInt64 { Self.pageCellsShift + Self.cellShift + granuleShift }

    /// The place of an address in one of the pages with cells.
    private func cell(at address: UInt64) -> Int {
        let page = address >> pageShift
        let stretch = directory.stretches[directory.stretches.partitioningIndex { $0.firstPage > page } - 1]
        let number = directory.entries[stretch.entry + Int(page - stretch.firstPage)] & ~PageDirectory.hasCells
        return Int(number) << Int(Self.pageCellsShift) | Int(address >> (Self.cellShift + granuleShift) & 63)
    }

    private func bit(of address: UInt64) -> UInt64 { 1 << (address >> granuleShift & 63) }

    /// Bytes in all arrays.
    var byteCount: Int {
        cells.count * MemoryLayout<Cell>.stride + records.count * MemoryLayout<Record>.stride
            + directory.entries.count * 4 + directory.pages.count * 8
    }
}
