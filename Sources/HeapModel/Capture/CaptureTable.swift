/// The notes that make an ELF core file a capture, by note type.
///
///     OBJECTS, 72 bytes                        TRACES, 136 bytes         AREAS, 24 bytes
///      0 u64 pointer      40 u32 flags          0 u64 n (0...16)          0 u32 object index
///      8 u64 size         44 u32 checksum       8 u64 address[16]         4 u32 0
///     16 u64 excess_ref   48 u32 trace index                              8 u64 start
///     24 u64 jiffies      52 i32 pid                                     16 u64 size
///     32 i32 min_count    56 char comm[16]
///     36 i32 count
@usableFromInline enum CaptureTable: UInt32, Sendable {
    case metadata = 0x4b4d_0001
    case objects, traces, areas

    var name: String {
        switch self {
        case .metadata: "META"
        case .objects: "OBJECTS"
        case .traces: "TRACES"
        case .areas: "AREAS"
        }
    }

    /// Bytes of a record; META is text.
    var recordSize: UInt64 {
        switch self {
        case .metadata: 1
        case .objects: 72
        case .traces: 136
        case .areas: 24
        }
    }

    static let noteName = Array("kmemtop\0".utf8)
    /// The trace index of an object that has none.
    @inlinable static var noTrace: UInt32 { .max }
}
