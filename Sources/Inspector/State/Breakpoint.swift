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
        guard !breakpoints.isEmpty else { return [] }
        let changes = recording.colourChanges
        return breakpoints.enumerated().flatMap { number, breakpoint in
            breakpoint.reads(in: recording).map { BreakpointStop(tick: $0, breakpoint: number, change: nil) }
                + changes.filter { breakpoint.matches($0, in: recording) }
                .map { BreakpointStop(tick: $0.tick, breakpoint: number, change: $0) }
        }.sorted { $0.tick < $1.tick }
    }

    private func reads(in recording: ScanRecording) -> [Tick] {
        if case .range(let range) = place { recording.ticks(reading: range) } else { [] }
    }

    private func matches(_ change: ScanRecording.ColourChange, in recording: ScanRecording) -> Bool {
        let heap = Moment(recording: recording, tick: change.tick).heap
        switch place {
        case .object(let address): return heap.objects.pointers[change.object.index] == address
        case .range(let range): return range.contains(heap.objects.pointers[change.object.index])
        case .function(let name):
            return heap.traces[heap.objects.traces[change.object.index]].contains { heap.symbols.function($0) == name }
        case .shade(let shade): return !change.isLeak && change.shade == shade
        case .leak: return change.isLeak
        }
    }
}
