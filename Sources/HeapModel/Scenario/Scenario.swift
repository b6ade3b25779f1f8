/// A scenario file as a typed tree: a kernel, its memory and tasks, and what happens, step by step in time.
///
///     name: lost
///     title: One line
///     description: What it teaches, what to press, what to look for.
///     kernel: {release: 6.12.1, arch: x86_64, hz: 250}
///     linear: {start: 0xffff888004000000, size: 0x100000}
///     memory: [{kind: data, name: .data, start: 0xffffffff82a00000, size: 4096}]
///     tasks: [{pid: 1, comm: init, stack: 0xffffc90000010000}]
///     symbols: {0xffffffff81234567: probe+0x17/0x90}
///     backtraces:
///       boot: [0xffffffff81000211]
///       probe: [probe+0x17/0x90, boot]           # an address, a symbol, or an earlier backtrace that goes on from here
///     steps:
///       - time: 1.5                                # uptime in seconds; never backwards
///       - task: 1                                  # who is blamed from here on
///       - alloc: {name: node, size: 64, backtrace: probe}
///       - store: {pointer: node, at: .data+0x40}   # a word that points at the node
///       - write: {at: node+8, text: "hello"}
///       - scan_area: {at: node+0x20, size: 16}     # of the node, only this is read
///       - repeat: {times: 4, as: i, steps: [{clear: ".data+0x100+8*${i}"}]}
///       - repeat: {over: [usb, pci], as: bus, index: i, steps: [{write: {at: ".data+0x200+16*${i}", text: "${bus}"}}]}
///       - free: node
///     scan: 30                                     # when a scan without a screen takes place; else after the last step
///     read: 35                                     # and when its result is read
///
/// A place is the name of an object, of a memory range, `stack:PID` or `stack:COMM`, or an address, with `+` and sums of
/// products behind it; it must lie inside of what it names. A word is stored as `(pointer ^ xor) >> shift`. Other steps:
/// `advance` (seconds), `not_leak`, `ignore`, `no_scan` (an object's name), `log` (a line). `alloc` also takes `cache`
/// (else kmalloc), `address` (in a page of the cache, or in memory of kind `area`), `min_count` and `zero` (else true).
package struct Scenario: Sendable {
    package internal(set) var name: String
    /// One line.
    package internal(set) var title: String
    package internal(set) var description: String
    package internal(set) var profile: KernelProfile
    package internal(set) var linearMap: AddressRange
    package internal(set) var symbols: [Address: String]
    package internal(set) var backtraces: [String: [Address]]
    package internal(set) var sections: [Root]
    /// Memory that is not a root, by name.
    package internal(set) var areas: [String: AddressRange]
    package internal(set) var tasks: [Task]
    package internal(set) var steps: [Step]
    /// When a scan without a screen takes place, since boot; nil: after the last step.
    package internal(set) var scanTime: Microseconds?
    /// When its result is read.
    package internal(set) var readTime: Microseconds?
    let file: String

    package struct Step: Sendable {
        let action: Action
        let line: Int
        let column: Int
    }

    indirect enum Action: Sendable {
        case time(Microseconds)
        case advance(Microseconds)
        case task(Int32)
        case alloc(Alloc)
        case free(String)
        case store(pointer: String, at: String, xor: UInt64, shift: UInt64)
        case bytes([UInt8], at: String)
        case text(String, at: String)
        case word(String, at: String)
        case annotate(Hook, String)
        case log(String)
        case scanArea(at: String, size: String)
        case loop(Loop)
    }

    struct Loop: Sendable {
        /// The values of `variable`, round by round.
        var values: Values
        var variable: String
        /// Counts the rounds from 0.
        var index: String?
        var steps: [Step]

        enum Values: Sendable {
            case numbers(Int)
            case texts([String])
        }
    }

    struct Alloc: Sendable {
        var name: String
        var size: UInt64
        var cache: String?
        var address: Address?
        var backtrace: String?
        var minCount: Int32
        var zero: Bool
    }

    enum Hook: String, CaseIterable, Sendable {
        case notLeak = "not_leak"
        case ignore
        case noScan = "no_scan"
    }
}
