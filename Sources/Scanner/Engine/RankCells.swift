import CEngine
import HeapModel

/// Address to object, for very many look-ups: one of kmemleak's trees as a bit set of the places where its objects start.
///
/// A *cell* stands for 64 *granules* of address space, of 8 bytes as a rule: which of them an object starts in, and how many
/// objects start in the cells below. The object that an address may lie in is the last one that starts at or below it:
///
///     number = first + popcount(bits up to the address)
///
/// where objects are numbered from 1 on in the order of their addresses, so that 0 is none. (Objects of
/// one tree follow on those of another, `base`.)
///
/// Only one object can start in a granule. Where two do (an object of 4 bytes and its neighbour) granules are made smaller,
/// for all cells. An unaligned start is remembered to the byte, and so is the size, as far as it matters: up to the end of
/// the cell. What covers the beginning of the next cells is told by them (`covered`). So an address is resolved by two
/// accesses to memory: to its cell and to the object's extent.
///
///                  cell                  cell                  cell
///     bits    ·····1·····1·········  ·····················  ········1···········
///     objects      [a     [b                         ]              [c   ]
///     first   0                      2                      2
///     covered 0                      512                    40
struct RankCells {
    /// Bytes of a granule, as a power of two.
    private(set) var granuleShift: UInt64 = 3
    private(set) var cells: [engine_cell] = []
    /// Objects of other trees have the numbers up to this one.
    let base: UInt32
    /// How many objects there are.
    private(set) var count: UInt32 = 0
    private(set) var directory = PageDirectory(pages: [])
    /// The range outside which no address can hit: kmemleak's `[min_addr, max_addr)`.
    private(set) var bounds = AddressRange(start: Address(0), size: 0)

    /// Cells of a page, as a power of two.
    static let pageCells: UInt64 = 6

    /// - Parameters:
    ///   - members: objects that do not overlap, in any order, none of them empty: those are never found.
    ///   - order: in which the members get their numbers, the first one `base + 1`.
    init(_ members: [ObjectID], in columns: ObjectColumns, base: UInt32, _ order: inout RankOrder) {
        self.base = base
        var homes = self.homes(of: members, columns)
        while !setBits(members, homes, columns) {
            granuleShift -= 1
            homes = self.homes(of: members, columns)
        }
        number(members, homes, columns, &order)
        guard count > 0 else { return }
        let start = order.starts[Int(base) + 1], highest = Int(base + count)
        bounds = AddressRange(
            start: Address(start), size: order.starts[highest] &- start &+ columns.sizes[Int(order.rows[highest])])
    }

    /// The cells that the members start in.
    private mutating func homes(of members: [ObjectID], _ columns: ObjectColumns) -> [UInt32] {
        let cellShift = self.cellShift, pageShift = cellShift + Self.pageCells
        var met = PageNumbers(), last = UInt64.max, number: UInt32 = 0
        var homes = members.map { id in
            let start = columns.pointers[id.index], page = start &>> pageShift
            if page != last { number = met.number(of: page) }
            last = page
            return number &<< 6 | UInt32(truncatingIfNeeded: start &>> cellShift) & 63
        }
        let ascending = met.pages.indices.sorted { met.pages[$0] < met.pages[$1] }
        var places = [UInt32](repeating: 0, count: ascending.count)
        for (place, number) in ascending.enumerated() { places[number] = UInt32(place) }
        for member in homes.indices { homes[member] = places[Int(homes[member] &>> 6)] &<< 6 | homes[member] & 63 }
        directory = PageDirectory(pages: ascending.map { met.pages[$0] })
        return homes
    }

    /// False when two objects start in the same granule.
    private mutating func setBits(_ members: [ObjectID], _ homes: [UInt32], _ columns: ObjectColumns) -> Bool {
        cells = [engine_cell](inLargePages: engine_cell(), count: directory.pages.count << 6)
        let shift = granuleShift
        var isShared: UInt64 = 0
        cells.withUnsafeMutableBufferPointer { cells in
            guard let cells = cells.baseAddress else { return }
            for place in members.indices {
                if place + 24 < homes.count { engine_prefetch_to_write(cells + Int(homes[place + 24])) }
                let bit: UInt64 = 1 &<< (columns.pointers[members[place].index] &>> shift)
                let cell = cells + Int(homes[place])
                isShared |= cell.pointee.bits & bit
                cell.pointee.bits |= bit
            }
        }
        return isShared == 0 || granuleShift == 0
    }

    private mutating func number(
        _ members: [ObjectID], _ homes: [UInt32], _ columns: ObjectColumns, _ order: inout RankOrder
    ) {
        var first = base
        for cell in cells.indices {
            cells[cell].first = first
            first += UInt32(cells[cell].bits.nonzeroBitCount)
        }
        count = first - base
        let shift = granuleShift, cellSize = self.cellSize, offsets: UInt64 = 1 &<< shift &- 1
        var reaching: [(home: UInt32, size: UInt64)] = []
        cells.withUnsafeMutableBufferPointer { cells in
            guard let cells = cells.baseAddress else { return }
            for place in members.indices {
                if place + 24 < homes.count { engine_prefetch_to_write(cells + Int(homes[place + 24])) }
                let row = members[place].index, start = columns.pointers[row], size = columns.sizes[row]
                let bit: UInt64 = 1 &<< (start &>> shift), cell = cells[Int(homes[place])]
                let number = cell.first &+ UInt32(truncatingIfNeeded: (cell.bits & (bit &- 1)).nonzeroBitCount) &+ 1
                order.place(row, at: number, start: start, size: size, extent: min(size, cellSize), offset: start & offsets)
                let room = cellSize &- start & (cellSize &- 1)
                guard size > room, cell.bits & ~(bit | (bit &- 1)) == 0 else { continue }
                // What reaches no farther than the next cell of its page needs no search.
                if size &- room <= cellSize, homes[place] & 63 != 63 {
                    cells[Int(homes[place]) + 1].covered = UInt32(truncatingIfNeeded: size &- room)
                } else {
                    reaching.append((homes[place], size &- room))
                }
            }
        }
        for (home, size) in reaching { cover(behind: home, size: size) }
        let objectsUpTo = (1...max(1, directory.pages.count)).map { page in
            page < directory.pages.count ? cells[page << 6].first : base + count
        }
        directory.setHoles(none: base) { objectsUpTo[$0] }
    }

    /// Marks the cells behind one that an object covers with so many more bytes.
    private mutating func cover(behind home: UInt32, size: UInt64) {
        var page = Int(home >> 6)
        // Counted in cells: one behind the last may lie past the top of the address space.
        let first = directory.pages[page] << Self.pageCells + UInt64(home & 63) + 1, last = (size - 1) >> cellShift
        var distance: UInt64 = 0
        while distance <= last {
            let cell = first + distance
            if cell >> Self.pageCells != directory.pages[page] {
                page += 1
                guard page < directory.pages.count else { return }
                // On to the next page that has cells.
                let next = directory.pages[page] << Self.pageCells
                if next > cell {
                    distance += next - cell
                    continue
                }
            }
            let place = page << 6 | Int(cell & 63)
            cells[place].covered = UInt32(min(cellSize, size - distance << cellShift))
            if cells[place].bits != 0 { return }
            distance += 1
        }
    }

    /// Bytes of a cell, as a power of two: 64 granules, one bit each.
    var cellShift: UInt64 { granuleShift + 6 }
    private var cellSize: UInt64 { 1 << cellShift }

    /// Bytes in all arrays.
    var byteCount: Int {
        cells.count * MemoryLayout<engine_cell>.stride + directory.entries.count * 4 + directory.pages.count * 8
    }
}
