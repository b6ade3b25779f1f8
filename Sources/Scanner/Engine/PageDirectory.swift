import CEngine

/// Which pages of the address space have rank cells: an entry for each page, with the place of its cells.
///
/// Objects stand in a few places far apart (the direct map, vmalloc, modules), so there is one table for each stretch of
/// pages without a large hole.
struct PageDirectory {
    /// Ascending.
    private(set) var stretches: [engine_stretch] = []
    /// By page: granule shift and first cell (`ENGINE_GRANULE_SHIFT`).
    var entries: [UInt32] = []

    /// The largest granule, as a power of two: a page has one cell.
    static let largestGranule = 6
    /// Of pages where no object is: cell 0, which is empty.
    static let noObject = UInt32(ENGINE_NO_CELL)

    /// - Parameter pages: those that objects start in, ascending.
    init(pages: [UInt64]) {
        // The larger a hole may be, the fewer stretches there are to choose from; but it costs an entry for each page.
        var hole: UInt64 = 1 << 14
        while hole > 1, Self.entryCount(pages, hole) > 4 * pages.count + 4096 { hole /= 2 }
        var first = 0, count: UInt64 = 0
        for place in pages.indices where place + 1 == pages.count || pages[place + 1] - pages[place] > hole {
            let pageCount = pages[place] - pages[first] + 1
            stretches.append(engine_stretch(
                first_page: pages[first], page_count: pageCount, entry: UInt32(count), last_number: 0))
            count += pageCount
            first = place + 1
        }
        entries = [UInt32](inLargePages: Self.noObject, count: Int(count))
    }

    private static func entryCount(_ pages: [UInt64], _ hole: UInt64) -> Int {
        var count = 0, last: UInt64?
        for page in pages {
            if let last, page - last <= hole { count += Int(page - last) } else { count += 1 }
            last = page
        }
        return count
    }

    /// The place of a page's entry; nil when it is in no stretch.
    /// - Parameter stretch: where the page is looked for first, and then the stretch that it is in, or that ends last below it.
    func entry(of page: UInt64, from stretch: inout Int) -> Int? {
        while stretch + 1 < stretches.count, stretches[stretch + 1].first_page <= page { stretch += 1 }
        let distance = page &- stretches[stretch].first_page
        return distance < stretches[stretch].page_count ? Int(stretches[stretch].entry) + Int(distance) : nil
    }

    /// The first page of a stretch.
    func page(ofStretch stretch: Int) -> UInt64? { stretch < stretches.count ? stretches[stretch].first_page : nil }

    /// Notes the object that starts last in a stretch, as it may reach beyond its end.
    mutating func setLast(_ number: UInt32, ofStretch stretch: Int) { stretches[stretch].last_number = number }
}
