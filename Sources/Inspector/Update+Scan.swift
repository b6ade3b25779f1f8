import HeapModel
import Scanner

extension AppState {
    /// Scans; a scan that has not been watched to its end yet is gone on with instead.
    mutating func startScan(animated: Bool) {
        if untoldLog == nil {
            let before = kmemleak.log.count
            write(.scan)
            guard message?.isError != true else { return }
            untoldLog = before..<kmemleak.log.count
            seek(to: 0)
        }
        isFollowing = true
        playback?.isPlaying = animated
        if animated {
            showBelow(.scan)
            follow()
        } else {
            if let end = playback?.recording.lastTick { seek(to: end) }
            finishScan()
        }
    }

    /// Writes to the control file; a failure becomes the message.
    mutating func write(_ command: ControlCommand) {
        let before = kmemleak.heap.reportedLeaks.count, scansBefore = kmemleak.scanCount
        do {
            try machine.write(command)
            showScanIfNew(since: scansBefore)
            defer { tellFailure() }
            switch command {
            case .clear:
                showHeap()
                say(before == 0 ? "Nothing to clear: no leak is reported."
                    : "Cleared: \(before) leaks are gray from now on, and so is all they point to.")
            case .off:
                showHeap()
                say("kmemleak is off, for ever.")
            case .stack(let on): say(on ? "Stacks will be scanned." : "Stacks will not be scanned.")
            case .dump: showBelow(.log)
            case .automatic(let on): say(on ? "The automatic thread runs." : "The automatic thread has ended.")
            case .period, .scan: break
            }
        } catch {
            complain("\(command.text): \(error)" + offHint)
        }
    }

    /// Behind an errno that needs an explanation.
    var offHint: String { kmemleak.heap.isEnabled ? "" : "; kmemleak is off for ever, only clear is taken" }

    /// Leaves the watched scan for the heap as it is now.
    mutating func showHeap() {
        playback = nil
        untoldLog = nil
        heapChanged()
        keepSelectionVisible()
    }

    /// Takes up the last scan again, at its end, when the present is on the screen.
    private mutating func showLastScan() {
        guard playback == nil, let recording = kmemleak.recording else { return }
        playback = Playback(recording, tick: recording.lastTick)
        heapChanged()
    }

    /// Shows the end of a scan that was made meanwhile: asked for, or the automatic thread's.
    mutating func showScanIfNew(since count: Int) {
        guard kmemleak.scanCount > count, let recording = kmemleak.recording else { return }
        playback = Playback(recording, tick: recording.lastTick)
        untoldLog = nil
        heapChanged()
    }

    /// Where panes share a place, the one that now matters comes to the front, with the keys if the one before had them.
    private mutating func showBelow(_ pane: Pane) {
        guard layout.hasTabs else { return }
        if focus != .objects { focus = pane }
        lowerPane = pane
    }

    mutating func advance(microseconds: Int) {
        guard playback?.isPlaying == true else { return live(microseconds: microseconds) }
        let before = moment?.epoch
        playback?.advance(microseconds: microseconds)
        if moment?.epoch != before { heapChanged() }
        follow()
        if playback?.isAtEnd == true { finishScan() }
    }

    /// The kernel goes on; what its automatic thread finds is told and not played.
    private mutating func live(microseconds: Int) {
        guard isClockRunning else { return }
        clockRest += microseconds * clockSpeed
        let leaksBefore = kmemleak.heap.reportedLeaks.count, scansBefore = kmemleak.scanCount
        machine.advance(by: Microseconds(UInt64(clockRest)))
        clockRest = 0
        heapChanged()
        keepSelectionVisible()
        tellFailure()
        if kmemleak.scanCount > scansBefore {
            let new = kmemleak.heap.reportedLeaks.count - leaksBefore
            say("The automatic thread scanned: \(new > 0 ? "\(new) new suspected leaks" : "no new leak"). { steps back into the scan.")
        }
    }

    /// A scenario's mistake that shows only now.
    private mutating func tellFailure() {
        if let failure = machine.failure { complain("The kernel stopped on an error: \(failure)") }
    }

    mutating func changeClock(_ direction: Direction) {
        let speeds = [0, 1, 10, 100]
        let place = speeds.firstIndex(of: clockSpeed) ?? 0
        clockSpeed = direction == .forwards ? speeds[(place + 1) % speeds.count] : speeds[max(0, place - 1)]
        let held = clockSpeed > 0 && playback != nil ? " It waits while a scan is looked at: p goes back to the present." : ""
        say((clockSpeed == 0 ? "The clock stands still." : "The clock runs at \(clockSpeed)x.") + held)
    }

    mutating func playPause() {
        showLastScan()
        guard let playback else { return }
        if playback.isAtEnd {
            seek(to: 0)
            self.playback?.isPlaying = true
        } else {
            self.playback?.isPlaying.toggle()
        }
        isFollowing = true
    }

    mutating func step(_ stride: Stride, _ direction: Direction) {
        showLastScan()
        guard let playback else { return }
        let tick = playback.recording.tick(stride, direction, from: playback.tick)
        if tick == playback.tick { say(direction == .forwards ? "This is the scan's end." : "This is the scan's beginning.") }
        self.playback?.isPlaying = false
        seek(to: tick)
        isFollowing = true
        follow()
        if self.playback?.isAtEnd == true, untoldLog != nil { finishScan() }
    }

    /// Shows another moment of the scan; the heap on the screen may be another one there.
    private mutating func seek(to tick: Tick) {
        let before = moment?.epoch
        playback?.tick = tick
        if moment?.epoch != before { heapChanged() }
    }

    mutating func seekToReach() {
        showLastScan()
        guard let recording = playback?.recording, let selection else { return }
        guard let tick = recording.tickReached(selection, around: playback?.tick ?? 0) else {
            return complain("This object is never reached: it has \(count(of: selection)) of \(minCount(of: selection)) references.")
        }
        playback?.isPlaying = false
        seek(to: tick)
        showBelow(.scan)
    }

    mutating func changeSpeed(_ direction: Direction) {
        playback?.changeSpeed(direction)
        if let playback { say("Speed \(playback.speedLabel).") }
    }

    /// Takes the selection to the object that the scan is about to touch or has just touched.
    private mutating func follow() {
        guard isFollowing, let moment else { return }
        let touched: ObjectID? = switch moment.step {
        case .checksum(let id), .suspect(let id), .report(let id): id
        case .word, .block:
            moment.changes.last?.target ?? { if case .object(let id)? = moment.block?.source { id } else { nil } }()
        case .phase, .meanwhile, .end: nil
        }
        if let touched { select(touched) }
    }

    private mutating func finishScan() {
        untoldLog = nil
        guard let leaks = playback?.recording.leaks else { return }
        if isFollowing, let first = leaks.first { select(first.id) }
        let known = self.leaks.count
        let outcome = switch leaks.count {
        case 0: known == 0 ? "no leak." : "no new leak, \(known) known. L selects the next one."
        case 1: "1 new suspected leak. L selects it, Enter shows its bytes."
        default: "\(leaks.count) new suspected leaks. L selects the next one, Enter shows its bytes."
        }
        say("Scan finished: " + outcome + (clockSpeed > 0 ? " p goes on." : ""))
    }
}
