import HeapModel

/// When the last word went that held an object: a scenario is played again, which decides every byte, by somebody who watches.
extension Machine {
    /// What a person did to the machine.
    enum Input: Sendable {
        case advance(to: Microseconds)
        case write(ControlCommand)
    }

    /// How each of the objects that a scan found white was lost. One that a word still holds is left out: it is white for
    /// another reason.
    ///
    /// - Parameters:
    ///   - ids: all that are lost: what they hold is not held.
    ///   - heap: that of the scan, the last one.
    /// - Returns: nil for a capture, which does not tell; and where playing all again would take too long.
    /// - Complexity: that of all that the machine has done
    package func losses(of ids: [ObjectID], in heap: Heap) -> [ObjectID: LossStory]? {
        guard let scenario, stepCount + Self.costOfScan * kmemleak.scanCount <= Self.replayLimit,
            var again = try? Machine(scenario, testing: false, watch: LossWatch(ids, in: heap))
        else { return nil }
        for input in inputs {
            switch input {
            case .advance(let time): again.advance(to: time)
            case .write(let command): try? again.write(command)
            }
        }
        return again.watch?.stories
    }

    /// In steps.
    private static var costOfScan: Int { 500 }
    private static var replayLimit: Int { 50_000 }

    mutating func remember(_ input: Input) {
        // Time that passes goes on with the time before.
        if case .advance = input, case .advance? = inputs.last { inputs.removeLast() }
        if scenario != nil { inputs.append(input) }
    }

    /// After a step was played.
    mutating func watchLosses(_ step: Scenario.Step) {
        guard var watch else { return }
        let touched = kmemleak.heap.memory.touched ?? []
        kmemleak.heap.memory.touched = []
        self.watch = nil
        watch.look(at: kmemleak, touched, LossWatch.Step(
            caller: kernel?.caller().context ?? Caller.shell.context, file: scenario?.file ?? "", line: step.line,
            changesHolders: step.changesHolders))
        self.watch = watch
    }
}

extension Scenario.Step {
    /// Whether memory may become somebody's by it, or nobody's.
    fileprivate var changesHolders: Bool {
        switch action {
        case .fork, .exit, .alloc, .vmalloc, .allocPerCPU, .allocPhys, .free, .hook, .sizedHook, .module, .rmmod, .initKmemleak,
            .control: true
        case .time, .advance, .log, .lateInitKmemleak, .slabFailure, .task, .interrupt, .store, .bytes, .text, .word, .loop, .during,
            .expect: false
        }
    }
}
