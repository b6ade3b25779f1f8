import HeapModel
import Scanner

extension AppState {
    mutating func startScan(animated: Bool) {
        logEndBeforeScan = kmemleak.log.count
        write(.scan)
        guard message?.isError != true, let recording = kmemleak.recording else { return }
        playback = Playback(recording, tick: animated ? 0 : recording.lastTick, isPlaying: animated)
        heapChanged()
        isFollowing = true
        if size.columns < Layout.wideColumns, animated { lowerPane = .scan }
        if animated { follow() } else { finishScan() }
    }

    /// Writes to the control file; a failure becomes the message.
    mutating func write(_ command: ControlCommand) {
        let before = kmemleak.heap.reportedLeaks.count
        do {
            try kmemleak.write(command)
            switch command {
            case .clear:
                showHeap()
                say(before == 0 ? "Nothing to clear: no leak is reported."
                    : "Cleared: \(before) leaks are gray from now on, and so is all they point to.")
            case .off:
                showHeap()
                say("kmemleak is off, for ever.")
            case .stack(let on): say(on ? "Stacks will be scanned." : "Stacks will not be scanned.")
            case .dump: lowerPane = .log
            case .automatic, .period, .scan: break
            }
        } catch {
            complain(error.description)
        }
    }

    /// Leaves the watched scan for the heap as it is now.
    private mutating func showHeap() {
        playback = nil
        heapChanged()
        if let selection, selection.index >= rows.count { self.selection = rows.first }
    }

    mutating func advance(microseconds: Int) {
        guard playback?.isPlaying == true else { return }
        playback?.advance(microseconds: microseconds)
        follow()
        if playback?.isAtEnd == true { finishScan() }
    }

    mutating func playPause() {
        guard let playback else { return }
        if playback.isAtEnd {
            self.playback?.tick = 0
            self.playback?.isPlaying = true
        } else {
            self.playback?.isPlaying.toggle()
        }
        isFollowing = true
    }

    mutating func step(_ stride: Stride, _ direction: Direction) {
        guard let playback else { return }
        let tick = playback.recording.tick(stride, direction, from: playback.tick)
        if tick == playback.tick { say(direction == .forwards ? "This is the scan's end." : "This is the scan's beginning.") }
        self.playback?.isPlaying = false
        self.playback?.tick = tick
        isFollowing = true
        follow()
    }

    mutating func seekToReach() {
        guard let recording = playback?.recording, let selection else { return }
        guard let tick = recording.tickReached(selection) else { return complain("This object is never reached.") }
        playback?.isPlaying = false
        playback?.tick = tick
        if size.columns < Layout.wideColumns { lowerPane = .scan }
    }

    mutating func changeSpeed(_ direction: Direction) {
        playback?.changeSpeed(direction)
        if let playback { say("Speed \(playback.speedLabel).") }
    }

    /// Takes the selection to the object that the scan is about to touch or has just touched.
    private mutating func follow() {
        guard isFollowing, let moment else { return }
        let touched: ObjectID? = switch moment.step {
        case .checksum(let id), .report(let id): id
        case .word, .block:
            moment.changes.last?.target ?? { if case .object(let id)? = moment.block?.source { id } else { nil } }()
        case .phase, .end: nil
        }
        if let touched { select(touched) }
    }

    private mutating func finishScan() {
        guard let leaks = playback?.recording.leaks else { return }
        if isFollowing, let first = leaks.first { select(first.id) }
        let outcome = switch leaks.count {
        case 0: "no new leak."
        case 1: "1 new suspected leak. L selects it, Enter shows its bytes."
        default: "\(leaks.count) new suspected leaks. L selects the next one, Enter shows its bytes."
        }
        say("Scan finished: " + outcome)
    }
}
