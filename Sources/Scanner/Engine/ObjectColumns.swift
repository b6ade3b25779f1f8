import HeapModel

/// The columns of the object table that the engine reads, as plain memory: across modules, an array costs a call each time.
struct ObjectColumns {
    let count: Int
    let minCounts: UnsafePointer<Int32>
    let flags: UnsafePointer<UInt32>

    /// Whether a scan reads the object when it is reached (`scan_object()`): not with NO_SCAN, nor freed.
    @inline(__always)
    func isRead(_ row: Int) -> Bool {
        let allocated = ObjectFlags.allocated.rawValue
        return flags[row] & (allocated | ObjectFlags.noScan.rawValue) == allocated
    }

    /// Whether the object is read and needs one reference, as nearly all are.
    @inline(__always)
    func isUsual(_ row: Int) -> Bool { minCounts[row] == 1 && isRead(row) }

    /// The rows whose flags, as far as they are told of, are these; ascending. For what few objects have.
    func rows(with flags: ObjectFlags, of told: ObjectFlags) -> [Int] {
        let flags = flags.rawValue, told = told.rawValue, column = self.flags, together = 1024
        var rows: [Int] = []
        for first in stride(from: 0, to: count, by: together) {
            let end = min(count, first &+ together)
            var found: UInt32 = 0, row = first
            // A loop that can be vectorised: no branch, no check.
            while row < end {
                found &+= column[row] & told == flags ? 1 : 0
                row &+= 1
            }
            if found > 0 { rows += (first..<end).filter { column[$0] & told == flags } }
        }
        return rows
    }

    /// Calls `body` with the rows of all other objects, ascending, some at a time.
    func forEachUnusual(_ body: (_ rows: UnsafeBufferPointer<UInt32>) -> Void) {
        let together = 4096
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: together) { rows in
            for first in stride(from: 0, to: count, by: together) {
                var found = 0
                for row in first..<min(count, first + together) {
                    // No branch, as nothing foresees which they are.
                    rows[found] = UInt32(truncatingIfNeeded: row)
                    found += isUsual(row) ? 0 : 1
                }
                body(UnsafeBufferPointer(rebasing: rows[..<found]))
            }
        }
    }
}

extension ObjectTable {
    /// - Parameter body: must not let the columns escape.
    func withColumns<Result>(_ body: (ObjectColumns) throws -> Result) rethrows -> Result {
        try minCounts.withUnsafeBytes { minCounts in
            try flags.withUnsafeBytes { flags in
                try body(ObjectColumns(count: count, minCounts: minCounts.column(), flags: flags.column()))
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The elements as the one field that they consist of; an empty column may stand nowhere.
    fileprivate func column<Field>() -> UnsafePointer<Field> {
        guard let baseAddress else { return UnsafePointer(bitPattern: MemoryLayout<Field>.alignment).unsafelyUnwrapped }
        return baseAddress.assumingMemoryBound(to: Field.self)
    }
}
