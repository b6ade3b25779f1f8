#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory that is read here and there misses the translation of addresses less often in large pages.
package enum LargePages {
    /// In bytes.
    package static let size = 2 << 20

    /// Asks for large pages wherever one lies in memory that nobody has written to.
    package static func use(for memory: UnsafeRawBufferPointer) {
        let start = UInt(bitPattern: memory.baseAddress), page = UInt(size)
        let first = (start + page - 1) / page * page, end = (start + UInt(memory.count)) / page * page
        if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_HUGEPAGE) }
    }
}

extension Array {
    /// An array that `fill` initialises, all of it; in large pages if it is large.
    ///
    /// Unlike `init(unsafeUninitializedCapacity:)` also where there is nothing to fill: all empty arrays share their memory,
    /// which threads must not write to.
    package init(count: Int, filledBy fill: (UnsafeMutableBufferPointer<Element>) -> Void) {
        guard count > 0 else {
            self = []
            return
        }
        self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
            LargePages.use(for: UnsafeRawBufferPointer(buffer))
            fill(buffer)
            initialized = count
        }
    }
}
