import HeapModel

/// What a filter may ask of an object. Each property is asked for only when a term needs it.
package protocol ObjectFacts {
    associatedtype Backtrace: Sequence<String>

    var address: Address { get }
    /// In bytes.
    var size: UInt64 { get }
    var kind: ObjectKind { get }
    var flags: ObjectFlags { get }
    var count: Int32 { get }
    var minCount: Int32 { get }
    var age: Microseconds { get }
    var pid: Int32 { get }
    var shade: Shade { get }
    var isLeak: Bool { get }
    /// Reported by the last scan.
    var isNew: Bool { get }
    var isMarked: Bool { get }
    var comm: String { get }
    /// The task's name as the kernel keeps it, if what is found in it is to be kept: objects with the same one have the same
    /// `comm`.
    var task: Comm? { get }
    /// What the scenario calls it.
    var name: String? { get }
    var note: String? { get }
    /// The backtrace as the depot keeps it: objects with the same one have the same site and functions.
    var trace: TraceID? { get }
    /// Where it was allocated, as printed: `hub_probe+0x144/0x804`.
    var site: String? { get }
    /// The symbols of the backtrace, as printed, innermost first.
    var backtrace: Backtrace { get }
}

extension ObjectFacts {
    package var task: Comm? { nil }
}
