import CEngine
import HeapModel

/// Address to object, for very many look-ups: one of kmemleak's trees as a bit set of the places where its objects start.
///
/// A *cell* stands for 64 *granules* of address space: which of them an object starts in, and how many objects start in the
/// cells below. The object that an address may lie in is the last one that starts at or below it:
///
///     number = first + popcount(bits up to the address)
///
/// where objects are numbered from 1 on in the order of their addresses, so that 0 is none. (Objects of
/// one tree follow on those of another, `base`.)
///
/// Granules are as large as the starts of the objects in a page allow, 64 bytes at most: then a page of 4 KiB has one cell.
/// Slabs of small objects need more, objects at odd addresses 64. So the cells are few enough to stay near the processor,
/// which decides how long a look-up takes.
///
/// Slabs have objects of one size, so nearly always the cell tells that too (`extent`), up to its end; what covers the
/// beginning of the next cells is told by them (`covered`). So an address is resolved by one access to memory beside that to
/// its page's entry.
///
///                  cell                  cell                  cell
///     bits    ·····1·····1·········  ·····················  ········1···········
///     objects      [a     [b                         ]              [c   ]
///     first   0                      2                      2
///     covered 0                      512                    40
///     extent  0: a is shorter        0                      1024
struct RankCells {
    private(set) var cells: [engine_cell] = []
    /// Objects of other trees have the numbers up to this one.
    let base: UInt32
    /// How many objects there are.
    private(set) var count: UInt32 = 0
    private(set) var directory = PageDirectory(pages: [])
    /// The range outside which no address can hit: kmemleak's `[min_addr, max_addr)`.
    private(set) var bounds = AddressRange(start: Address(0), size: 0)

    private static let pageShift = UInt64(ENGINE_PAGE_SHIFT)
    private static let granuleShift = UInt32(ENGINE_GRANULE_SHIFT)

    /// - Parameters:
    ///   - tree: objects that do not overlap; empty ones are never found.
    ///   - order: in which the objects get their numbers, the first one `base + 1`.
    init(_ tree: ObjectIndex.Tree, base: UInt32, _ order: inout RankOrder) {
        self.base = base
        let spans = tree.spans
        spans.starts.withUnsafeBufferPointer { starts in
            spans.sizes.withUnsafeBufferPointer { sizes in
                number(starts, sizes, tree.ids, &order)
                guard count > 0 else { return }
                reserve(starts, sizes)
                fill(starts, sizes)
            }
        }
    }

    private mutating func number(
        _ starts: UnsafeBufferPointer<UInt64>, _ sizes: UnsafeBufferPointer<UInt64>, _ ids: [ObjectID], _ order: inout RankOrder
    ) {
        var first: UInt64?, last: UInt64 = 0
        for place in ids.indices where sizes[place] > 0 {
            count += 1
            order.place(ids[place].index, at: base + count, start: starts[place], size: sizes[place])
            first = first ?? starts[place]
            last = starts[place] &+ sizes[place]
        }
        // Empty ones are rare: else the tree's own array serves.
        order.number(Int(count) == ids.count ? ids : ids.indices.filter { sizes[$0] > 0 }.map { ids[$0] })
        if let first { bounds = AddressRange(start: Address(first), size: last &- first) }
    }

    /// Finds out how many cells each page needs.
    private mutating func reserve(_ starts: UnsafeBufferPointer<UInt64>, _ sizes: UnsafeBufferPointer<UInt64>) {
        var pages: [UInt64] = [], lowBits: [UInt64] = []
        for place in starts.indices where sizes[place] > 0 {
            let page = starts[place] >> Self.pageShift
            if page != pages.last {
                pages.append(page)
                lowBits.append(1 << UInt64(PageDirectory.largestGranule))
            }
            lowBits[lowBits.count - 1] |= starts[place]
        }
        directory = PageDirectory(pages: pages)
        // The first cell is that of all pages without objects.
        var count: UInt32 = 1, stretch = 0
        for (page, lowBits) in zip(pages, lowBits) {
            let shift = UInt32(lowBits.trailingZeroBitCount)
            if let entry = directory.entry(of: page, from: &stretch) { directory.entries[entry] = shift << Self.granuleShift | count }
            count += 64 >> shift
        }
        // A page that an object only reaches into has one cell.
        let most = Int(count) + directory.entries.count - pages.count
        precondition(most <= Int(ENGINE_CELL), "objects at odd addresses in millions of pages")
        cells = [engine_cell](inLargePages: engine_cell(), count: most)
        used = count
    }

    /// Cells that pages have so far.
    private var used: UInt32 = 0

    private mutating func fill(_ starts: UnsafeBufferPointer<UInt64>, _ sizes: UnsafeBufferPointer<UInt64>) {
        var number = base, stretch = 0
        for place in starts.indices where sizes[place] > 0 {
            let start = starts[place]
            guard let entry = directory.entry(of: start >> Self.pageShift, from: &stretch) else { continue }
            let (cell, shift) = self.cell(of: start, entry: directory.entries[entry])
            // The page is the largest cell, so what is longer reaches beyond any.
            let extent = UInt16(truncatingIfNeeded: min(sizes[place], 1 << Self.pageShift))
            if cells[cell].bits == 0 {
                (cells[cell].first, cells[cell].extent) = (number, extent)
            } else if cells[cell].extent != extent {
                cells[cell].extent = 0
            }
            number += 1
            cells[cell].bits |= 1 << (start >> shift & 63)
            directory.setLast(number, ofStretch: stretch)
            let (last, isBehindTop) = start.addingReportingOverflow(sizes[place] - 1), end = start | (64 << shift - 1)
            if last > end || isBehindTop { cover(from: end &+ 1, to: isBehindTop ? .max : last, by: number, stretch) }
        }
    }

    /// The cell that an address lies in, and its granules as a power of two.
    private func cell(of address: UInt64, entry: UInt32) -> (cell: Int, granuleShift: UInt64) {
        let shift = UInt64(entry >> Self.granuleShift), inPage = address & (1 << Self.pageShift - 1)
        return (Int(entry & UInt32(ENGINE_CELL)) + Int(inPage >> (shift + 6)), shift)
    }

    /// Marks the cells that an object reaches into.
    private mutating func cover(from start: UInt64, to last: UInt64, by number: UInt32, _ stretch: Int) {
        var start = start, stretch = stretch
        // 0: it ends at the top of the address space.
        while start != 0, start <= last {
            guard let entry = directory.entry(of: start >> Self.pageShift, from: &stretch) else {
                guard let page = directory.page(ofStretch: stretch + 1) else { return }
                start = page << Self.pageShift
                continue
            }
            if directory.entries[entry] == PageDirectory.noObject {
                directory.entries[entry] |= used
                used += 1
            }
            let (cell, shift) = self.cell(of: start, entry: directory.entries[entry])
            cells[cell].first = number
            cells[cell].covered = UInt16(truncatingIfNeeded: min(64 << shift, last - start + 1))
            start &+= 64 << shift
        }
    }

    /// Bytes in all arrays.
    var byteCount: Int { cells.count * MemoryLayout<engine_cell>.stride + directory.entries.count * 4 }
}
