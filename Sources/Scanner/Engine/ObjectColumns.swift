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
