import HeapModel
import Scanner

/// Why the selected object has its colour: the words from roots to it, or what is wrong with each word that points at it.
struct WhyLines {
    let state: AppState
    let columns: Int

    var lines: [Line] {
        guard let id = state.selection, let explanation = state.relations?.explanation else { return [] }
        let name = name(id)
        return switch explanation {
        case .notScanned: told([name, StyledText("has seen no scan yet: s scans.")])
        case .ignored: told([name, StyledText("is ignored: kmemleak calls it black, does not scan it and never reports it.")])
        case .needsNoReference: told([name, StyledText("needs no reference (min_count 0): it is gray from the beginning.")])
        case .freed: told([name, StyledText("was freed while the scan ran.")])
        case .reached(let chains): reached(name, chains, explanation.onlyHold)
        case .white(let count, let needed, let obstacles):
            white(name, count, needed, obstacles) + loss(of: id) + cause(of: id) + unread(id)
        }
    }

    private func told(_ text: [StyledText]) -> [Line] { text.wrapped(columns: columns).map { Line($0) } }

    /// One of a list, set off from the sentence above it.
    private func item(_ text: [StyledText], jump: Jump?) -> [Line] {
        text.wrapped(columns: columns - 2, indent: 2).map { Line([StyledText("  ")] + $0, jump: jump) }
    }

    // MARK: Reached

    private func reached(_ name: StyledText, _ chains: [Explanation.Chain], _ hold: Explanation.Hold?) -> [Line] {
        guard let first = chains.first else { return [] }
        let isAlone = first.links.isEmpty
        return heading([name, StyledText("is held by")], of: first) + first.links.flatMap(link) + (isOver ? doubt(hold) : [])
            + chains.dropFirst().flatMap { chain in
                chain.links.isEmpty ? heading([], of: chain)
                    : heading([StyledText(isAlone ? "It is held by" : "Also held by", .strong)], of: chain) + chain.links.flatMap(link)
            }
    }

    /// "hub0 is held by .data over 5 words:"
    private func heading(_ held: [StyledText], of chain: Explanation.Chain) -> [Line] {
        switch chain.beginning {
        case .root(let root):
            told(held + [StyledText(root.label, .strong), StyledText(chain.links.count == 1 ? "itself:" : "over \(chain.links.count) words:")])
        case .needsNoReference(let id): told(held + [name(id), StyledText("which needs no reference:")])
        case .modified(let id) where chain.links.isEmpty:
            told([StyledText("Nothing pointed at"), name(id), StyledText("but its contents changed since the last scan: gray for this scan.")])
        case .modified(let id):
            told(held + [name(id), StyledText("which nothing points at, but whose contents changed since the last scan:")])
        }
    }

    /// ".data+0x10 → +0x68 of kmem_cache0, count 1 of 1"
    private func link(_ link: Explanation.Link) -> [Line] {
        let reference = link.reference, holder = place(of: reference)
        let offset = reference.offset == 0 ? "" : "+0x" + String(reference.offset, radix: 16)
        let passed = link.isPassedOn ? [name(reference.target), StyledText("which passes it on to")] : []
        let count = link.count.map { "count \($0) of \(link.needed)" } ?? "not needed any more"
        return item(
            [holder, StyledText("→", .arrow)] + passed
                + [StyledText(state.addressedLabel(of: link.target, offset: offset, columns: columns), state.style(of: link.target)),
                    StyledText("\(count), step \(link.tick)", .faint)],
            jump: .tick(link.tick))
    }

    /// What may hide a leak.
    private func doubt(_ hold: Explanation.Hold?) -> [Line] {
        switch hold {
        case nil: []
        case .wordOnStack: told([StyledText("No other word holds it, and this one is on a stack: if it is stale, it hides a leak.", .warning)])
        case .wordIntoIt(let offset):
            told([StyledText("No other word holds it, and this one points \(offset) bytes into it: if it is no pointer, it hides a leak.", .warning)])
        }
    }

    private func name(_ id: ObjectID) -> StyledText { StyledText(state.addressedLabel(of: id, columns: columns), state.style(of: id)) }

    private func place(of reference: Reference) -> StyledText {
        state.place(of: reference, columns: columns)
    }

    // MARK: White

    private func white(_ name: StyledText, _ count: Int32, _ needed: Int32, _ obstacles: [Explanation.Obstacle]) -> [Line] {
        let found = StyledText("has \(count) of \(needed) references.", .strong)
        let first = obstacles.isEmpty
            ? told([name, found, StyledText("No word anywhere in memory points at it.")])
            : told([name, found, StyledText(obstacles.count == 1 ? "One word points at it:" : "\(obstacles.count) words point at it:")])
        return first + obstacles.flatMap(obstacle)
    }

    private func obstacle(_ obstacle: Explanation.Obstacle) -> [Line] {
        let reference = obstacle.reference
        let isPassedOn = reference.target != state.selection
        let kind = isPassedOn ? " (passed on by \(state.addressedLabel(of: reference.target, columns: columns)))"
            : reference.offset == 0 ? "" : ", \(reference.offset) bytes into it"
        return item(
            [place(of: reference), StyledText("– but \(obstacle.reason.rawValue)\(kind)")],
            jump: obstacle.tick.map { .tick($0) } ?? .address(reference.address))
    }

    /// Before, other words may still be read, and which others are lost is not known.
    private var isOver: Bool { state.moment.map { $0.phase == .report } ?? true }

    private func loss(of id: ObjectID) -> [Line] { isOver ? state.lossLines(of: id, columns: columns) : [] }

    private func cause(of id: ObjectID) -> [Line] {
        isOver ? state.causeLines(of: id, columns: columns) : []
    }

    /// A page that was not captured could hold the missing word; but the kernel that wrote the capture could read it.
    private func unread(_ id: ObjectID) -> [Line] {
        guard isOver, state.unreadByteCount > 0 else { return [] }
        let couldHold = "\(ByteSize(state.unreadByteCount)) of what the scan reads were not captured: a word there could point at it."
        return state.reportedByKernel.contains(id)
            ? told([StyledText("\(couldHold) But the kernel, which could read them, has reported it.", .faint)])
            : told([StyledText("\(couldHold) It is unknown, not lost.", .warning)])
    }
}
