import HeapModel

/// Steps that are tied to a moment of a scan.
extension Machine {
    /// Plays the steps whose moment this point is.
    mutating func playArmed(at point: ScanLife.Point) throws(ScenarioError) {
        var place = 0
        while place < armed.count {
            guard wordsLeft(until: armed[place], at: point) == 0 else {
                place += 1
                continue
            }
            let due = armed.remove(at: place)
            try play(due.during.steps, due.variables)
        }
    }

    /// After how many words of the present block the next steps are due; `.max` when none wait for this block.
    func wordsToArmed(at point: ScanLife.Point) -> Int {
        armed.compactMap { wordsLeft(until: $0, at: point) }.min() ?? .max
    }

    /// nil: not in this block or phase.
    private func wordsLeft(until steps: ArmedSteps, at point: ScanLife.Point) -> Int? {
        let during = steps.during
        guard let phase = Phase(rawValue: during.phase) else { return nil }
        guard let name = during.block else { return point.phase == phase && point.block == nil ? 0 : nil }
        guard point.phase >= phase, let block = point.block, isBlock(block, called: name) else { return nil }
        return during.word >= point.wordsOfBlock ? during.word - point.wordsOfBlock : nil
    }

    private func isBlock(_ block: ScanLife.Block, called name: String) -> Bool {
        switch block {
        case .root(let root): memory(name)?.start == root.range.start
        case .object(let id): names[name] == kmemleak.heap.objects.pointers[id.index]
        }
    }

    // MARK: What is told of a step

    /// What a step did to the kernel, in words; nil when it is no news.
    func deed(of step: Scenario.Step, _ variables: Expression.Variables) throws(ScenarioError) -> String? {
        func text(_ text: String) throws(ScenarioError) -> String { try substituted(text, variables, step) }
        /// `request3+0x40`, whatever sum the scenario has.
        func place(_ place: String) throws(ScenarioError) -> String {
            let (base, offset) = try parts(of: text(place), step)
            return offset == 0 ? base : base + "+0x" + String(offset, radix: 16)
        }
        switch step.action {
        case .store(let pointer, let at, _, _): return "\(try place(at)) points at \(try place(pointer))"
        case .word("0", let at): return "\(try place(at)) is cleared"
        case .word(_, let at), .bytes(_, let at), .text(_, let at): return "\(try place(at)) is written"
        case .module(let core, _): return "\(try text(core.name)) is loaded"
        case .alloc(let alloc), .vmalloc(let alloc), .allocPerCPU(let alloc), .allocPhys(let alloc):
            return "\(try text(alloc.name)) is allocated"
        case .free(let name): return "\(try text(name)) is freed"
        case .hook(let hook, let at): return "\(hook.rawValue) \(try place(at))"
        case .sizedHook(let hook, let at, _, _, _): return "\(hook.rawValue) \(try place(at))"
        case .rmmod(let name): return "\(try text(name)) is unloaded"
        case .fork(let pid, let comm, _): return "\(try text(comm)) (pid \(try text(pid))) is forked"
        case .exit(let pid): return "pid \(try text(pid)) exits"
        case .time, .advance, .log, .initKmemleak, .lateInitKmemleak, .slabFailure, .task, .interrupt, .loop, .control,
            .during, .expect:
            return nil
        }
    }
}
