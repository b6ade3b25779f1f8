import HeapModel
import Scanner

// What if: the watched scan as it would have been.
extension AppState {
    /// What is supposed of the scan on the screen; nil when it is what really was.
    package var whatIf: WhatIf? { playback?.whatIf }

    /// Walks over the graph of the scan again, and shows what came out otherwise.
    mutating func suppose(_ text: String) {
        do {
            let before = journalState, supposition = try supposition(text)
            guard let actual = playback?.recording ?? kmemleak.recording ?? kmemleak.heap.scannedStill(index: kmemleak.index) else { return }
            let command = "if " + self.text(of: supposition), clause = clause(supposition)
            let whatIf = whatIf?.supposing(supposition) ?? WhatIf(actual, supposition)
            journal.add(command, before: before)
            playback = Playback(whatIf)
            untoldLog = nil
            heapChanged()
            show(.whatIf)
            say("If \(clause): \(WhatIfLines.summary(whatIf)). u takes it back, p leaves the supposition.")
        } catch {
            complain("if: \(error)")
        }
    }

    /// As it is before a command.
    var journalState: Journal.State {
        Journal.State(machine: machine, playback: playback, untoldLog: untoldLog, memoryBefore: memoryBefore)
    }
}
