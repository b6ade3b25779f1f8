import HeapModel
import Scanner

/// Says in words what the scan does at a moment.
struct Narration {
    let state: AppState
    let moment: Moment

    /// What is being scanned.
    var heading: [StyledText] {
        switch moment.step {
        case .phase(let phase): return [StyledText(phase.title, .heading)]
        case .checksum(let id): return [StyledText("checksum of ", .faint), name(of: id)]
        case .suspect(let id): return [StyledText("suspect ", .faint), name(of: id)]
        case .report(let id): return [StyledText("report ", .faint), name(of: id)]
        case .meanwhile: return [StyledText("meanwhile", .heading)]
        case .end: return [StyledText("done", .heading)]
        case .block, .word:
            guard let block = moment.block else { return [] }
            switch block.source {
            case .root(let number):
                let root = moment.recording.roots[number]
                return [StyledText("root ", .faint), StyledText(root.label, .strong), StyledText("  \(root.range.start), \(root.range.size) bytes", .faint)]
            case .object(let id):
                return [StyledText("object ", .faint), name(of: id), StyledText("  \(state.heap.objects.sizes[id.index]) bytes", .faint)]
            }
        }
    }

    /// What the present step did, in one sentence.
    var sentence: [StyledText] {
        switch moment.step {
        case .phase(let phase): return [StyledText(meaning(of: phase))]
        case .block(let block): return blockSentence(block)
        case .word: return moment.verdict.map(sentence(for:)) ?? []
        case .checksum(let id):
            return moment.changes.isEmpty
                ? [StyledText("Nothing points at"), name(of: id), StyledText("and its contents are as they were: it stays white.")]
                : [StyledText("Nothing points at"), name(of: id), StyledText("but its contents changed since the last scan: white → gray for this scan.")]
        case .report(let id):
            return [StyledText("Nothing points at"), name(of: id), StyledText("and it is at least 5 s old: reported as a leak.", .leak)]
        case .suspect(let id):
            return [StyledText("Nothing points at"), name(of: id), StyledText("and it is at least 5 s old: suspected.")]
        case .meanwhile(let deeds):
            return [StyledText("Meanwhile the kernel:", .strong), StyledText(deeds.joined(separator: "; ") + ".")]
        case .end:
            let leaks = moment.recording.leaks.count
            let words = "\(moment.recording.wordCount) words examined, \(moment.recording.referenceCount) references found."
            return [StyledText(words), StyledText(leaks == 0 ? "No new leak." : "\(leaks) new suspected memory leak\(leaks == 1 ? "" : "s").", leaks == 0 ? .text : .leak)]
        }
    }

    private func meaning(of phase: Phase) -> String {
        switch phase {
        case .prepare: "Every object is white now, its count 0; those that need no reference are gray and wait to be scanned."
        case .roots: "Sections, per-CPU areas, struct pages and task stacks are read word by word."
        case .grayList: "Objects that were reached are read in turn, first in first out; what they point to is reached as well."
        case .modified: "White objects whose contents changed since the last scan may be in use: they are made gray."
        case .grayListAgain: "What the modified objects point to is reached as well."
        case .suspects: "What is still white, and at least 5 s old, is suspected: a second pass has to confirm it."
        case .confirmPrepare: "All over again, for what moved while the first pass ran: every object is white, its count 0."
        case .confirmRoots: "The roots are read once more."
        case .confirmGrayList: "What is reached this time is no suspect any more."
        case .report: "What is still white, and at least 5 s old, is reported."
        }
    }

    private func blockSentence(_ block: ScanRecording.Block) -> [StyledText] {
        switch block.source {
        case .root(let number): return [StyledText("Scanning the root \(moment.recording.roots[number].label).")]
        case .object(let id):
            let flags = state.heap.objects.flags[id.index]
            if flags.contains(.noScan) { return [name(of: id), StyledText("is NO_SCAN: its contents are not read.")] }
            if !flags.contains(.allocated) { return [name(of: id), StyledText("has been freed: it is skipped.")] }
            return [name(of: id), StyledText("leaves the gray list and is scanned.")]
        }
    }

    private func sentence(for verdict: Verdict) -> [StyledText] {
        let subject = [StyledText(verdict.address.description), StyledText("in \(place(of: verdict.address))")]
        guard !verdict.hits.isEmpty else {
            return subject + [StyledText(verdict.word == 0 ? "is 0." : "is no address of a tracked object.", .faint)]
        }
        return subject + verdict.hits.flatMap(sentence(for:))
    }

    private func sentence(for hit: Verdict.Hit) -> [StyledText] {
        let target = [StyledText(hit.offset == 0 ? "points at" : "points \(hit.offset) bytes into"), name(of: hit.target)]
        switch hit.outcome {
        case .selfReference: return target + [StyledText("itself: a self reference does not count.", .faint)]
        case .ignored: return target + [StyledText("which kmemleak ignores.", .faint)]
        case .alreadyGray: return target + [StyledText("which is \(state.shade(of: hit.target).title) already.", .faint)]
        case .counted(let count, let needed): return target + counted(count, needed)
        case .passedOn(let other, let count, let needed):
            return target + [StyledText("which is gray already and passes it on to"), name(of: other)] + counted(count, needed)
        }
    }

    private func counted(_ count: Int32, _ needed: Int32) -> [StyledText] {
        [
            StyledText("→ count \(count) of \(needed):", .strong),
            count >= needed ? StyledText("white → gray.", .gray) : StyledText("still white.", .white),
        ]
    }

    /// "hub0+0x40", ".data+0x1a0": the block that the word stands in.
    private func place(of address: Address) -> String {
        switch moment.block?.source {
        case .root(let number)?:
            let root = moment.recording.roots[number]
            return "\(root.label)+0x\(String(address - root.range.start, radix: 16))"
        case .object(let id)?:
            let start = state.heap.contents(of: id).first { $0.contains(address) }?.start ?? address
            return "\(state.shortLabel(of: id))+0x\(String(address - start, radix: 16))"
        case nil: return "no block"
        }
    }

    private func name(of id: ObjectID) -> StyledText {
        let address = state.heap.objects.pointers[id.index]
        let label = state.shortLabel(of: id)
        return StyledText(label == address.description ? label : "\(label) (\(address))", Style(moment.shade(of: id), isLeak: moment.isLeak(id)))
    }
}
