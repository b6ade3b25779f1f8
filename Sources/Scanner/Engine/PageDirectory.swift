/// Which pages of the address space objects start in: for each, the place of its cells; for the pages between, the number of
/// the object that starts last before them.
///
/// Objects stand in a few places far apart (the direct map, vmalloc, modules), so there is one table for each stretch of
/// pages without a large hole. What lies behind the last page of a stretch is as if it were part of the hole.
struct PageDirectory {
    /// Pages one after the other, each with an entry.
    struct Stretch {
        let firstPage: UInt64
        let pageCount: UInt64
        /// Of the first page, in `entries`.
        let entry: Int
        /// The number of the last object that starts in the last page or below.
        fileprivate(set) var lastNumber: UInt32 = 0
    }

    /// Ascending.
    private(set) var stretches: [Stretch] = []
    /// By page: `hasCells` and the place of the page among those with cells, or the number of the last object before it.
    private(set) var entries: [UInt32] = []
    /// The pages that have cells, ascending.
    let pages: [UInt64]

    static let hasCells: UInt32 = 1 << 31

    /// - Parameter pages: ascending.
    init(pages: [UInt64]) {
        self.pages = pages
        // The larger a hole may be, the fewer stretches there are to choose from; but it costs an entry for each page.
        var hole: UInt64 = 1 << 14
        while hole > 1, Self.entryCount(pages, hole) > 4 * pages.count + 4096 { hole /= 2 }
        var first = 0
        for place in pages.indices where place + 1 == pages.count || pages[place + 1] - pages[place] > hole {
            let count = pages[place] - pages[first] + 1
            stretches.append(Stretch(firstPage: pages[first], pageCount: count, entry: entries.count))
            entries.append(contentsOf: repeatElement(0, count: Int(count)))
            for number in first...place {
                entries[entries.count - Int(pages[place] - pages[number]) - 1] = Self.hasCells | UInt32(number)
            }
            first = place + 1
        }
    }

    private static func entryCount(_ pages: [UInt64], _ hole: UInt64) -> Int {
        var count = 0, last: UInt64?
        for page in pages {
            if let last, page - last <= hole { count += Int(page - last) } else { count += 1 }
            last = page
        }
        return count
    }

    /// Fills in the pages without cells.
    /// - Parameters:
    ///   - none: what stands for no object at all.
    ///   - objectsUpTo: the number of the last object that starts in the page of this number or below.
    mutating func setHoles(none: UInt32, _ objectsUpTo: (_ number: Int) -> UInt32) {
        var before = none
        for number in stretches.indices {
            let entry = stretches[number].entry
            for entry in entry..<entry + Int(stretches[number].pageCount) {
                if entries[entry] & Self.hasCells != 0 {
                    before = objectsUpTo(Int(entries[entry] & ~Self.hasCells))
                } else {
                    entries[entry] = before
                }
            }
            stretches[number].lastNumber = before
        }
    }
}

/// The pages that objects start in, numbered as they are met: most of a million objects stand in pages that are known already.
struct PageNumbers {
    private(set) var pages: [UInt64] = []
    private var slots = [UInt32](repeating: none, count: 256)

    private static let none = UInt32.max

    /// The page's number, a new one when it is new.
    mutating func number(of page: UInt64) -> UInt32 {
        var slot = self.slot(of: page)
        while slots[slot] != Self.none {
            if pages[Int(slots[slot])] == page { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = UInt32(pages.count)
        pages.append(page)
        if pages.count * 2 > slots.count { grow() }
        return UInt32(pages.count - 1)
    }

    private func slot(of page: UInt64) -> Int {
        Int(truncatingIfNeeded: (page &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: Self.none, count: slots.count * 2)
        for (number, page) in pages.enumerated() {
            var slot = self.slot(of: page)
            while slots[slot] != Self.none { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(number)
        }
    }
}
