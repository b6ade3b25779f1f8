import HeapModel
import Scanner

// How a lost object came to be lost, in a sentence.
extension AppState {
    /// What is kept of the replay of a scenario: until the next scan.
    struct Losses: Sendable {
        let scans: Int
        let scannedAt: Jiffies
        /// By the object's first byte.
        let stories: [Address: LossStory]
    }

    /// To be called once a white object is explained by the last scan: plays the scenario again, unless that was done.
    mutating func updateLosses() {
        guard let recording = kmemleak.recording, losses?.scans != kmemleak.scanCount || losses?.scannedAt != recording.now
        else { return }
        let end = Moment(recording: recording, tick: recording.lastTick), objects = end.heap.objects
        let lost = objects.ids.filter { end.shade(of: $0) == .white && objects.flags[$0.index].contains(.allocated) }
        let told = machine.scenario == nil ? [:] : machine.losses(of: lost, in: end.heap) ?? [:]
        losses = Losses(
            scans: kmemleak.scanCount, scannedAt: recording.now,
            stories: Dictionary(told.map { (objects.pointers[$0.index], $1) }) { story, _ in story })
    }

    func lossLines(of id: ObjectID, columns: Int) -> [Line] {
        switch losses?.stories[heap.objects.pointers[id.index]] {
        case nil: []
        case .neverHeld: lines([StyledText("Nothing ever held it but itself and what is lost, too.")], columns, jump: nil)
        case .lost(let loss):
            lines(
                [StyledText("The last word that held it,"), place(of: loss.word)] + fate(of: loss) + [StyledText("at \(loss.time.logStamp.number) s")]
                    + [StyledText("by \(name(of: loss.caller)),"), StyledText("line \(loss.line) of \(loss.file).")],
                columns, jump: .address(loss.word.address))
        }
    }

    private func lines(_ text: [StyledText], _ columns: Int, jump: Jump?) -> [Line] {
        text.wrapped(columns: columns).map { Line($0, jump: jump) }
    }

    private func place(of word: Loss.Word) -> StyledText {
        switch word.holder {
        case .root(let root): StyledText(root.label + offset(word.address, from: root.range.start) + ",", .strong)
        case .block(let start): StyledText(name(at: start) + offset(word.address, from: start) + ",", .strong)
        }
    }

    private func fate(of loss: Loss) -> [StyledText] {
        switch loss.fate {
        case .overwritten(with: 0, _): [StyledText("was cleared")]
        case .overwritten(let value, let start):
            [StyledText("was overwritten with"),
                StyledText(start.map { name(at: $0) + offset(Address(value), from: $0) } ?? "\(Address(value))", .strong)]
        case .holderWent: [StyledText("went with its holder, which was freed")]
        case .memoryWent: [StyledText("went with its memory, which was given back")]
        }
    }

    private func name(of caller: Caller.Context) -> String {
        switch caller {
        case .task(let pid, let comm): "\(comm) (pid \(pid))"
        case .hardirq: "a hardware interrupt"
        case .softirq: "a software interrupt"
        }
    }

    private func name(at start: Address) -> String { names[start] ?? start.description }
}

extension String {
    /// Without the brackets and blanks of a log.
    fileprivate var number: String { filter { $0.isNumber || $0 == "." } }
}
