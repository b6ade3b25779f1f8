/// A scenario file as a typed tree: a kernel, its memory and tasks, and what happens, step by step in time.
///
/// The language stands in `docs/scenarios.md`, and as a table in `ScenarioSyntax`.
package struct Scenario: Sendable {
    package internal(set) var name: String
    /// One line.
    package internal(set) var title: String
    package internal(set) var description: String
    package internal(set) var profile: KernelProfile
    package internal(set) var boot: BootOptions
    package internal(set) var seed: UInt64
    /// How fast the clock runs when the screen opens; 0: it stands still.
    package internal(set) var clockSpeed: Int
    /// Possible CPUs.
    package internal(set) var cpuCount: Int
    /// Bytes of low memory; nil: all memory is low.
    package internal(set) var lowMemory: UInt64?
    /// Words that a scan reads in a second of the kernel's time; nil: a scan takes no time.
    package internal(set) var scanSpeed: UInt64?
    package internal(set) var linearMap: AddressRange
    package internal(set) var symbols: [Address: String]
    package internal(set) var backtraces: [String: [Address]]
    package internal(set) var sections: [Root]
    /// Memory that is not a root, by name.
    package internal(set) var areas: [String: AddressRange]
    package internal(set) var tasks: [Task]
    /// Slab caches with a name.
    package internal(set) var caches: [String: SlabCache]
    /// Until the screen opens.
    package internal(set) var steps: [Step]
    package internal(set) var workload: [Work]
    /// What a test does next.
    package internal(set) var test: [Step]
    /// When a scan without a screen takes place, since boot; nil: after the last step.
    package internal(set) var scanTime: Microseconds?
    /// When its result is read.
    package internal(set) var readTime: Microseconds?
    package let file: String

    /// A later uptime is refused: 31 years. Sums and products with HZ stay far from an overflow.
    package static let timeLimit = Microseconds(1_000_000_000_000_000)

    /// What Linux may number its tasks with, on 64-bit machines.
    package static let pids: ClosedRange<UInt64> = 0...4_194_304

    /// Steps that are played again and again for ever.
    package struct Work: Sendable {
        package let every: Microseconds
        /// The first round, since boot; nil: when the steps are over.
        package let from: Microseconds?
        package let steps: [Step]
    }

    package struct Step: Sendable {
        package let action: Action
        /// As the file spells its key.
        package let verb: String
        package let line: Int
        package let column: Int
    }

    package indirect enum Action: Sendable {
        case time(Microseconds)
        case advance(Microseconds)
        case log(String)
        case initKmemleak
        case lateInitKmemleak
        case slabFailure(Bool)
        /// A pid, as a number or an expression in `${…}`; so with fork and exit.
        case task(String)
        case interrupt(Interrupt)
        case fork(pid: String, comm: String, stack: Address?)
        case exit(String)
        case alloc(Alloc)
        case vmalloc(Alloc)
        case allocPerCPU(Alloc)
        case allocPhys(Alloc)
        case free(String)
        case hook(HookStep, at: String)
        case sizedHook(SizedHookStep, at: String, size: String, minCount: Int32, backtrace: String?)
        /// The module's core, and its writable section from the core's start.
        case module(Alloc, data: AddressRange?)
        case rmmod(String)
        case store(pointer: String, at: String, xor: UInt64, shift: UInt64)
        case bytes([UInt8], at: String)
        case text(String, at: String)
        case word(String, at: String)
        case loop(Loop)
        case control(String, error: String?)
        case during(During)
        case expect(Expectation)
    }

    package enum Interrupt: String, CaseIterable, Sendable {
        case hardirq, softirq, none
    }

    package struct Loop: Sendable {
        /// The values of `variable`, round by round.
        package var values: Values
        package var variable: String
        /// Counts the rounds from 0.
        package var index: String?
        package var steps: [Step]

        package enum Values: Sendable {
            case numbers(Int)
            case texts([String])
        }
    }

    package struct Alloc: Sendable {
        package var name: String
        package var size: UInt64
        package var cache: String?
        package var address: Address?
        package var backtrace: String?
        package var minCount: Int32 = 1
        package var zero = true
    }


    /// Hooks that take a place alone, by the step's name.
    package enum HookStep: String, CaseIterable, Sendable {
        case free = "kmemleak_free"
        case notLeak = "not_leak"
        case ignore
        case ignorePhys = "ignore_phys"
        case noScan = "no_scan"
        case transientLeak = "transient_leak"
    }

    /// Hooks that take a size, or a backtrace, too.
    package enum SizedHookStep: String, CaseIterable, Sendable {
        case alloc = "kmemleak_alloc"
        case freePart = "free_part"
        case freePartPhys = "free_part_phys"
        case scanArea = "scan_area"
        case updateTrace = "update_trace"
    }

    package struct During: Sendable {
        /// One of `ScenarioSyntax.phases`, as its place there.
        package var phase: Int
        /// An object or a root; nil: when the phase begins.
        package var block: String?
        /// Words of the block that have been read by then.
        package var word: Int
        package var steps: [Step]
    }

    /// What has to hold: one thing to ask for, and what it should be.
    package struct Expectation: Sendable {
        package var items: [Item]

        package enum Item: Sendable {
            case leakCount(Int)
            case leaks([String])
            case newLeaks(Int)
            case colour(String, Colour)
            case count(String, Int32)
            case minCount(String, Int32)
            case flags(String, UInt32)
            case tracked(String, Bool)
            case word(String, is: String)
            case log([String])
            case noLog(String)
            case report([String])
            case objects(Int)
            case enabled(Bool)
            case automatic(Bool)
            case scans(Int)
        }
    }
}
