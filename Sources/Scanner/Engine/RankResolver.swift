import CEngine
import HeapModel

/// Looks up batches of addresses in rank cells (`engine_resolve`).
///
/// A class, as workers are copied.
final class RankResolver {
    private let ranks: engine_ranks
    private let rows: RankRows
    private let objects: ObjectTable
    private let base: UInt32
    private let variant: engine_variant

    /// No object.
    static let none: UInt32 = 0
    private static let isNumber = UInt32(ENGINE_IS_NUMBER)

    private init(ranks: engine_ranks, rows: RankRows, objects: ObjectTable, base: UInt32, variant: engine_variant) {
        (self.ranks, self.rows, self.objects, self.base, self.variant) = (ranks, rows, objects, base, variant)
    }

    /// Calls `body` with a resolver that must not be used afterwards; nil when no object is to be found.
    static func with<Result>(
        _ rankCells: RankCells, _ order: RankOrder, _ objects: ObjectTable, _ variant: engine_variant = engine_best_variant(),
        _ body: (RankResolver?) throws -> Result
    ) rethrows -> Result {
        try rankCells.cells.withUnsafeBufferPointer { cells in
            try order.sizes.withUnsafeBufferPointer { sizes in
                try rankCells.directory.entries.withUnsafeBufferPointer { entries in
                    try rankCells.directory.stretches.withUnsafeBufferPointer { stretches in
                        guard let cells = cells.baseAddress, let sizes = sizes.baseAddress,
                            let entries = entries.baseAddress, let firstStretch = stretches.baseAddress
                        else { return try body(nil) }
                        let ranks = engine_ranks(
                            cells: cells, sizes: sizes, entries: entries, stretches: firstStretch,
                            stretch_count: UInt32(stretches.count), bounds: engine_range(rankCells.bounds))
                        return try body(RankResolver(
                            ranks: ranks, rows: order.rows, objects: objects, base: rankCells.base, variant: variant))
                    }
                }
            }
        }
    }

    /// Writes for each address the number of the object that contains it, or `none`.
    /// - Parameter numbers: with room for `engine_slack` more.
    /// - Returns: whether any address lies in an object.
    func resolve(_ addresses: UnsafePointer<UInt64>, count: Int, into numbers: UnsafeMutablePointer<UInt32>) -> Bool {
        let met = withUnsafePointer(to: ranks) { Int(engine_resolve(variant, $0, addresses, numbers, UInt32(count))) }
        guard met & Int(engine_unchecked) != 0 else { return met != 0 }
        for index in 0..<count where numbers[index] & Self.isNumber != 0 {
            numbers[index] = number(numbers[index] & ~Self.isNumber, containing: addresses[index])
        }
        return true
    }

    /// The number itself when that object contains the address.
    private func number(_ number: UInt32, containing address: UInt64) -> UInt32 {
        guard number > base else { return Self.none }
        let range = objects.range(of: ObjectID(rawValue: rows[Int(number)]))
        return address &- range.start.rawValue < range.size ? number : Self.none
    }
}
