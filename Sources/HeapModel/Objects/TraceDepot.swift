import OrderedCollections

/// A backtrace stored in the depot.
@frozen @usableFromInline package struct TraceID: Hashable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Backtraces, each stored once (the kernel's stack depot).
package struct TraceDepot: Sendable {
    /// kmemleak keeps at most this many return addresses (MAX_TRACE).
    package static let maxFrames = 16

    private var traces: OrderedSet<[Address]> = []

    package init() {}

    package var count: Int { traces.count }

    /// Stores the innermost 16 frames; the same trace gets the same id. An empty trace is none.
    package mutating func insert(_ frames: [Address]) -> TraceID? {
        guard !frames.isEmpty else { return nil }
        return TraceID(rawValue: UInt32(traces.append(Array(frames.prefix(Self.maxFrames))).index))
    }

    /// Return addresses, innermost first.
    package subscript(id: TraceID?) -> [Address] {
        guard let id else { return [] }
        return traces[Int(id.rawValue)]
    }
}
