import HeapModel

/// What of an object a filter may ask for, from the cheapest question to the dearest: a filter asks in this order.
package enum ObjectField: String, CaseIterable, Comparable, Sendable {
    case size, addr, min, pid, kind, flag, age, mark, count, colour, new
    case comm, name, note, word, site, fn

    package static func < (left: ObjectField, right: ObjectField) -> Bool { left.cost < right.cost }

    private var cost: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What stands between a field and its value.
package enum FilterOperator: String, CaseIterable, Sendable {
    case has = ":", equals = "=", differs = "!=", less = "<", atMost = "<=", more = ">", atLeast = ">="

    /// Those that say that a value is one of several.
    static let choosing: [FilterOperator] = [.has, .equals, .differs]
    static let comparing: [FilterOperator] = [.less, .atMost, .more, .atLeast]

    func holds(_ value: UInt64, _ limit: UInt64) -> Bool {
        switch self {
        case .has, .equals: value == limit
        case .differs: value != limit
        case .less: value < limit
        case .atMost: value <= limit
        case .more: value > limit
        case .atLeast: value >= limit
        }
    }
}

/// A row of the table of fields: what may be typed, and how that is told.
package struct FilterField: Sendable {
    package let field: ObjectField
    package let aliases: [String]
    package let kind: Kind
    /// A line for the help.
    package let help: String
    package let example: String

    package var name: String { field.rawValue }
    package var operators: [FilterOperator] { kind.operators }

    package enum Kind: Sendable {
        /// 64 bits, with `k`, `M` and `G`.
        case bytes
        case address
        /// 32 bits with a sign.
        case number
        case age
        case text
        /// Words, each with its bits in the mask that a term is tested by.
        case choice([Choice])

        package var operators: [FilterOperator] {
            switch self {
            case .bytes, .address, .number: FilterOperator.choosing + FilterOperator.comparing
            case .age: FilterOperator.comparing
            case .text, .choice: FilterOperator.choosing
            }
        }
    }

    package struct Choice: Sendable {
        package let name: String
        package let bits: UInt32
    }

    /// The table of fields: gives the parser, the help and docs/filters.md.
    package static let table: [FilterField] = [
        .init(.size, .bytes, "Bytes: `k`, `M` and `G` are of 1024, `0x` is hexadecimal", example: "size>=4k"),
        .init(.addr, .address, aliases: ["address", "ptr"], "Start of the block; also FROM-TO or START+LENGTH",
            example: "addr:0xffff888000000000+64k"),
        .init(.kind, .choice(ObjectKind.allCases.map { .init(name: $0.rawValue, bits: $0.filterBit) }),
            "What its address is: virtual, percpu or phys", example: "kind:percpu,phys"),
        .init(.colour, .choice(Shade.filterChoices), aliases: ["color"],
            "white (leaks are white, too), gray (waiting), scanned, ignored; or leak", example: "colour:white,gray"),
        .init(.flag, .choice(ObjectFlags.filterChoices), aliases: ["flags"], "A flag it has, by the kernel's name",
            example: "flag:NO_SCAN"),
        .init(.count, .number, aliases: ["refs"], "References found", example: "count:0"),
        .init(.min, .number, aliases: ["mincount", "min_count"], "References it needs; 0 a root, -1 ignored", example: "min>1"),
        .init(.age, .age, "Time since the allocation, in s, m, h or d; seconds without", example: "age<60s"),
        .init(.comm, .text, aliases: ["task"], "Name of the task that allocated it", example: "comm:kworker"),
        .init(.pid, .number, "Number of the task that allocated it", example: "pid:1-99"),
        .init(.fn, .text, aliases: ["func", "function", "trace"], "Any function of the backtrace", example: "fn:hub_"),
        .init(.site, .text, "The function that asked for it, without the allocator's own", example: "site=hub_probe"),
        .init(.name, .text, "What the scenario calls it", example: "name:leak"),
        .init(.note, .text, "The note that was made of it", example: "note:\"looks real\""),
        .init(.mark, .choice(Bool.filterChoices), aliases: ["marked"], "Whether it is marked", example: "mark:yes"),
        .init(.new, .choice(Bool.filterChoices), "Whether the last scan reported it", example: "new:yes"),
    ]

    /// By any of its names, in any case of letters.
    package static func named(_ name: String) -> FilterField? { byName[name.lowercased()] }

    /// All names, aliases too.
    package static var names: [String] { table.flatMap { [$0.name] + $0.aliases } }

    static func of(_ field: ObjectField) -> FilterField? { byName[field.rawValue] }

    private static let byName: [String: FilterField] = Dictionary(
        table.flatMap { row in ([row.name] + row.aliases).map { ($0, row) } }, uniquingKeysWith: { first, _ in first })

    private init(_ field: ObjectField, _ kind: Kind, aliases: [String] = [], _ help: String, example: String) {
        self.field = field
        self.aliases = aliases
        self.kind = kind
        self.help = help
        self.example = example
    }
}

extension [FilterField.Choice] {
    /// The words, without second ones for the same.
    var distinct: [String] {
        indices.filter { index in !self[..<index].contains { $0.bits == self[index].bits } }.map { self[$0].name }
    }
}

extension Bool {
    static let filterChoices: [FilterField.Choice] = [
        .init(name: "yes", bits: true.filterBit), .init(name: "no", bits: false.filterBit),
    ]

    var filterBit: UInt32 { self ? 1 : 2 }
}

extension ObjectKind {
    var filterBit: UInt32 {
        switch self {
        case .virtual: 1
        case .phys: 2
        case .percpu: 4
        }
    }
}

extension Shade {
    static let leakFilterBit: UInt32 = 16
    static let filterChoices: [FilterField.Choice] = [
        .init(name: "white", bits: Shade.white.filterBit), .init(name: "gray", bits: Shade.gray.filterBit),
        .init(name: "scanned", bits: Shade.scanned.filterBit), .init(name: "ignored", bits: Shade.ignored.filterBit),
        .init(name: "leak", bits: leakFilterBit), .init(name: "grey", bits: Shade.gray.filterBit),
    ]

    var filterBit: UInt32 {
        switch self {
        case .white: 1
        case .gray: 2
        case .scanned: 4
        case .ignored: 8
        }
    }
}

extension ObjectFlags {
    /// Each flag that has a name of the kernel's.
    static let filterChoices: [FilterField.Choice] = (0..<32).map { ObjectFlags(rawValue: 1 << $0) }
        .filter { $0.names != ObjectFlags().names }
        .map { .init(name: $0.names, bits: $0.rawValue) }
}
