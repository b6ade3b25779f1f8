import HeapModel
import Scanner

/// Where a scan that is watched stops by itself.
package struct Breakpoint: Equatable, Sendable {
    package enum Place: Equatable, Sendable {
        /// Any change of colour of the object that starts here.
        case object(Address)
        /// A word in the range is read, or an object that begins in it changes colour.
        case range(AddressRange)
        /// An object that this function allocated changes colour.
        case function(String)
        /// Any object becomes this colour.
        case shade(Shade)
        /// Any object is reported.
        case leak
    }

    package let place: Place
    /// As it was asked for.
    package let text: String

    /// Whether it is the breakpoint of the object that starts there.
    func isOn(_ start: Address) -> Bool { place == .object(start) }
}

/// A moment at which a breakpoint stops the scan.
struct BreakpointStop: Equatable, Sendable {
    let tick: Tick
    /// Its place among the breakpoints.
    let breakpoint: Int
    /// What changed; nil when a word of the breakpoint's range is read.
    let change: ScanRecording.ColourChange?
}

extension Breakpoint {
    /// All stops of some breakpoints in a scan, ascending.
    static func stops(of breakpoints: [Breakpoint], in recording: ScanRecording) -> [BreakpointStop] {
        breakpoints.enumerated().flatMap { number, breakpoint in
            breakpoint.reads(in: recording).map { BreakpointStop(tick: $0, breakpoint: number, change: nil) }
                + breakpoint.changes(in: recording).filter { breakpoint.matches($0, in: recording) }
                .map { BreakpointStop(tick: $0.tick, breakpoint: number, change: $0) }
        }.sorted { $0.tick < $1.tick }
    }

    private func reads(in recording: ScanRecording) -> [Tick] {
        if case .range(let range) = place { recording.ticks(reading: range) } else { [] }
    }

    /// The changes of colour that may match: of the objects that it is about. Rows are never taken out while a scan runs.
    private func changes(in recording: ScanRecording) -> [ScanRecording.ColourChange] {
        let heap = recording.epochs[recording.epochs.count - 1].heap, objects = heap.objects
        func ids(_ isAskedFor: (Int) -> Bool) -> [ObjectID] { objects.pointers.indices.lazy.filter(isAskedFor).map { ObjectID($0) } }
        switch place {
        case .object(let address): return recording.colourChanges(of: ids { objects.pointers[$0] == address })
        case .range(let range): return recording.colourChanges(of: ids { range.contains(objects.pointers[$0]) })
        case .function(let name):
            var found: [TraceID: Bool] = [:]
            return recording.colourChanges(of: ids { row in
                guard let trace = objects.traces[row] else { return false }
                if let known = found[trace] { return known }
                // A module may be unloaded while the scan runs.
                let calls = recording.epochs.contains { $0.heap.calls(name, in: trace, of: heap.traces) }
                found[trace] = calls
                return calls
            })
        case .shade: return recording.colourChanges(of: Array(objects.ids))
        case .leak: return recording.colourChanges(of: recording.leaks.map(\.id))
        }
    }

    private func matches(_ change: ScanRecording.ColourChange, in recording: ScanRecording) -> Bool {
        switch place {
        case .object, .range: return true
        case .function(let name):
            guard recording.epochs.count > 1 else { return true }
            let heap = Moment(recording: recording, tick: change.tick).heap
            return heap.objects.traces[change.object.index].map { heap.calls(name, in: $0, of: heap.traces) } ?? false
        case .shade(let shade): return !change.isLeak && change.shade == shade
        case .leak: return change.isLeak
        }
    }
}

extension Heap {
    fileprivate func calls(_ function: String, in trace: TraceID, of depot: TraceDepot) -> Bool {
        depot[trace].contains { symbols.function($0) == function }
    }
}
