#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Zeroed memory for the large arrays of the engine: in large pages where there is much of it, as fewer faults and fewer
/// misses of the translation of addresses are a good part of the time.
// Sendable: whoever fills it divides it among the threads; afterwards it is only read.
final class ReservedMemory<Element: BitwiseCopyable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
    /// Elements that there is room for.
    let count: Int
    private let byteCount: Int

    /// Whose memory it is, when it is another's.
    private let owner: AnyObject?

    /// - Parameter isSparse: only little of it is going to be used.
    init(capacity: Int, isSparse: Bool = false) {
        (count, owner) = (capacity, nil)
        byteCount = max(1, capacity) * MemoryLayout<Element>.stride
        let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else { fatalError("no address space left for \(byteCount) bytes") }
        if byteCount >= 2 << 20, !isSparse { madvise(memory, byteCount, MADV_HUGEPAGE) }
        base = memory.bindMemory(to: Element.self, capacity: max(1, capacity))
    }

    private init(base: UnsafeMutablePointer<Element>, count: Int, owner: AnyObject) {
        (self.base, self.count, self.owner, byteCount) = (base, count, owner, 0)
    }

    /// The same memory as elements of another type of the same layout.
    func rebound<Other: BitwiseCopyable>(to type: Other.Type) -> ReservedMemory<Other> {
        precondition(MemoryLayout<Other>.stride == MemoryLayout<Element>.stride, "another layout")
        let base = UnsafeMutableRawPointer(base).bindMemory(to: type, capacity: max(1, count))
        return ReservedMemory<Other>(base: base, count: count, owner: self)
    }

    func copy() -> ReservedMemory {
        let copy = ReservedMemory(capacity: count)
        copy.base.update(from: base, count: count)
        return copy
    }

    func copy(_ elements: UnsafeBufferPointer<Element>, to place: Int) {
        if let source = elements.baseAddress { (base + place).update(from: source, count: elements.count) }
    }

    deinit { if owner == nil { munmap(base, byteCount) } }
}

extension Array {
    /// An array that `fill` initialises, all of it; in large pages if it is large.
    ///
    /// Unlike `init(unsafeUninitializedCapacity:)` also where there is nothing to fill: all empty arrays share their memory,
    /// which threads must not write to.
    init(count: Int, filledBy fill: (UnsafeMutableBufferPointer<Element>) -> Void) {
        guard count > 0 else {
            self = []
            return
        }
        self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
            let page: UInt = 2 << 20, start = UInt(bitPattern: buffer.baseAddress)
            let first = (start + page - 1) / page * page, end = (start + UInt(count * MemoryLayout<Element>.stride)) / page * page
            if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_HUGEPAGE) }
            fill(buffer)
            initialized = count
        }
    }
}

extension Array where Element: BitwiseCopyable {
    /// An array that is going to be accessed here and there.
    init(inLargePages value: Element, count: Int) { self.init(count: count) { $0.initialize(repeating: value) } }

}
