import HeapModel

/// One condition of a filter: what is tested, or that the test fails.
package struct FilterTerm: Equatable, Sendable, CustomStringConvertible {
    var isNegated: Bool
    var test: Test

    enum Test: Equatable, Sendable {
        /// Contains one of the texts, or is one of them.
        case text(ObjectField, [TextPattern], isWhole: Bool)
        case numbers(ObjectField, [ClosedRange<UInt64>])
        case limit(ObjectField, FilterOperator, UInt64)
        case choice(ObjectField, UInt32)
    }

    var field: ObjectField {
        switch test {
        case .text(let field, _, _), .numbers(let field, _), .limit(let field, _, _), .choice(let field, _): field
        }
    }

    func matches(_ facts: some ObjectFacts) -> Bool {
        (test.matchesOwn(facts) || test.matchesTask(facts) || test.matchesTrace(facts)) != isNegated
    }

    /// Whether something that each object has for itself has a part in it.
    var asksForOwn: Bool { ![.comm, .site, .fn].contains(field) }
    /// Whether the name of the task has a part in it.
    var asksForTask: Bool { [.word, .comm].contains(field) }
    /// Whether the backtrace has.
    var asksForTrace: Bool { [.word, .site, .fn].contains(field) }

    /// As it may be typed; reading it gives an equal term.
    package var description: String {
        let name = field.rawValue
        switch test {
        case .text(.word, let patterns, _):
            return (isNegated ? "!" : "") + patterns.map { FilterText.quoted($0.text) }.joined(separator: ",")
        case .text(_, let patterns, let isWhole):
            let values = patterns.map { FilterText.quoted($0.text) }.joined(separator: ",")
            return isWhole ? name + (isNegated ? "!=" : "=") + values : (isNegated ? "!" : "") + name + ":" + values
        case .numbers(let field, let ranges):
            let values = ranges.map { FilterNumber.text($0, of: field) }.joined(separator: ",")
            return name + (isNegated ? "!=" : ":") + values
        case .limit(let field, let comparison, let value):
            return (isNegated ? "!" : "") + name + comparison.rawValue + FilterNumber.text(value, of: field)
        case .choice(let field, let mask):
            guard case .choice(let choices)? = FilterField.of(field)?.kind else { return name }
            return name + (isNegated ? "!=" : ":") + choices.filter { mask & $0.bits != 0 }.distinct.joined(separator: ",")
        }
    }
}

extension FilterTerm.Test {
    /// The test, but for what other objects may share: task and backtrace. Numbers are compared without allocating anything.
    func matchesOwn(_ facts: some ObjectFacts) -> Bool {
        switch self {
        case .numbers(let field, let ranges):
            let value = FilterNumber.value(of: field, facts)
            return ranges.contains { $0.contains(value) }
        case .limit(let field, let comparison, let limit):
            return comparison.holds(FilterNumber.value(of: field, facts), limit)
        case .choice(let field, let mask): return mask & Self.bits(of: field, facts, asked: mask) != 0
        case .text(let field, let patterns, let isWhole):
            func fits(_ text: String?) -> Bool { text.map { patterns.fit($0, of: field, isWhole: isWhole) } ?? false }
            switch field {
            case .name: return fits(facts.name)
            case .note: return fits(facts.note)
            case .word:
                return fits(facts.name) || fits(facts.note) || patterns.contains { $0.isFound(inPrinted: facts.address) }
            default: return false
            }
        }
    }

    /// What the name of the task tells: the same for all objects that it allocated.
    func matchesTask(_ facts: some ObjectFacts) -> Bool {
        guard case .text(let field, let patterns, let isWhole) = self, field == .comm || field == .word else { return false }
        return patterns.fit(facts.comm, of: field, isWhole: isWhole)
    }

    /// What the backtrace tells: the same for all objects that share it.
    func matchesTrace(_ facts: some ObjectFacts) -> Bool {
        guard case .text(let field, let patterns, let isWhole) = self else { return false }
        switch field {
        case .word, .site: return facts.site.map { patterns.fit($0, of: field, isWhole: isWhole) } ?? false
        case .fn: return facts.backtrace.contains { patterns.fit($0, of: field, isWhole: isWhole) }
        default: return false
        }
    }

    private static func bits(of field: ObjectField, _ facts: some ObjectFacts, asked: UInt32) -> UInt32 {
        switch field {
        case .kind: facts.kind.filterBit
        case .flag: facts.flags.rawValue
        case .mark: facts.isMarked.filterBit
        case .new: facts.isNew.filterBit
        case .colour:
            (asked == Shade.leakFilterBit ? 0 : facts.shade.filterBit)
                | (asked & Shade.leakFilterBit != 0 && facts.isLeak ? Shade.leakFilterBit : 0)
        default: 0
        }
    }
}

extension [TextPattern] {
    /// Whether one of them is in the text; whole: is the text or, of a symbol as printed, what stands before its module or
    /// its offset.
    func fit(_ text: String, of field: ObjectField, isWhole: Bool) -> Bool {
        guard isWhole else { return contains { $0.isFound(in: text) } }
        if contains(where: { $0.text == text }) { return true }
        guard field == .fn || field == .site else { return false }
        let symbol = text.prefix { $0 != " " }, function = symbol.prefix { $0 != "+" }
        return contains { $0.text == symbol || $0.text == function }
    }
}
