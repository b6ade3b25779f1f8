import HeapModel
import Scanner
import Testing

/// Explanations hold on heaps that nobody would write down, at any moment, and while the kernel goes on running.
struct ExplainPropertyTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func explanationsOfRandomHeapsHold(part: UInt64) {
        for seed in part * 40..<(part + 1) * 40 {
            var heap = RandomHeap.heap(seed: seed)
            if seed % 3 == 0 { heap.profile.style = .v2026 }
            for recording in [Scan.run(heap), heap.scannedStill()].compactMap({ $0 }) {
                if let wrong = ExplanationCheck(recording, seed: seed).firstMistake {
                    Issue.record("seed \(seed), \(wrong)")
                    return
                }
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func explanationsOfLivingKernelsHold(part: UInt64) throws {
        for seed in part * 12..<(part + 1) * 12 {
            var traffic = Traffic(seed: seed)
            for _ in 0..<2 {
                let recording = try traffic.scan()
                if let wrong = ExplanationCheck(recording, seed: seed).firstMistake {
                    Issue.record("seed \(seed), \(wrong)")
                    return
                }
                traffic.kmemleak.advance(by: Microseconds(6_000_000))
            }
        }
    }

    @Test func theHeapsShowEveryReason() throws {
        var seen: Set<Explanation.Reason> = []
        func look(_ recording: ScanRecording, _ seed: UInt64) {
            for tick in ExplanationCheck.ticks(of: recording, seed) {
                let moment = Moment(recording: recording, tick: tick)
                for id in moment.heap.objects.ids {
                    if case .white(_, _, let obstacles) = moment.explanation(of: id) { seen.formUnion(obstacles.map(\.reason)) }
                }
            }
        }
        for seed in 0..<200 as Range<UInt64> { look(Scan.run(RandomHeap.heap(seed: seed)), seed) }
        for seed in 0..<60 as Range<UInt64> {
            var traffic = Traffic(seed: seed)
            look(try traffic.scan(), seed)
        }
        // Only a scan that is told to stop shows the last one.
        #expect(Set(Explanation.Reason.allCases).subtracting(seen) == [.scanWasStopped])
    }
}

/// Checks what is told of all objects at some moments against memory and the steps of the recording, looked at one by one.
private struct ExplanationCheck {
    private let recording: ScanRecording
    private let seed: UInt64
    /// By pass: when each word is read.
    private var reads: [[Address: [Tick]]] = []

    init(_ recording: ScanRecording, seed: UInt64) {
        self.recording = recording
        self.seed = seed
        for (number, pass) in recording.passes.enumerated() {
            let end = number + 1 < recording.passes.count ? recording.passes[number + 1].tick : recording.endTick
            var reads: [Address: [Tick]] = [:]
            for tick in pass.tick..<end {
                if case .word(let address) = Moment(recording: recording, tick: tick).step { reads[address, default: []].append(tick) }
            }
            self.reads.append(reads)
        }
    }

    /// A few at random, and the last ones of the passes.
    static func ticks(of recording: ScanRecording, _ seed: UInt64) -> [Tick] {
        var random = SplitMix64(seed: seed)
        let ends = recording.passes.dropFirst().map { $0.tick - 1 } + [recording.lastTick]
        return (0..<4).map { _ in Tick(random.number(0...UInt64(recording.lastTick))) } + ends
    }

    var firstMistake: String? {
        for tick in Self.ticks(of: recording, seed) {
            let moment = Moment(recording: recording, tick: tick), every = EveryWord(of: moment.heap, moment.index)
            for id in moment.heap.objects.ids {
                let mistake: String? = switch moment.explanation(of: id) {
                case .reached(let chains): mistake(in: chains, to: id, at: moment)
                case .white(let count, let needed, let obstacles):
                    mistake(in: obstacles, of: id, count, needed, every, at: moment)
                case .needsNoReference: moment.heap.objects.minCounts[id.index] == 0 ? nil : "needs references"
                case .ignored: moment.heap.objects.minCounts[id.index] == -1 ? nil : "is not ignored"
                case .freed: moment.heap.objects.flags[id.index].contains(.allocated) ? "is not freed" : nil
                case .notScanned: "was scanned"
                }
                if let mistake { return "tick \(tick), object \(id.index): \(mistake)" }
            }
        }
        return nil
    }

    // MARK: Reached

    private func mistake(in chains: [Explanation.Chain], to id: ObjectID, at moment: Moment) -> String? {
        if let wrong = chains.lazy.compactMap({ mistake(in: $0, to: id, at: moment) }).first { return wrong }
        guard chains.count(where: \.isWayOfScan) == 1, chains.count <= 4 else { return "\(chains.count) chains" }
        let holders = chains.compactMap(\.links.last?.reference.holder)
        return Set(holders).count == holders.count ? nil : "a holder comes twice"
    }

    private func mistake(in chain: Explanation.Chain, to id: ObjectID, at moment: Moment) -> String? {
        let (links, beginning) = (chain.links, chain.beginning)
        guard chain.wordCount >= min(1, links.count), !links.dropLast().contains(where: { $0.target == id }) else { return "a way around" }
        guard [.gray, .scanned].contains(moment.shade(of: id)) else { return "is \(moment.shade(of: id)), but reached" }
        guard (links.last?.target ?? id) == id, links.last.map({ $0.tick <= moment.tick }) ?? true else { return "another object" }
        guard links.map(\.tick) == Set(links.map(\.tick)).sorted() else { return "ticks do not ascend" }
        var holder: Reference.Holder = switch beginning {
        case .root(let root): .root(root)
        case .needsNoReference(let first), .modified(let first): .object(first)
        }
        switch beginning {
        case .root(let root) where !recording.roots.contains(root): return "begins at no root"
        case .needsNoReference(let first) where recording.epochs.allSatisfy({
            first.index >= $0.heap.objects.count || $0.heap.objects.minCounts[first.index] != 0 }): return "begins at what needs references"
        case .modified(let first):
            guard let tick = recording.tickReached(first, around: moment.tick),
                case .checksum(first) = Moment(recording: recording, tick: tick).step
            else { return "begins at what was not modified" }
        case .root, .needsNoReference: break
        }
        for link in links {
            let then = Moment(recording: recording, tick: link.tick), objects = then.heap.objects, reference = link.reference
            guard reference.holder == holder else { return "a gap in the chain" }
            let ranges: [AddressRange] = switch holder {
            case .root(let root): [root.range]
            case .object(let id): then.heap.contents(of: id) + (objects.areas[id] ?? [])
            case .freed, .untracked: []
            }
            guard ranges.contains(where: { $0.contains(reference.address) }) else { return "a word outside of its holder" }
            guard case .word(reference.address) = then.step,
                then.heap.memory.word(at: reference.address, size: then.heap.profile.wordSize) == reference.word
            else { return "the scan did not read the word" }
            guard objects.range(of: reference.target).contains(Address(reference.word)),
                reference.offset == reference.word - objects.pointers[reference.target.index].rawValue
            else { return "a word that points elsewhere" }
            guard reference.target == link.target
                || objects.excessReferences[reference.target.index] == objects.pointers[link.target.index]
            else { return "passed on to another object" }
            let isFurther = !chain.isWayOfScan && link == links.last
            guard isFurther || link.count == link.needed, isFurther || then.count(of: link.target) == link.count,
                isFurther || then.shade(of: link.target) == .gray, isFurther || link.tick == 0 || Moment(recording: recording, tick: link.tick - 1).shade(of: link.target) == .white
            else { return "not the word that made it gray" }
            holder = .object(link.target)
        }
        return nil
    }

    // MARK: White

    private func mistake(
        in obstacles: [Explanation.Obstacle], of id: ObjectID, _ count: Int32, _ needed: Int32, _ every: EveryWord, at moment: Moment
    ) -> String? {
        guard moment.shade(of: id) == .white, count < needed, count == moment.count(of: id) else { return "is not white" }
        guard obstacles.count(where: \.reason.counted) == Int(count) else { return "\(obstacles.map(\.reason)) make up \(count)" }
        let told = Set(obstacles.filter { $0.reason != .countedByThen }.map(\.reference.address))
        guard told.isSuperset(of: every.referrers[id] ?? []) else { return "a word is not told of" }
        for obstacle in obstacles where obstacle.reason != .countedByThen {
            let isInMemory = every.words[obstacle.reference.address] == obstacle.reference.word
            guard isInMemory else { return "a word is not there" }
        }
        for obstacle in obstacles where !obstacle.reason.counted {
            if shouldHaveCounted(obstacle.reference, at: moment) { return "\(obstacle.reason), but it should have counted" }
            guard holds(obstacle, of: id, at: moment) else { return "\(obstacle)" }
        }
        return nil
    }

    private func reads(of address: Address, at moment: Moment) -> [Tick] {
        let pass = recording.passes.lastIndex { $0.tick <= moment.tick } ?? 0
        return reads[pass][address] ?? []
    }

    /// Whether the scan read it as it is while its target was there.
    private func shouldHaveCounted(_ reference: Reference, at moment: Moment) -> Bool {
        reads(of: reference.address, at: moment).contains { tick in
            let then = Moment(recording: recording, tick: tick)
            return tick <= moment.tick && then.block?.source != .object(reference.target)
                && then.heap.memory.word(at: reference.address, size: then.heap.profile.wordSize) == reference.word
                && then.index.targets(of: reference.word).contains(reference.target)
        }
    }

    /// Whether a reason is true, by another look.
    private func holds(_ obstacle: Explanation.Obstacle, of id: ObjectID, at moment: Moment) -> Bool {
        let heap = moment.heap, address = obstacle.reference.address
        let ticks = reads(of: address, at: moment), isRead = ticks.contains { $0 <= moment.tick }
        let owner: ObjectID? = if case .object(let id) = obstacle.reference.holder { id } else { nil }
        let root: Root? = if case .root(let root) = obstacle.reference.holder { root } else { nil }
        let flags = owner.map { heap.objects.flags[$0.index] } ?? []
        if let owner, !heap.contents(of: owner).contains(where: { $0.contains(address) }) { return false }
        if let root, !root.range.contains(address) { return false }
        switch obstacle.reason {
        case .counts, .countedByThen: return true
        // What is freed on the way is never read.
        case .isNotReadYet: return obstacle.tick.map { $0 > moment.tick && ticks.contains($0) } ?? (recording.epochs.count > 1)
        case .holderWaits: return owner.map(moment.grayList.contains) == true
        case .wasWrittenLater, .objectIsYounger:
            guard isRead, let tick = obstacle.tick, ticks.contains(tick) else { return false }
            let then = Moment(recording: recording, tick: tick)
            let isSame = then.heap.memory.word(at: address, size: heap.profile.wordSize) == obstacle.reference.word
            return isSame == (obstacle.reason == .objectIsYounger) && (!isSame || !then.index.targets(of: obstacle.reference.word).contains(id))
        case .scanWasStopped: return recording.wasInterrupted && ticks.isEmpty
        case .cameTooLate:
            return obstacle.tick == nil && recording.epochs.count > 1 && owner.map { !moment.grayList.contains($0) } != false
        case .holderIsWhite: return owner.map { moment.shade(of: $0) == .white && $0 != id } == true
        case .isOutsideTheScanAreas:
            return owner.flatMap { heap.objects.areas[$0] }?.contains { $0.contains(address) } == false && !flags.contains(.fullScan)
        case .holderHasNoScan: return flags.contains(.noScan)
        case .holderIsIgnored: return owner.map { heap.objects.minCounts[$0.index] == -1 } == true
        case .isOnAStackThatIsNotScanned: return root?.kind == .stack && !heap.scansStacks
        case .isInTheObjectItself: return owner == id
        case .isCutOff: return ticks.isEmpty && (owner != nil || root != nil)
        case .holderWasFreed:
            guard case .freed(let holder) = obstacle.reference.holder else { return false }
            return !heap.objects.flags[holder.index].contains(.allocated) && heap.contents(of: holder).contains { $0.contains(address) }
        case .isInMemoryNobodyScans:
            return obstacle.reference.holder == .untracked && moment.index.virtual.object(containing: address) == nil
                && !heap.roots.contains { $0.range.contains(address) }
        }
    }
}
