import HeapModel

/// Which objects to show, or to search for: `size>512 comm:kworker !colour:ignored`. The language is in docs/filters.md.
///
/// Equal to another that asks the same in the same order, however that was typed.
package struct ObjectFilter: Sendable, CustomStringConvertible {
    /// As it was typed.
    package let text: String
    /// All of them must hold; none: every object matches.
    package let terms: [FilterTerm]
    /// The terms, cheap ones first.
    let plan: [FilterTerm]

    package init(parsing text: String) throws(FilterError) {
        self.text = text
        var parser = FilterParser(text)
        terms = try parser.terms()
        plan = terms.sorted { $0.field < $1.field }
    }

    package var isEmpty: Bool { terms.isEmpty }

    /// For many objects a `FilterPass` is faster.
    package func matches(_ facts: some ObjectFacts) -> Bool { plan.allSatisfy { $0.matches(facts) } }

    /// Whether the answer may change from one step of a watched scan to the next.
    package var dependsOnScan: Bool {
        terms.contains { term in
            switch term.test {
            case .choice(.flag, let mask): mask & ObjectFlags.reported.rawValue != 0
            default: [.colour, .count, .new].contains(term.field)
            }
        }
    }

    /// Whether the answer may change as the kernel's clock runs.
    package var dependsOnTime: Bool { terms.contains { $0.field == .age } }

    /// The parts of a printed text that terms look for, ascending, none overlapping; whole characters.
    ///
    /// - Parameter fields: what the text shows; words are looked for in any.
    package func highlights(in text: String, of fields: Set<ObjectField> = Set(ObjectField.allCases)) -> [Range<String.Index>] {
        let ranges = terms.flatMap { term -> [Range<String.Index>] in
            guard case .text(let field, let patterns, let isWhole) = term.test, !term.isNegated,
                field == .word || fields.contains(field)
            else { return [] }
            return patterns.filter { !isWhole || [$0].fit(text, of: field, isWhole: true) }.flatMap { $0.ranges(in: text) }
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
            guard let last = merged.last, range.lowerBound <= last.upperBound else { return merged.append(range) }
            merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        }
    }

    /// The filter as it may be typed, in one way; reading it gives an equal filter.
    package var description: String { terms.map(\.description).joined(separator: " ") }
}

extension ObjectFilter: Equatable {
    package static func == (left: ObjectFilter, right: ObjectFilter) -> Bool { left.terms == right.terms }
}
