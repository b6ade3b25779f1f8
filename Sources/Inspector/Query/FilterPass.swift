import HeapModel

/// One walk of a filter over many objects: what a term finds in a backtrace is found once for all objects that share it.
///
/// For one heap, whose symbols stay as they are.
package struct FilterPass: Sendable {
    /// The filter's terms, cheap ones first, with what they found so far.
    private var steps: [(term: FilterTerm, found: [TraceID: Bool])]

    package init(_ filter: ObjectFilter) { steps = filter.plan.map { ($0, [:]) } }

    package mutating func matches(_ facts: some ObjectFacts) -> Bool {
        for index in steps.indices where !holds(index, facts) { return false }
        return true
    }

    private mutating func holds(_ index: Int, _ facts: some ObjectFacts) -> Bool {
        let isNegated = steps[index].term.isNegated
        if steps[index].term.test.matchesOwn(facts) { return !isNegated }
        guard steps[index].term.asksForTrace else { return isNegated }
        guard let trace = facts.trace else { return steps[index].term.test.matchesTrace(facts) != isNegated }
        if let found = steps[index].found[trace] { return found != isNegated }
        let found = steps[index].term.test.matchesTrace(facts)
        steps[index].found[trace] = found
        return found != isNegated
    }
}
