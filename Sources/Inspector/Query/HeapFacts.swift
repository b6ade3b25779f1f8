import Foundation
import HeapModel
import Scanner

/// The facts of one object after another, read from the heap's arrays: set `id`, then ask.
package struct HeapFacts: ObjectFacts {
    package var id: ObjectID
    private let shown: Shown
    /// By id; where a filter asks for many.
    private var counts: [Int32]?

    /// What is on the screen. A class, as to copy all this for each question would cost more than to answer it.
    private final class Shown: Sendable {
        let heap: Heap
        let moment: Moment?
        /// Of the moment; nil in the present.
        let shades: MomentShades?
        /// Whether it is a leak, by id.
        let leaks: [Bool]
        let now: Jiffies
        let names: [Address: String]
        let newLeaks: Set<Address>
        let notes: [Address: String]
        let marks: Set<Address>

        init(_ state: AppState) {
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
            let entries = state.notebook.entries(of: state.source)
            notes = entries.mapValues(\.note).filter { !$0.value.isEmpty }
            marks = Set(entries.filter(\.value.isMarked).keys)
        }
    }

    fileprivate init(_ state: AppState) {
        id = ObjectID(0)
        shown = Shown(state)
    }

    package var address: Address { shown.heap.objects.pointers[id.index] }
    package var size: UInt64 { shown.heap.objects.sizes[id.index] }
    package var kind: ObjectKind { ObjectKind(shown.heap.objects.flags[id.index]) }
    package var minCount: Int32 { shown.heap.objects.minCounts[id.index] }
    package var pid: Int32 { shown.heap.objects.pids[id.index] }
    package var count: Int32 { counts?[id.index] ?? shown.moment?.count(of: id) ?? shown.heap.objects.counts[id.index] }
    package var shade: Shade { shown.shades?[id] ?? Shade(shown.heap.objects.colour(of: id)) }
    package var isLeak: Bool { shown.leaks[id.index] }
    package var isNew: Bool { shown.newLeaks.contains(address) && isLeak }
    package var isMarked: Bool { shown.marks.contains(address) }
    package var comm: String { shown.heap.objects.comms[id.index].string }
    package var task: Comm? { shown.heap.objects.comms[id.index] }
    package var name: String? { shown.names[address] }
    package var note: String? { shown.notes[address] }
    package var trace: TraceID? { shown.heap.objects.traces[id.index] }
    package var site: String? { shown.heap.allocationSite(of: id).map(printed) }
    package var backtrace: some Sequence<String> { shown.heap.traces[trace].lazy.map(printed) }

    /// A leak of the watched moment counts as reported.
    package var flags: ObjectFlags {
        let flags = shown.heap.objects.flags[id.index]
        return isLeak ? flags.union(.reported) : flags
    }

    /// Zero for what a capture says is younger than its present.
    package var age: Microseconds {
        let allocated = shown.heap.objects.jiffies[id.index], hz = shown.heap.profile.hz
        guard shown.now.isAtOrAfter(allocated) else { return Microseconds(0) }
        let product = (shown.now - allocated).multipliedFullWidth(by: 1_000_000)
        guard product.high < hz else { return Microseconds(.max) }
        return Microseconds(hz.dividingFullWidth(product).quotient)
    }

    private func printed(_ frame: Address) -> String { shown.heap.symbols[frame] ?? frame.description }
}

extension HeapFacts {
    /// The objects that the filter lets through, in their order. Anything but texts takes well below 0.1 µs an object.
    /// - Parameter threads: as many as there are processors, if that is worth it, where it is not told.
    package func matching(_ filter: ObjectFilter, among ids: [ObjectID], threads: Int? = nil) -> [ObjectID] {
        guard !filter.isEmpty else { return ids }
        var facts = self
        if filter.terms.contains(where: { $0.field == .count }) { facts.counts = shown.moment?.counts }
        let threads = threads ?? Parallel.threads(ProcessInfo.processInfo.activeProcessorCount, forObjects: ids.count)
        let parts = Parallel.map(threads) { [facts] thread in
            var facts = facts, pass = FilterPass(filter), matching: [ObjectID] = []
            for place in Parallel.part(thread, of: threads, count: ids.count) {
                facts.id = ids[place]
                if pass.matches(facts) { matching.append(ids[place]) }
            }
            return matching
        }
        return Array(parts.joined())
    }
}

extension AppState {
    /// What filters may ask of the objects on the screen.
    package var facts: HeapFacts { HeapFacts(self) }
}
