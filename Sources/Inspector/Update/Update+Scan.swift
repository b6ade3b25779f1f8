import HeapModel
import Scanner

// Watching a scan: playing, stepping, what follows when it is over.
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
        isFollowing = followsScans
        playback?.isPlaying = animated
        if animated {
            bringToFront(.scan)
            follow()
        } else {
            if let end = playback?.recording.lastTick { seek(to: end) }
            finishScan()
        }
    }

    /// Leaves the watched scan for the heap as it is now.
    mutating func showHeap() {
        playback = nil
        untoldLog = nil
        heapChanged()
    }

    /// Takes up the last scan again, at its end, when the present is on the screen.
    mutating func showLastScan() {
        guard playback == nil, let recording = kmemleak.recording else { return }
        playback = Playback(recording, tick: recording.lastTick)
        heapChanged()
    }

    /// Shows the end of a scan that was made meanwhile: asked for, or the automatic thread's.
    /// - Parameter memory: as the scan before left it.
    mutating func showScanIfNew(since count: Int, _ memory: Memory?) {
        guard kmemleak.scanCount > count, let recording = kmemleak.recording else { return }
        memoryBefore = kmemleak.scanCount == count + 1 ? memory : nil
        playback = Playback(recording, tick: recording.lastTick)
        untoldLog = nil
        heapChanged()
    }

    // MARK: Stepping

    mutating func playPause() {
        showLastScan()
        guard let playback else { return }
        if playback.isAtEnd {
            seek(to: 0)
            self.playback?.isPlaying = true
        } else {
            self.playback?.isPlaying.toggle()
        }
        isFollowing = followsScans
    }

    mutating func step(_ stride: Stride, _ direction: Direction) {
        showLastScan()
        guard let playback else { return }
        let tick = playback.recording.tick(stride, direction, from: playback.tick)
        if tick == playback.tick { say(direction == .forwards ? "This is the scan's end." : "This is the scan's beginning.") }
        self.playback?.isPlaying = false
        isFollowing = followsScans
        go(to: tick)
    }

    /// Shows a moment that was asked for, and tells the outcome when it is the scan's end.
    mutating func go(to tick: Tick) {
        seek(to: tick)
        follow()
        finishIfAtEnd()
    }

    /// Shows another moment of the scan; the heap on the screen may be another one there.
    mutating func seek(to tick: Tick) {
        let before = moment?.epoch
        playback?.tick = tick
        if moment?.epoch != before { heapChanged() }
    }

    /// To be called after anything happened: when another moment of the same heap is on the screen, rows that depend on
    /// colours are others.
    mutating func updateRows() {
        guard list.isOutdated(self) else { return }
        list.update(self)
        keepSelectionVisible()
    }

    mutating func seekToChange(_ direction: Direction) {
        showLastScan()
        guard let playback, let selection else { return }
        let ticks = playback.recording.events(of: selection)
        // Round the end: there are few of them.
        let next = direction == .forwards ? ticks.first { $0 > playback.tick } ?? ticks.first
            : ticks.last { $0 < playback.tick } ?? ticks.last
        guard let next else {
            return say("Nothing happens to this object in the scan: it has \(count(of: selection)) of \(minCount(of: selection)) references.")
        }
        self.playback?.isPlaying = false
        seek(to: next)
        bringToFront(.scan)
        finishIfAtEnd()
    }

    mutating func changeSpeed(_ direction: Direction) {
        playback?.changeSpeed(direction)
        if let playback { say("Speed \(playback.speedLabel).") }
    }

    /// Takes the selection to the object that the scan is about to touch or has just touched.
    mutating func follow() {
        guard isFollowing, let moment else { return }
        let touched: ObjectID? = switch moment.step {
        case .checksum(let id), .suspect(let id), .report(let id): id
        case .word, .block:
            moment.changes.last?.target ?? { if case .object(let id)? = moment.block?.source { id } else { nil } }()
        case .phase, .meanwhile, .end: nil
        }
        if let touched { select(touched) }
    }

    /// However the end was come to, the outcome is told once.
    mutating func finishIfAtEnd() {
        if playback?.isAtEnd == true, untoldLog != nil { finishScan() }
    }

    private mutating func finishScan() {
        untoldLog = nil
        guard let leaks = playback?.recording.leaks else { return }
        if isFollowing, let first = leaks.first { select(first.id) }
        let known = self.leaks.count
        let outcome = switch leaks.count {
        case 0: known == 0 ? "no leak." : "no new leak, \(known) known. L selects the next one."
        case 1: "1 new suspected leak. L selects it, 8 tells why, Enter shows its bytes."
        default: "\(leaks.count) new suspected leaks. L selects the next one, 2 groups them, 8 tells why."
        }
        say("Scan finished: " + outcome + (clockSpeed > 0 ? " p goes on." : ""))
    }

    // MARK: Time

    mutating func pass(microseconds: Int) {
        if let left = message?.timeLeft, message?.isError == false {
            message?.timeLeft = left - microseconds
            if left <= microseconds { message = nil }
        }
        if playback?.isPlaying == true { play(microseconds: microseconds) } else { live(microseconds: microseconds) }
    }

    private mutating func play(microseconds: Int) {
        guard let before = moment else { return }
        playback?.advance(microseconds: microseconds)
        if let playback, let stop = nextStop(after: before.tick), stop.tick <= playback.tick {
            self.playback?.isPlaying = false
            seek(to: stop.tick)
            tell(stop)
        }
        if moment?.epoch != before.epoch { heapChanged() }
        follow()
        if playback?.isAtEnd == true { finishScan() }
    }

    /// The kernel goes on; what its automatic thread finds is told and not played.
    private mutating func live(microseconds: Int) {
        guard isClockRunning else { return }
        clockRest += microseconds * clockSpeed
        let leaksBefore = kmemleak.heap.reportedLeaks.count, scansBefore = kmemleak.scanCount
        let memory = kmemleak.recording?.outcome.memory
        let span = Microseconds(UInt64(clockRest))
        machine.advance(by: span)
        journal.add(span)
        clockRest = 0
        if kmemleak.scanCount > scansBefore { memoryBefore = kmemleak.scanCount == scansBefore + 1 ? memory : nil }
        heapChanged()
        tellFailure()
        if kmemleak.scanCount > scansBefore {
            let new = kmemleak.heap.reportedLeaks.count - leaksBefore
            say("The automatic thread scanned: \(new > 0 ? "\(new) new suspected leaks" : "no new leak"). { steps back into the scan.")
        }
    }

    /// A scenario's mistake that shows only now.
    mutating func tellFailure() {
        if let failure = machine.failure { complain("The kernel stopped on an error: \(failure)") }
    }

    mutating func changeClock(_ direction: Direction) {
        let speeds = [0, 1, 10, 100]
        let place = speeds.firstIndex(of: clockSpeed) ?? 0
        clockSpeed = direction == .forwards ? speeds[(place + 1) % speeds.count] : speeds[max(0, place - 1)]
        let held = clockSpeed > 0 && playback != nil ? " It waits while a scan is looked at: p goes back to the present." : ""
        say((clockSpeed == 0 ? "The clock stands still." : "The clock runs at \(clockSpeed)x.") + held)
    }
}
