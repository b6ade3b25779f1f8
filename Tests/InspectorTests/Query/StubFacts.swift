import HeapModel
import Inspector

/// An object made of facts, for filters.
struct StubFacts: ObjectFacts {
    var address = Address(0xffff_8880_04c3_a400)
    var size: UInt64 = 512
    var kind = ObjectKind.virtual
    var flags: ObjectFlags = [.allocated, .noScan]
    var count: Int32 = 0
    var minCount: Int32 = 1
    var age = Microseconds(63_100_000)
    var pid: Int32 = 51
    var shade = Shade.white
    var isLeak = true
    var isNew = false
    var isMarked = true
    var comm = "kworker/0:1"
    var name: String? = "leak0_kzalloc"
    var note: String? = "looks real"
    var trace: TraceID? = TraceID(rawValue: 0)
    var site: String? { backtrace.first { !$0.hasPrefix("kmalloc") } }
    var backtrace = ["kmalloc_trace+0x2a/0x90", "hub_probe+0x144/0x804 [usbcore]", "usb_probe_interface+0x10/0x20 [usbcore]"]
}

extension ObjectFilter {
    /// What a filter says of an object.
    static func says(_ text: String, of facts: StubFacts = StubFacts()) throws -> Bool {
        try ObjectFilter(parsing: text).matches(facts)
    }
}
