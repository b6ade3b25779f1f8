import CEngine
import HeapModel

/// A scan of a heap that stands still, over its reference graph: kmemleak's colours in kmemleak's order
/// (`kmemleak_scan()`; `kmemleak.md`, sections 4 and 10).
///
/// Memory is not read again but for the checksums of what is white, so a change of the rules (an object declared no leak, a
/// stack left out) costs no more than this.
package struct Walk {
    private let graph: ReferenceGraph
    private var recording: ScanRecording
    /// As the walk has left it so far; the counts, when its pass is over.
    private var heap: Heap
    private var now: Jiffies
    private let threads: Int
    private let variant: engine_variant
    private let surveyor: Surveyor
    private var state: WalkState
    private var grayList: GrayList
    /// Counts that were raised without turning their object gray.
    private var partialChanges: [PartialChange] = []
    private var tick: Tick = 0
    private var wordCount = 0
    private var referenceCount = 0
    private var hasSuspects = false
    private var modified: Set<ObjectID>?

    /// Scans the heap; what the scan makes of it is the recording's `outcome`.
    /// - Parameters:
    ///   - graph: of this heap, whose memory, objects and roots must not have changed since. Minimum counts may have, and
    ///     NO_SCAN may have been set.
    ///   - index: of the heap's objects.
    ///   - options: how, which makes no difference to the result.
    ///   - modified: the only objects whose contents may count as changed; nil: all.
    package static func run(
        _ heap: Heap, over graph: ReferenceGraph, index: ObjectIndex, options: Sweep.Options = Sweep.Options(),
        modified: Set<ObjectID>? = nil
    ) -> ScanRecording {
        var walk = Walk(heap, graph, index, options)
        walk.modified = modified
        walk.run()
        return walk.recording
    }

    private init(_ heap: Heap, _ graph: ReferenceGraph, _ index: ObjectIndex, _ options: Sweep.Options) {
        self.graph = graph
        (threads, variant) = (options.threads(forObjects: heap.objects.count), options.variant)
        surveyor = Surveyor(graph, variant)
        self.heap = heap
        self.heap.paintOutsideLowMemory(threads: threads)
        now = heap.jiffies
        recording = ScanRecording(heap: self.heap, index: index)
        recording.graph = graph
        state = WalkState(graph)
        grayList = GrayList()
        let suspect = ObjectFlags.suspect.rawValue
        hasSuspects = heap.objects.withColumns { columns in
            (0..<columns.count).reduce(0) { $0 | columns.flags[$1] } & suspect != 0
        }
    }

    private mutating func run() {
        pass(.prepare, .roots, .grayList)
        colourModified()
        scanGrayList(.grayListAgain)
        endPass()
        if heap.profile.style.confirmsLeaks, markSuspects() {
            pass(.confirmPrepare, .confirmRoots, .confirmGrayList)
            endPass()
        }
        report()
        finish()
    }

    /// From all white to an empty gray list.
    private mutating func pass(_ prepare: Phase, _ roots: Phase, _ grayList: Phase) {
        now = heap.jiffies
        heap.lastScan = now
        self.prepare(prepare)
        scanRoots(roots)
        scanGrayList(grayList)
    }

    // MARK: The steps

    private mutating func prepare(_ phase: Phase) {
        recording.passes.append(.init(tick: tick, firstChange: recording.partialChanges.count))
        begin(phase)
        if heap.profile.style.confirmsLeaks { restartUnrefScans(clearsSuspects: phase == .prepare) }
        partialChanges = []
        let joined = UInt32(truncatingIfNeeded: tick - 1)
        var state = state, grayList = GrayList(capacity: heap.objects.count)
        heap.objects.withColumns { [graph] in state.reset($0, graph, &grayList, at: joined) }
        (self.state, self.grayList) = (state, grayList)
    }

    private mutating func restartUnrefScans(clearsSuspects: Bool) {
        if clearsSuspects, hasSuspects { for id in heap.objects.ids { heap.objects.flags[id.index].remove(.suspect) } }
        for row in heap.objects.unrefScans.rows where heap.objects.colour(of: ObjectID(row)) != .white {
            heap.objects.unrefScans[row] = 0
        }
        if clearsSuspects { hasSuspects = false }
    }

    private mutating func scanRoots(_ phase: Phase) {
        begin(phase)
        for (number, root) in heap.roots.enumerated() where root.kind != .stack || heap.scansStacks {
            var block = UInt32(graph.block(ofRoot: number)), begun: UInt32 = 0
            recording.passes[recording.passes.count - 1].rootBlocks.append(.init(source: .root(number), tick: tick))
            scan(surveyor.survey(&block, count: 1, state), of: &block, begun: &begun)
        }
    }

    private mutating func scanGrayList(_ phase: Phase) {
        begin(phase)
        let lookahead = threads > 1 ? Lookahead(graph, grayList, state, variant) : nil
        let progress = WorkProgress.current
        while let chunk = grayList.nextChunk {
            progress?.tell(chunk.lowerBound, of: heap.objects.count, in: WorkProgress.walk)
            let blocks = grayList.order + chunk.lowerBound
            let survey = lookahead?.survey(of: chunk, on: grayList, state)
                ?? surveyor.survey(blocks, count: chunk.count, state)
            scan(survey, of: blocks, begun: grayList.scannedAt + chunk.lowerBound)
            grayList.head = chunk.upperBound
        }
        lookahead?.finish()
    }

    /// White objects whose contents changed since the last scan are gray until the next one.
    private mutating func colourModified() {
        begin(.modified)
        let told: ObjectFlags = [.allocated, .phys]
        let compared = whiteObjects.filter { heap.objects.flags[$0.index].intersection(told) == .allocated }
        for (id, checksum) in zip(compared, checksums(of: compared)) {
            let number = graph.numbers[id.index]
            mark(.checksum(id))
            guard let checksum, checksum != heap.objects.checksums[id.index] else { continue }
            heap.objects.checksums[id.index] = checksum
            state.makeGray(number)
            grayList.join(state.listed(number), at: UInt32(truncatingIfNeeded: tick - 1))
        }
    }

    /// - Returns: for each object its checksum as of now; nil where it cannot be told, or is known to be that of before.
    private func checksums(of ids: [ObjectID]) -> [UInt32?] {
        Parallel.map(threads) { [heap, modified, threads] part in
            ids[Parallel.part(part, of: threads, count: ids.count)].map { id in
                modified?.contains(id) != false ? heap.checksum(of: id) : nil
            }
        }.flatMap { $0 }
    }

    /// What the full pass found unreferenced has to be confirmed; false when there is nothing.
    private mutating func markSuspects() -> Bool {
        begin(.suspects)
        let suspects = whiteObjects.filter(isNewLeak)
        for id in suspects { mark(.suspect(id)) }
        heap.objects.flags.changeCopy(at: suspects.map(\.index), threads: threads) { $0.insert(.suspect) }
        if !suspects.isEmpty { hasSuspects = true }
        return hasSuspects
    }

    private mutating func report() {
        begin(.report)
        for id in whiteObjects where isNewLeak(id) {
            if heap.profile.style.confirmsLeaks {
                guard heap.objects.flags[id.index].contains(.suspect) else { continue }
                heap.objects.unrefScans[id.index] += 1
                guard heap.objects.unrefScans[id.index] >= heap.minUnrefScans else { continue }
            }
            recording.leaks.append((id, tick))
            mark(.report(id))
        }
        let reported = recording.leaks.map(\.id.index)
        if heap.profile.style.confirmsLeaks {
            // They were suspects, so the copy is there.
            for row in reported { heap.objects.flags[row].insert(.reported) }
        } else {
            heap.objects.flags.changeCopy(at: reported, threads: threads) { $0.insert(.reported) }
        }
    }

    private func isNewLeak(_ id: ObjectID) -> Bool {
        let flags = heap.objects.flags[id.index]
        return flags.contains(.allocated) && !flags.contains(.reported) && heap.isOldEnough(id, lastScan: now)
    }

    /// In creation order.
    private var whiteObjects: [ObjectID] {
        state.whiteNumbers(upTo: heap.objects.count).map { ObjectID(rawValue: graph.rows[$0]) }.sorted()
    }

    // MARK: A block, a reference

    /// Hits ahead for which memory is asked.
    private static let ahead = 28

    /// Scans blocks as far as their survey says that it may change something.
    /// - Parameter begun: by block, when it is taken up.
    private mutating func scan(_ survey: Survey, of blocks: UnsafePointer<UInt32>, begun: UnsafeMutablePointer<UInt32>) {
        let hits = survey.hits, count = survey.hitCount
        for hit in 0..<min(Self.ahead, count) { state.ask(hits.numbers[hit]) }
        // As they are kept.
        var tick = UInt32(truncatingIfNeeded: self.tick)
        for block in 0..<survey.blockCount {
            begun[block] = tick
            tick &+= survey.words[block] &+ 1
        }
        for hit in 0..<count {
            if hit + Self.ahead < count { state.ask(hits.numbers[hit + Self.ahead]) }
            let block = Int(hits.blocks[hit]), ordinal = hits.ordinals[hit]
            let read = ordinal == ENGINE_FAR
                ? UInt32(truncatingIfNeeded: graph.ordinal(of: hits.references[hit], in: blocks[block] & ~UInt32(ENGINE_UNREAD))) : ordinal
            found(hits.numbers[hit], by: blocks + block, at: begun[block] &+ 1 &+ read)
        }
        let steps = Int(tick &- UInt32(truncatingIfNeeded: self.tick))
        wordCount += steps - survey.blockCount
        referenceCount += survey.referenceCount
        self.tick += steps
    }

    @inline(__always)
    private mutating func found(_ number: UInt32, by scanned: UnsafePointer<UInt32>, at tick: UInt32) {
        if state.isWhite(number) { return update(number, at: tick) }
        if state.passesOn(number) { passOn(from: number, by: scanned.pointee & ~UInt32(ENGINE_UNREAD), at: tick) }
    }

    /// mm/kmemleak.c, scan_block(): a gray object passes a surplus reference on to its excess_ref.
    @inline(never)
    private mutating func passOn(from number: UInt32, by scanned: UInt32, at tick: UInt32) {
        guard let other = graph.excessTargets[number], state.isWhite(other) else { return state.endPassing(number) }
        if other != scanned { update(other, at: tick) }
    }

    /// `update_refs()`.
    @inline(__always)
    private mutating func update(_ number: UInt32, at tick: UInt32) {
        let needs = state.count(number)
        if needs == 0 { return grayList.join(state.listed(number), at: tick) }
        partialChanges.append(PartialChange(tick: Tick(tick), number: number, needs: needs))
    }

    // MARK: Recording

    private mutating func begin(_ phase: Phase) {
        recording.phases.append((phase, tick))
        mark(.phase(phase))
    }

    private mutating func mark(_ what: ScanRecording.Span.What) {
        recording.marks.append(.init(tick: tick, what: what))
        tick += 1
    }

    private struct PartialChange {
        let tick: Tick
        let number: UInt32
        /// References that it still needs.
        let needs: Int32
    }

    /// Tells by object what was written down by number in the order of the walk. Apart from it, because here no step waits
    /// for another.
    private mutating func endPass() {
        let last = recording.passes.count - 1
        let minCounts = heap.objects.minCounts
        var counts: Column<Int32> = [], places: [UInt32] = []
        Parallel.perform(
            threads, { [state, graph] in counts = state.counts(minCounts, graph) },
            { [graph] in places = [UInt32](inLargePages: ScanRecording.never, count: graph.numbers.count) })
        heap.objects.counts = counts
        grayList.tell(&recording.passes[last], in: &places, graph, threads)
        grayList = GrayList()
        recording.partialChanges += partialChanges.map { change in
            let id = ObjectID(rawValue: graph.rows[Int(change.number)])
            return .init(tick: change.tick, target: id, count: heap.objects.minCounts[id.index] - change.needs)
        }
        recording.settle()
        if hasSuspects {
            for id in recording.passes[recording.passes.count - 1].order { heap.objects.flags[id.index].remove(.suspect) }
        }
    }

    private mutating func finish() {
        mark(.end)
        recording.wordCount = wordCount
        recording.referenceCount = referenceCount
        recording.endTick = tick
        recording.outcome = heap
    }
}
