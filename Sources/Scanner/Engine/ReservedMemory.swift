#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory for the arrays of the engine. Much of it is mapped in large pages, as fewer faults and fewer misses of the
/// translation of addresses are a good part of the time. Little of it is the allocator's, which may have it from
/// a scan before: on small heaps mapping, faults and unmapping took a quarter of a scan.
// Sendable: whoever fills it divides it among the threads; afterwards it is only read.
final class ReservedMemory<Element: BitwiseCopyable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
    /// Elements that there is room for.
    let count: Int
    private let origin: Origin

    private enum Origin {
        case allocator
        case mapping(byteCount: Int)
        /// Another's memory.
        case shared(AnyObject)
    }

    /// Zeroes.
    convenience init(capacity: Int) {
        let byteCount = Self.byteCount(capacity)
        if byteCount < LargePages.size {
            self.init(calloc(1, byteCount), capacity, .allocator)
        } else {
            self.init(mapped(byteCount, inLargePages: true), capacity, .mapping(byteCount: byteCount))
        }
    }

    /// Room for as many elements as there could be, not all of which have to come. What stands there is not said.
    /// - Parameter inLargePages: where it is mapped; not, if very few elements are going to come.
    convenience init(roomFor capacity: Int, inLargePages: Bool = true) {
        let byteCount = Self.byteCount(capacity)
        if byteCount < 4 * LargePages.size {
            self.init(malloc(byteCount), capacity, .allocator)
        } else {
            self.init(mapped(byteCount, inLargePages: inLargePages), capacity, .mapping(byteCount: byteCount))
        }
    }

    private init(_ memory: UnsafeMutableRawPointer?, _ capacity: Int, _ origin: Origin) {
        guard let memory else { fatalError("no memory left for \(Self.byteCount(capacity)) bytes") }
        base = memory.bindMemory(to: Element.self, capacity: max(1, capacity))
        (count, self.origin) = (capacity, origin)
    }

    private static func byteCount(_ capacity: Int) -> Int { max(1, capacity) * MemoryLayout<Element>.stride }

    /// The same memory as elements of another type of the same layout.
    func rebound<Other: BitwiseCopyable>(to type: Other.Type) -> ReservedMemory<Other> {
        precondition(MemoryLayout<Other>.stride == MemoryLayout<Element>.stride, "another layout")
        return ReservedMemory<Other>(base, count, .shared(self))
    }

    func copy() -> ReservedMemory {
        let copy = ReservedMemory(capacity: count)
        copy.base.update(from: base, count: count)
        return copy
    }

    func copy(_ elements: UnsafeBufferPointer<Element>, to place: Int) {
        if let source = elements.baseAddress { (base + place).update(from: source, count: elements.count) }
    }

    deinit {
        switch origin {
        case .allocator: free(base)
        case .mapping(let byteCount): munmap(base, byteCount)
        case .shared: break
        }
    }
}

/// Zeroed memory of its own; nil when there is no room left for it.
private func mapped(_ byteCount: Int, inLargePages: Bool) -> UnsafeMutableRawPointer? {
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    if inLargePages { madvise(memory, byteCount, MADV_HUGEPAGE) }
    return memory
}
