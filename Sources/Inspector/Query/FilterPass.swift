import HeapModel

/// One thread's walk of a filter over many objects: what a term finds in a backtrace, or in the name of a task, is found once
/// for all of them that share it.
///
/// For one heap, whose symbols stay as they are.
package struct FilterPass: Sendable {
    /// The filter's terms, cheap ones first.
    private var steps: [Step]

    fileprivate struct Step {
        let term: FilterTerm
        let asksForOwn: Bool, asksForTask: Bool, asksForTrace: Bool
        var tasks: [Comm: Bool] = [:]
        /// By the number of the backtrace.
        var traces: [Bool?] = []

        init(_ term: FilterTerm) {
            self.term = term
            (asksForOwn, asksForTask, asksForTrace) = (term.asksForOwn, term.asksForTask, term.asksForTrace)
        }
    }

    package init(_ filter: ObjectFilter) { steps = filter.plan.map(Step.init) }

    package mutating func matches(_ facts: some ObjectFacts) -> Bool {
        for index in steps.indices where steps[index].matches(facts) == steps[index].term.isNegated { return false }
        return true
    }
}

extension FilterPass.Step {
    /// Whether the test of the term holds.
    mutating func matches(_ facts: some ObjectFacts) -> Bool {
        asksForOwn && term.test.matchesOwn(facts) || asksForTask && matchesTask(facts) || asksForTrace && matchesTrace(facts)
    }

    private mutating func matchesTask(_ facts: some ObjectFacts) -> Bool {
        guard let task = facts.task else { return term.test.matchesTask(facts) }
        if let found = tasks[task] { return found }
        let found = term.test.matchesTask(facts)
        tasks[task] = found
        return found
    }

    private mutating func matchesTrace(_ facts: some ObjectFacts) -> Bool {
        guard let trace = facts.trace.map({ Int($0.rawValue) }) else { return term.test.matchesTrace(facts) }
        if trace < traces.count, let found = traces[trace] { return found }
        let found = term.test.matchesTrace(facts)
        while traces.count <= trace { traces.append(nil) }
        traces[trace] = found
        return found
    }
}
