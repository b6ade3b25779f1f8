/// The scenario language as a table: what a reader accepts, what an editor's schema says and what the page of the
/// language has to show, told once.
package enum ScenarioSyntax {
    /// What may stand for a value.
    package indirect enum Shape: Sendable {
        case text, number, seconds, flag
        case choice([String])
        case list(Shape)
        /// Keys of the writer's own.
        case table(Shape)
        /// - Parameter oneOf: of these keys exactly one has to be there.
        case mapping([Field], oneOf: [String] = [])
        case either([Shape])
        case steps
    }

    package struct Field: Sendable {
        package let name: String
        package let shape: Shape
        package let isRequired: Bool
        package let note: String

        package init(_ name: String, _ shape: Shape, _ note: String, isRequired: Bool = false) {
            (self.name, self.shape, self.note, self.isRequired) = (name, shape, note, isRequired)
        }
    }

    /// A place in memory: `node+8`, `.data+0x40`, `stack:1+0x3f00`, `counter[1]`, an address.
    private static let place = Shape.text
    private static let number = Shape.either([.number, .text])
    private static let range = Shape.mapping([
        Field("start", .number, "First address", isRequired: true), Field("size", .number, "In bytes", isRequired: true),
    ])

    /// The keys of a scenario file.
    package static let top: [Field] = [
        Field("name", .text, "What the program calls it", isRequired: true),
        Field("title", .text, "One line for lists"),
        Field("description", .text, "What it teaches, what to press, what to look for"),
        Field("kernel", .mapping(kernel), "Whose kernel it is", isRequired: true),
        Field("seed", .number, "Where `${random}` begins; else 1"),
        Field("clock", .choice(["paused", "1x", "10x", "100x"]), "How fast the clock runs when the screen opens"),
        Field("linear", range, "The part of the linear map that slab pages are taken from; else where the architecture has it"),
        Field("memory", .list(.mapping([
            Field("kind", .choice(["data", "bss", "percpu", "struct_page", "area"]), "A kind of root, or area: memory that no scan begins at", isRequired: true),
            Field("name", .text, "For places", isRequired: true),
            Field("start", .number, "First address", isRequired: true), Field("size", .number, "In bytes", isRequired: true),
        ])), "Memory that is there from the start"),
        Field("tasks", .list(.mapping([
            Field("pid", .number, "Process id", isRequired: true), Field("comm", .text, "Its name; kmemleak keeps 15 bytes", isRequired: true),
            Field("stack", .number, "Where its kernel stack starts", isRequired: true), Field("stack_size", .number, "In bytes; else 16384"),
        ])), "The first of them is running at the start"),
        Field("caches", .list(.mapping([
            Field("name", .text, "As slabinfo has it", isRequired: true), Field("size", .number, "Of an object, in bytes", isRequired: true),
            Field("align", .number, "A power of two; else 8"), Field("poison", .flag, "Fill freed objects with 0x6b … 0xa5"),
            Field("noleaktrace", .flag, "SLAB_NOLEAKTRACE: kmemleak never hears of its objects"),
        ])), "Slab caches with a name"),
        Field("symbols", .table(.text), "Names of code addresses, as `%pS` prints them"),
        Field("backtraces", .table(.list(.text)), "Frames, innermost first: addresses, symbols, or an earlier backtrace that goes on from here"),
        Field("steps", .steps, "What happens until the screen opens", isRequired: true),
        Field("workload", .list(.mapping([
            Field("every", .seconds, "Seconds between rounds", isRequired: true), Field("from", .seconds, "The first round, since boot; else when the steps are over"),
            Field("steps", .steps, "A round; `${n}` counts them", isRequired: true),
        ])), "What goes on for ever"),
        Field("test", .steps, "What `kmemtop test` does next"),
        Field("scan", .seconds, "When a scan without a screen takes place; else after the last step"),
        Field("read", .seconds, "When its result is read"),
    ]

    package static let kernel: [Field] = [
        Field("release", .text, "As `uname -r` prints it", isRequired: true),
        Field("arch", .choice(KernelProfile.Architecture.allCases.map(\.rawValue)), "The machine", isRequired: true),
        Field("hz", .number, "CONFIG_HZ; else 250"),
        Field("style", .choice(KernelProfile.Style.allCases.map(\.rawValue)), "Which form of kmemleak; else what the release implies"),
        Field("paging", .choice(["4", "5"]), "Levels of x86_64 page tables; else 4"),
        Field("cpus", .number, "Possible CPUs, for per-CPU allocations; else 1"),
        Field("kmemleak", .text, "What follows `kmemleak=` on the command line"),
        Field("default_off", .flag, "CONFIG_DEBUG_KMEMLEAK_DEFAULT_OFF"),
        Field("auto_scan", .flag, "CONFIG_DEBUG_KMEMLEAK_AUTO_SCAN; else true if steps boot kmemleak"),
        Field("early_log_size", .number, "CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE; else 400"),
        Field("mem_pool_size", .number, "CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE; else 16000"),
        Field("verbose", .flag, "The module parameter: leaks go to the log"),
        Field("min_unref_scans", .number, "The module parameter of 2026; else 1"),
        Field("low_memory", .number, "Bytes of low memory from physical address 0; else all"),
        Field("scan_speed", .number, "Words a second: the kernel goes on while it is scanned; else a scan takes no time"),
    ]

    private static let named = Field("name", .text, "For places", isRequired: true)
    private static let backtrace = Field("backtrace", .text, "The name of a backtrace")
    private static let minCount = Field("min_count", .number, "References it needs; else 1")
    private static let at = Field("at", place, "Where", isRequired: true)
    private static let size = Field("size", number, "In bytes", isRequired: true)

    /// What may stand in a step, by its name.
    package static let steps: [Field] = [
        Field("time", .seconds, "Moves the clock to a time since boot"),
        Field("advance", .seconds, "Moves the clock on"),
        Field("log", .text, "A line of the kernel log"),
        Field("kmemleak", .choice(["init", "late_init"]), "Boots kmemleak; without these steps it is up from the start"),
        Field("slab_failure", .flag, "Whether kmemleak's own allocations fail"),
        Field("task", number, "Who runs from here on: a pid"),
        Field("interrupt", .choice(["hardirq", "softirq", "none"]), "What the CPU is in from here on"),
        Field("fork", .mapping([
            Field("pid", number, "Of the new task", isRequired: true), Field("comm", .text, "Its name", isRequired: true),
            Field("stack", .number, "Where its stack starts; else in vmalloc space"),
        ]), "A new task with a stack of its own"),
        Field("exit", number, "A task ends: a pid"),
        Field("alloc", .mapping([
            named, Field("size", .number, "In bytes; kmalloc rounds it up", isRequired: true),
            Field("cache", .text, "A cache's name; else kmalloc"), Field("address", .number, "Where it has to stand"),
            backtrace, minCount, Field("zero", .flag, "Clear it; else true"),
        ]), "kmalloc, or an object of a cache"),
        Field("vmalloc", .mapping([named, Field("size", .number, "In bytes; rounded up to pages", isRequired: true),
            backtrace]), "Pages in vmalloc space, and a vm_struct called NAME.vm_struct"),
        Field("alloc_percpu", .mapping([named, Field("size", .number, "In bytes, on each CPU", isRequired: true), backtrace]),
            "Memory for each CPU; `NAME[1]` is CPU 1's"),
        Field("alloc_phys", .mapping([named, Field("size", .number, "In bytes", isRequired: true),
            Field("address", .number, "Physical; else from the end of low memory"), backtrace, minCount]), "Memory by physical address (memblock)"),
        Field("free", .text, "Frees what has this name; its bytes stay"),
        Field("free_part", .mapping([at, size]), "kmemleak_free_part()"),
        Field("free_part_phys", .mapping([at, size]), "kmemleak_free_part_phys()"),
        Field("kmemleak_alloc", .mapping([at, size, minCount, backtrace]), "The hook alone, for memory that is there"),
        Field("kmemleak_free", place, "The hook alone"),
        Field("not_leak", place, "kmemleak_not_leak(): gray for ever"),
        Field("ignore", place, "kmemleak_ignore(): black"),
        Field("ignore_phys", place, "kmemleak_ignore_phys()"),
        Field("no_scan", place, "kmemleak_no_scan(): may be referenced, is not read"),
        Field("scan_area", .mapping([at, Field("size", number, "In bytes, or max: to the end", isRequired: true)]),
            "kmemleak_scan_area(): of this object only such areas are read"),
        Field("transient_leak", place, "kmemleak_transient_leak(): not reported until one more scan has passed"),
        Field("update_trace", .mapping([at, Field("backtrace", .text, "The name of a backtrace", isRequired: true)]), "kmemleak_update_trace()"),
        Field("module", .mapping([named, Field("size", .number, "In bytes", isRequired: true),
            Field("data", .mapping([Field("offset", .number, "From the module's start", isRequired: true), Field("size", .number, "In bytes", isRequired: true)]),
                "Its writable section: what is scanned of it"), backtrace]), "Loads a module"),
        Field("rmmod", .text, "Unloads a module; its symbols go"),
        Field("store", .mapping([Field("pointer", place, "What it points at", isRequired: true), at,
            Field("xor", .number, "A mask"), Field("shift", .number, "To the right, in bits")]), "Stores a pointer, plain or encoded"),
        Field("write", .mapping([at, Field("hex", .text, "Pairs of digits"), Field("text", .text, "As UTF-8"), Field("word", number, "A pointer-sized number")],
            oneOf: ["hex", "text", "word"]),
            "Writes bytes: one of hex, text and word"),
        Field("clear", place, "Writes a word of 0"),
        Field("repeat", .mapping([Field("times", .number, "How often"), Field("over", .list(.text), "Once for each text"),
            Field("as", .text, "The variable; else i"), Field("index", .text, "A variable that counts from 0"), Field("steps", .steps, "A round", isRequired: true)],
            oneOf: ["times", "over"]), "Steps again and again: one of times and over"),
        Field("control", .either([.text, .mapping([Field("write", .text, "The command", isRequired: true),
            Field("error", .choice(errnos), "What the writer is to get")])]), "Writes to kmemleak's control file"),
        Field("during", .mapping([
            Field("phase", .choice(ScenarioSyntax.phases), "Not before this phase; else roots"),
            Field("block", .text, "When this object or root is being read; else when the phase begins"),
            Field("word", .number, "After so many words of the block"), Field("steps", .steps, "What happens then", isRequired: true),
        ]), "Steps in the middle of the next scan"),
        Field("expect", .mapping(expectations), "What has to hold; `kmemtop test` tells"),
    ]

    /// What a write to the control file may fail with.
    package static let errnos = ["EPERM", "EBUSY", "EINVAL", "ERANGE"]

    /// The phases of a scan by name.
    package static let phases = ["prepare", "roots", "gray_list", "modified", "gray_list_again", "suspects", "confirm", "confirm_roots", "confirm_gray_list", "report"]

    /// What a step `expect` may ask for.
    package static let expectations: [Field] = [
        Field("leaks", .either([.number, .list(.text)]), "What reading the control file lists: how many, or which"),
        Field("new_leaks", .number, "What the last scan reported"),
        Field("colour", .table(.choice(Colour.allCases.map(\.rawValue))), "Of objects, by place"),
        Field("count", .table(.number), "References found, by place"),
        Field("min_count", .table(.either([.number, .text])), "References needed, by place"),
        Field("flags", .table(.number), "As kmemleak numbers them, by place"),
        Field("tracked", .table(.flag), "Whether an object contains the place"),
        Field("word", .table(.text), "What stands in memory, by place: a place that it points at, or a number"),
        Field("log", .either([.text, .list(.text)]), "Texts of log lines, in this order"),
        Field("no_log", .text, "A text that no log line has"),
        Field("report", .either([.text, .list(.text)]), "Texts of what reading the control file gives, in this order"),
        Field("objects", .number, "How many are tracked"),
        Field("enabled", .flag, "Whether kmemleak is on"),
        Field("automatic", .flag, "Whether the automatic thread runs"),
        Field("scans", .number, "How many there were"),
    ]

    static func names(_ fields: [Field]) -> [String] { fields.map(\.name) }

    /// The keys of a step whose value is, or may be, a mapping.
    static func keys(ofStep name: String) -> [String] {
        steps.first { $0.name == name }.map { keys(of: $0.shape) } ?? []
    }

    /// The keys of the mapping under a key of the top.
    static func keys(of name: String) -> [String] { top.first { $0.name == name }.map { keys(of: $0.shape) } ?? [] }

    private static func keys(of shape: Shape) -> [String] {
        switch shape {
        case .mapping(let fields, _): names(fields)
        case .list(let shape): keys(of: shape)
        case .either(let shapes): shapes.flatMap(keys)
        case .text, .number, .seconds, .flag, .choice, .table, .steps: []
        }
    }
}
