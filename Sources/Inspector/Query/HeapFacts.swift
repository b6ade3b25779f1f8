import HeapModel
import Scanner

/// The facts of one object after another, read from the heap's arrays: set `id`, then ask.
///
/// Made once for a walk over many objects; copying it costs more than asking.
package struct HeapFacts: ObjectFacts {
    package var id: ObjectID
    private let heap: Heap
    private let moment: Moment?
    /// Of the moment; nil in the present.
    private let shades: MomentShades?
    /// By id; where a filter asks for many.
    private var counts: [Int32]?
    /// Whether it is a leak, by id.
    private let leaks: [Bool]
    private let now: Jiffies
    private let names: [Address: String]
    private let newLeaks: Set<Address>
    package var notes: [Address: String] = [:]
    package var marks: Set<Address> = []

    fileprivate init(_ state: AppState) {
        id = ObjectID(0)
        heap = state.heap
        moment = state.moment
        shades = moment?.shades
        var leaks = [Bool](repeating: false, count: heap.objects.count)
        for id in state.leaks { leaks[id.index] = true }
        self.leaks = leaks
        now = state.kmemleak.heap.jiffies
        names = state.names
        let recording = state.playback?.recording ?? state.kmemleak.recording
        let tick = state.playback?.tick ?? .max
        newLeaks = Set((recording?.leaks ?? []).compactMap { leak in
            leak.tick <= tick ? recording?.outcome.objects.pointers[leak.id.index] : nil
        })
    }

    package var address: Address { heap.objects.pointers[id.index] }
    package var size: UInt64 { heap.objects.sizes[id.index] }
    package var kind: ObjectKind { ObjectKind(heap.objects.flags[id.index]) }
    package var minCount: Int32 { heap.objects.minCounts[id.index] }
    package var pid: Int32 { heap.objects.pids[id.index] }
    package var count: Int32 { counts?[id.index] ?? moment?.count(of: id) ?? heap.objects.counts[id.index] }
    package var shade: Shade { shades?[id] ?? Shade(heap.objects.colour(of: id)) }
    package var isNew: Bool { newLeaks.contains(address) && isLeak }
    package var isMarked: Bool { marks.contains(address) }
    package var comm: String { heap.objects.comms[id.index].string }
    package var task: Comm? { heap.objects.comms[id.index] }
    package var name: String? { names[address] }
    package var note: String? { notes[address] }
    package var trace: TraceID? { heap.objects.traces[id.index] }
    package var site: String? { heap.allocationSite(of: id).map(printed) }
    package var backtrace: some Sequence<String> { heap.traces[trace].lazy.map(printed) }

    /// A leak of the watched moment counts as reported.
    package var flags: ObjectFlags {
        let flags = heap.objects.flags[id.index]
        return isLeak ? flags.union(.reported) : flags
    }

    package var isLeak: Bool { leaks[id.index] }

    /// Zero for what a capture says is younger than its present.
    package var age: Microseconds {
        let allocated = heap.objects.jiffies[id.index]
        guard now.isAtOrAfter(allocated) else { return Microseconds(0) }
        let product = (now - allocated).multipliedFullWidth(by: 1_000_000)
        guard product.high < heap.profile.hz else { return Microseconds(.max) }
        return Microseconds(heap.profile.hz.dividingFullWidth(product).quotient)
    }

    private func printed(_ frame: Address) -> String { heap.symbols[frame] ?? frame.description }
}

extension HeapFacts {
    /// The objects that the filter lets through, in their order. Anything but texts takes well below 0.1 µs an object.
    package func matching(_ filter: ObjectFilter, among ids: [ObjectID]) -> [ObjectID] {
        guard !filter.isEmpty else { return ids }
        var facts = self, pass = FilterPass(filter)
        if filter.terms.contains(where: { $0.field == .count }) { facts.counts = moment?.counts }
        var matching: [ObjectID] = []
        // In a closure the facts would be copied for each object.
        for id in ids {
            facts.id = id
            if pass.matches(facts) { matching.append(id) }
        }
        return matching
    }
}

extension AppState {
    /// What filters may ask of the objects on the screen.
    package var facts: HeapFacts { HeapFacts(self) }
}
