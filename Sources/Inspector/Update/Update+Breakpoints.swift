import HeapModel
import Scanner

extension AppState {
    /// Sets a breakpoint on the selected object, or takes it away.
    mutating func toggleBreakpoint() {
        guard let selection else { return }
        let address = heap.objects.pointers[selection.index]
        if let place = breakpoints.firstIndex(where: { $0.isOn(address) }) {
            breakpoints.remove(at: place)
            updateStops()
            say("No breakpoint on \(shortLabel(of: selection)) any more.")
        } else {
            breakpoints.append(Breakpoint(place: .object(address), text: shortLabel(of: selection)))
            updateStops()
            say("The scan stops when \(shortLabel(of: selection)) changes colour. J runs there, B lists the breakpoints.")
        }
    }

    /// `break gray`, `break leak`, `break fn:hub_probe`, `break 0x…-0x…`, `break hub0+0x40`
    mutating func addBreakpoint(_ text: String) {
        do {
            let breakpoint = Breakpoint(place: try breakpointPlace(text), text: text)
            if !breakpoints.contains(breakpoint) { breakpoints.append(breakpoint) }
            updateStops()
            let stops = stops.contains { breakpoints[$0.breakpoint] == breakpoint }
            say(stops || kmemleak.recording == nil ? "The scan stops at \(text). J runs there, B lists the breakpoints."
                : "Nothing in the last scan stops at \(text). B lists the breakpoints.")
        } catch {
            complain("break: \(error)")
        }
    }

    private func breakpointPlace(_ text: String) throws(AddressError) -> Breakpoint.Place {
        if text == "leak" { return .leak }
        if let shade = Shade.allCases.first(where: { $0.title == text }) { return .shade(shade) }
        if text.hasPrefix("fn:") { return .function(String(text.dropFirst(3))) }
        // The first hyphen may belong to an offset: a range has an address on both sides.
        for place in text.indices where text[place] == "-" {
            guard let start = try? address(String(text[..<place])), let end = try? address(String(text[text.index(after: place)...])),
                start < end
            else { continue }
            return .range(AddressRange(start: start, size: end.rawValue - start.rawValue))
        }
        let address = try address(text)
        guard let id = index.object(containing: address) else {
            let word = UInt64(heap.profile.wordSize)
            let root = heap.roots.first { $0.range.start == address }
            return .range(root?.range ?? AddressRange(start: address, size: word))
        }
        let start = heap.objects.pointers[id.index]
        return address == start ? .object(start) : .range(AddressRange(start: address, size: UInt64(heap.profile.wordSize)))
    }

    /// `delete 2`, `delete all`
    mutating func deleteBreakpoint(_ text: String) {
        if text == "all" {
            breakpoints = []
            updateStops()
            return say("All breakpoints are gone.")
        }
        guard let number = Int(text), breakpoints.indices.contains(number - 1) else {
            return complain("delete: expected a breakpoint's number from 1 to \(breakpoints.count), or all, found \"\(text)\"")
        }
        let removed = breakpoints.remove(at: number - 1)
        updateStops()
        say("No breakpoint at \(removed.text) any more.")
    }

    // MARK: Stops

    /// To be called when the breakpoints or the watched scan are others.
    mutating func updateStops() {
        stops = (playback?.recording ?? kmemleak.recording).map { Breakpoint.stops(of: breakpoints, in: $0) } ?? []
    }

    func nextStop(after tick: Tick) -> BreakpointStop? {
        let place = stops.partitioningIndex { $0.tick > tick }
        return place < stops.count ? stops[place] : nil
    }

    private func lastStop(before tick: Tick) -> BreakpointStop? {
        let place = stops.partitioningIndex { $0.tick >= tick }
        return place > 0 ? stops[place - 1] : nil
    }

    mutating func seekToBreakpoint(_ direction: Direction) {
        showLastScan()
        guard let tick = playback?.tick else { return }
        guard let stop = direction == .forwards ? nextStop(after: tick) : lastStop(before: tick) else {
            return say("No breakpoint stops the scan \(direction == .forwards ? "after" : "before") this.")
        }
        go(to: stop)
    }

    /// Enter in the list: to the next stop of one breakpoint, round the end.
    mutating func seekToStop(of breakpoint: Int) {
        guard kmemleak.recording != nil else { return complain("There is no scan to step through yet: press s.") }
        showLastScan()
        let own = stops.filter { $0.breakpoint == breakpoint }
        guard let tick = playback?.tick, let stop = own.first(where: { $0.tick > tick }) ?? own.first else {
            return say("This breakpoint does not stop the scan.")
        }
        show(nil)
        go(to: stop)
    }

    private mutating func go(to stop: BreakpointStop) {
        playback?.isPlaying = false
        isFollowing = followsScans
        go(to: stop.tick)
        bringToFront(.scan)
        tell(stop)
    }

    mutating func tell(_ stop: BreakpointStop) {
        guard let change = stop.change else { return say("Stopped: the scan reads \(breakpoints[stop.breakpoint].text).") }
        say("Stopped: \(shortLabel(of: change.object)) \(change.isLeak ? "is reported" : change.shade == .scanned ? "is scanned" : "turned \(change.shade.title)").")
    }
}
