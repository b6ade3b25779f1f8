import HeapModel
import Scanner

// Writing to kmemleak's control file, and taking it back.
extension AppState {
    /// A failure becomes the message.
    mutating func write(_ command: ControlCommand) {
        let before = journalState
        let leaks = kmemleak.heap.reportedLeaks.count, scans = kmemleak.scanCount, memory = kmemleak.recording?.outcome.memory
        do {
            try machine.write(command)
            journal.add(command.text, before: before)
            showScanIfNew(since: scans, memory)
            tell(command, leaksBefore: leaks)
            tellFailure()
        } catch {
            complain("\(command.text): \(error)" + offHint)
        }
    }

    private mutating func tell(_ command: ControlCommand, leaksBefore: Int) {
        switch command {
        case .clear:
            showHeap()
            say(leaksBefore == 0 ? "Nothing to clear: no leak is reported."
                : "Cleared: \(leaksBefore) leaks are gray from now on, and so is all they point to. u takes it back.")
        case .off:
            showHeap()
            say("kmemleak is off, for ever. On this heap u takes it back.")
        case .stack(let on): say(on ? "Stacks will be scanned." : "Stacks will not be scanned.")
        case .dump:
            bringToFront(.log)
            say("Dumped to the log.")
        case .automatic(let on): say(on ? "The automatic thread runs." : "The automatic thread has ended.")
        case .period(let seconds): say("The automatic thread scans every \(seconds) s.")
        case .scan: break
        }
    }

    /// Behind an errno that needs an explanation.
    var offHint: String { kmemleak.heap.isEnabled ? "" : "; kmemleak is off for ever, only clear is taken" }

    mutating func undo() {
        guard let (command, before) = journal.takeBack() else { return }
        machine = before.machine
        playback = before.playback
        playback?.isPlaying = false
        untoldLog = before.untoldLog
        memoryBefore = before.memoryBefore
        forgetScans()
        heapChanged()
        if page == .whatIf, whatIf == nil { show(nil) }
        say("Undone: \(command). The kernel is as it was before.")
    }
}
