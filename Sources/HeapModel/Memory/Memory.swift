/// The bytes of a heap: sparse segments sorted by address, mapped from a file or built in memory.
///
/// What no segment of a capture holds was not captured: it is not scanned, and shows as `??`.
package struct Memory: Sendable {
    /// Where a segment's bytes stand.
    package enum Storage: Sendable {
        /// At `offset` in a mapped file.
        case mapped(MappedFile, offset: Int)
        case built([UInt8])
    }

    package struct Segment: Sendable {
        /// Address of the first byte.
        package let start: UInt64
        /// Bytes held.
        package let count: UInt64
        package fileprivate(set) var storage: Storage

        package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            switch storage {
            case .mapped(let file, let offset):
                try body(UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + Int(count)]))
            case .built(let bytes):
                try bytes.withUnsafeBytes(body)
            }
        }

        /// The segment of these of its bytes.
        fileprivate func part(_ offsets: Range<UInt64>) -> Segment {
            let storage: Storage = switch storage {
            case .mapped(let file, let offset): .mapped(file, offset: offset + Int(offsets.lowerBound))
            case .built(let bytes): .built(Array(bytes[Int(offsets.lowerBound)..<Int(offsets.upperBound)]))
            }
            return Segment(start: start + offsets.lowerBound, count: UInt64(offsets.count), storage: storage)
        }
    }

    /// Ascending, not overlapping.
    package private(set) var segments: [Segment] = []
    /// Bytes that the capture says exist but does not hold; for the user to know.
    package private(set) var missingByteCount: UInt64 = 0
    /// Whether these are a capture's bytes. What it does not hold is unknown; what a simulated kernel does not hold does not exist.
    package let isCaptured: Bool
    /// Bytes held in all.
    package private(set) var byteCount: UInt64 = 0
    /// How many bytes may be held once `add` is called.
    package var limit = UInt64.max
    /// What was written or taken away since somebody emptied it, in that order; nil when nobody wants to know.
    package var touched: [AddressRange]?

    package init(isCaptured: Bool = false) { self.isCaptured = isCaptured }

    /// - Precondition: the segments do not overlap and none reaches past the top of the address space.
    package init(
        mapping file: MappedFile, segments: some Sequence<(start: UInt64, count: UInt64, offset: Int)>, missing: UInt64 = 0
    ) {
        isCaptured = true
        missingByteCount = missing
        self.segments = segments.filter { $0.count > 0 }.sorted { $0.start < $1.start }.map {
            Segment(start: $0.start, count: $0.count, storage: .mapped(file, offset: $0.offset))
        }
        byteCount = self.segments.reduce(0) { $0 + $1.count }
    }

    /// Bytes that can still be added.
    package var room: UInt64 { limit - min(limit, byteCount) }

    /// Adds zeroed memory. Returns false, and adds nothing, when it would overlap what is there or exceed the limit.
    package mutating func add(_ range: AddressRange) -> Bool {
        guard range.size > 0 else { return true }
        guard range.isValid, range.size <= room, segments(in: range).isEmpty else { return false }
        let place = segmentIndex(above: range.start.rawValue)
        let bytes = [UInt8](repeating: 0, count: Int(range.size))
        segments.insert(Segment(start: range.start.rawValue, count: range.size, storage: .built(bytes)), at: place)
        byteCount += range.size
        return true
    }

    /// Takes memory away; what is left of a segment stays. Returns false, and removes nothing, where that is not all there.
    @discardableResult
    package mutating func remove(_ range: AddressRange) -> Bool {
        guard range.isValid, contains(range) else { return false }
        let touched = segments(in: range)
        let rest = touched.flatMap { index in
            let segment = segments[index], gone = overlap(of: segment, with: range)
            let from = gone.start.rawValue - segment.start
            return [segment.part(0..<from), segment.part(from + gone.size..<segment.count)].filter { $0.count > 0 }
        }
        segments.replaceSubrange(touched, with: rest)
        byteCount -= range.size
        self.touched?.append(range)
        return true
    }

    /// How many bytes of `range` are held.
    package func byteCount(in range: AddressRange) -> UInt64 {
        segments(in: range).reduce(0) { $0 + overlap(of: segments[$1], with: range).size }
    }

    /// Whether every byte of `range` is held.
    package func contains(_ range: AddressRange) -> Bool { byteCount(in: range) == range.size }

    /// The part of `range` that `segment` holds.
    package func overlap(of segment: Segment, with range: AddressRange) -> AddressRange {
        let start = max(segment.start, range.start.rawValue)
        let last = min(segment.start + (segment.count - 1), range.start.rawValue &+ (range.size &- 1))
        return AddressRange(start: Address(start), size: last >= start ? last - start + 1 : 0)
    }

    /// Indices of the segments that hold at least a byte of `range`.
    package func segments(in range: AddressRange) -> Range<Int> {
        guard range.size > 0 else { return 0..<0 }
        var first = segmentIndex(above: range.start.rawValue)
        if first > 0, range.start.rawValue - segments[first - 1].start < segments[first - 1].count { first -= 1 }
        let end = segmentIndex(above: range.start.rawValue + (range.size - 1))
        return first..<max(first, end)
    }

    /// The first segment that starts above `address`.
    private func segmentIndex(above address: UInt64) -> Int {
        var low = 0, high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The byte at `address`; nil when it is not held.
    package subscript(address: Address) -> UInt8? {
        let index = segmentIndex(above: address.rawValue) - 1
        guard index >= 0, address.rawValue - segments[index].start < segments[index].count else { return nil }
        let offset = Int(address.rawValue - segments[index].start)
        return segments[index].withBytes { $0[offset] }
    }

    /// The bytes of `range`, nil where they are not held.
    package func bytes(in range: AddressRange) -> [UInt8?] {
        var bytes = [UInt8?](repeating: nil, count: Int(range.size))
        for index in segments(in: range) {
            let part = overlap(of: segments[index], with: range)
            let from = Int(part.start.rawValue - segments[index].start), to = Int(part.start - range.start)
            segments[index].withBytes { source in
                for step in 0..<Int(part.size) { bytes[to + step] = source[from + step] }
            }
        }
        return bytes
    }

    /// The word of `size` bytes at `address`, little-endian; nil unless all its bytes are held.
    package func word(at address: Address, size: Int = 8) -> UInt64? {
        var value: UInt64 = 0
        for step in 0..<size {
            guard let byte = self[address + UInt64(step)] else { return nil }
            value |= UInt64(byte) << (8 * UInt64(step))
        }
        return value
    }

    /// Writes bytes into built memory; returns false, and writes nothing, where that is not all there.
    @discardableResult
    package mutating func write(_ bytes: some Collection<UInt8>, at address: Address) -> Bool {
        let range = AddressRange(start: address, size: UInt64(bytes.count))
        let touched = segments(in: range)
        guard contains(range), touched.allSatisfy({ if case .built = segments[$0].storage { true } else { false } })
        else { return false }
        for index in touched {
            let part = overlap(of: segments[index], with: range)
            guard case .built(var target) = segments[index].storage else { return false }
            segments[index].storage = .built([])
            let to = Int(part.start.rawValue - segments[index].start)
            let source = bytes.dropFirst(Int(part.start - address)).prefix(Int(part.size))
            target.replaceSubrange(to..<to + Int(part.size), with: source)
            segments[index].storage = .built(target)
        }
        self.touched?.append(range)
        return true
    }

    /// Writes a word wherever it stands: of a mapped file, the page around it is copied first. Nothing is written where it is
    /// not all held.
    package mutating func overwrite(word: UInt64, size: Int = 8, at address: Address) {
        let range = AddressRange(start: address, size: UInt64(size))
        for index in segments(in: range).reversed() { build(index, around: overlap(of: segments[index], with: range)) }
        write(word: word, size: size, at: address)
    }

    /// Makes a built segment of the pages around a part of a mapped one.
    private mutating func build(_ index: Int, around part: AddressRange) {
        let segment = segments[index]
        guard case .mapped = segment.storage else { return }
        let offset = part.start.rawValue - segment.start, page: UInt64 = 4096
        let first = offset / page * page, end = min(segment.count, ((offset + part.size - 1) / page + 1) * page)
        var copy = segment.part(first..<end)
        copy.storage = .built(copy.withBytes { Array($0) })
        let pieces = [segment.part(0..<first), copy, segment.part(end..<segment.count)]
        segments.replaceSubrange(index...index, with: pieces.filter { $0.count > 0 })
    }

    /// Writes zeros.
    package mutating func clear(_ range: AddressRange) { write([UInt8](repeating: 0, count: Int(range.size)), at: range.start) }

    @discardableResult
    package mutating func write(word: UInt64, size: Int = 8, at address: Address) -> Bool {
        write((0..<size).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }, at: address)
    }
}
