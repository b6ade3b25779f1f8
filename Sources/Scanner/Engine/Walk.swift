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
    /// As the walk has left it so far; but for the counts, which stand in `counts` until the end.
    private var heap: Heap
    private var now: Jiffies

    private var state: WalkState
    /// By row.
    private let counts: UnsafeMutablePointer<Int32>
    /// The gray list of the pass, of all times; its end, and the next one to be read.
    private let order: UnsafeMutablePointer<ObjectID>
    private var orderCount = 0
    private var head = 0
    /// When each on the gray list joined it.
    private let joinedAt: UnsafeMutablePointer<UInt32>
    /// The changes of the pass, with the references still needed in place of the count.
    private var changes: [(tick: UInt32, row: UInt32, needs: Int32)] = []
    private var blocks: [ScanRecording.Block] = []
    /// Of the first object of the pass.
    private var firstBlock = 0

    private var tick: Tick = 0
    private var wordCount = 0
    private var referenceCount = 0
    private var hasSuspects = false

    /// Scans the heap; what the scan makes of it is the recording's `outcome`.
    /// - Parameters:
    ///   - graph: of this heap, whose memory, objects and roots must not have changed since. Minimum counts may have, and
    ///     NO_SCAN may have been set.
    ///   - index: of the heap's objects.
    package static func run(_ heap: Heap, over graph: ReferenceGraph, index: ObjectIndex) -> ScanRecording {
        var walk = Walk(heap, graph, index)
        defer { walk.deallocate() }
        walk.run()
        return walk.recording
    }

    private init(_ heap: Heap, _ graph: ReferenceGraph, _ index: ObjectIndex) {
        self.graph = graph
        self.heap = heap
        self.heap.paintOutsideLowMemory()
        now = heap.jiffies
        recording = ScanRecording(heap: self.heap, index: index)
        recording.isStill = true
        let count = heap.objects.count
        state = WalkState(count: count)
        counts = .allocate(capacity: max(1, count))
        order = .allocate(capacity: max(1, count))
        joinedAt = .allocate(capacity: max(1, count))
        for row in 0..<count { counts[row] = heap.objects.counts[row] }
        hasSuspects = heap.objects.flags.contains { $0.rawValue & ObjectFlags.suspect.rawValue != 0 }
        changes.reserveCapacity(count)
        blocks.reserveCapacity(count + heap.roots.count)
    }

    private func deallocate() {
        state.deallocate()
        counts.deallocate()
        order.deallocate()
        joinedAt.deallocate()
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
        recording.passes.append(.init(tick: tick, objectCount: 0))
        begin(phase)
        if heap.profile.style.confirmsLeaks { restartUnrefScans(clearsSuspects: phase == .prepare) }
        let count = heap.objects.count
        counts.update(repeating: 0, count: count)
        (orderCount, head) = (0, 0)
        let minCounts = heap.objects.minCounts
        heap.objects.withColumns { state.reset($0, graph) }
        for row in 0..<count where minCounts[row] <= 0 && minCounts[row] != -1 {
            join(UInt32(row), at: tick - 1)
        }
    }

    private mutating func restartUnrefScans(clearsSuspects: Bool) {
        for id in heap.objects.ids {
            if clearsSuspects { heap.objects.flags[id.index].remove(.suspect) }
            if Colour(count: counts[id.index], minCount: heap.objects.minCounts[id.index]) != .white {
                heap.objects.unrefScans[id.index] = 0
            }
        }
        if clearsSuspects { hasSuspects = false }
    }

    private mutating func scanRoots(_ phase: Phase) {
        begin(phase)
        for (number, root) in heap.roots.enumerated() where root.kind != .stack || heap.scansStacks {
            blocks.append(.init(source: .root(number), tick: tick))
            tick += 1
            let block = graph.objectCount + number
            read(graph.blocks[block], of: UInt32(block))
        }
    }

    private mutating func scanGrayList(_ phase: Phase) {
        begin(phase)
        if head == 0 { firstBlock = blocks.count }
        graph.blocks.withUnsafeBufferPointer { graphBlocks in
            while head < orderCount {
                askAhead(graphBlocks)
                let id = order[head]
                head += 1
                blocks.append(.init(source: .object(id), tick: tick))
                tick += 1
                if state.bytes[id.index] & WalkState.isUnread == 0 { read(graphBlocks[id.index], of: id.rawValue) }
            }
        }
    }

    /// What is read next is known for a long time: its place in the graph, and later its references, can be asked for.
    @inline(__always)
    private func askAhead(_ graphBlocks: UnsafeBufferPointer<ReferenceGraph.Block>) {
        if head + 32 < orderCount, let base = graphBlocks.baseAddress {
            engine_prefetch(base + order[head + 32].index)
        }
        if head + 12 < orderCount {
            let first = graphBlocks[order[head + 12].index].first
            if first != ReferenceGraph.Block.none {
                engine_prefetch(graph.targets.base + Int(first))
                engine_prefetch(graph.gaps.base + Int(first))
            }
        }
    }

    /// White objects whose contents changed since the last scan are gray until the next one.
    private mutating func colourModified() {
        begin(.modified)
        let told: ObjectFlags = [.allocated, .phys]
        for row in 0..<UInt32(heap.objects.count) where state.isWhite(row) {
            let id = ObjectID(rawValue: row)
            guard heap.objects.flags[id.index].intersection(told) == .allocated else { continue }
            mark(.checksum(id))
            guard let checksum = heap.checksum(of: id), checksum != heap.objects.checksums[id.index] else { continue }
            heap.objects.checksums[id.index] = checksum
            state.makeGray(row)
            changes.append((UInt32(truncatingIfNeeded: tick - 1), row, 0))
            join(row, at: tick - 1)
        }
    }

    /// What the full pass found unreferenced has to be confirmed; false when there is nothing.
    private mutating func markSuspects() -> Bool {
        begin(.suspects)
        for row in 0..<UInt32(heap.objects.count) where isNewLeak(row) {
            mark(.suspect(ObjectID(rawValue: row)))
            heap.objects.flags[Int(row)].insert(.suspect)
            hasSuspects = true
        }
        return hasSuspects
    }

    private mutating func report() {
        begin(.report)
        for row in 0..<UInt32(heap.objects.count) where isNewLeak(row) {
            let id = ObjectID(rawValue: row)
            if heap.profile.style.confirmsLeaks {
                guard heap.objects.flags[id.index].contains(.suspect) else { continue }
                heap.objects.unrefScans[id.index] += 1
                guard heap.objects.unrefScans[id.index] >= heap.minUnrefScans else { continue }
            }
            recording.leaks.append((id, tick))
            heap.objects.flags[id.index].insert(.reported)
            mark(.report(id))
        }
    }

    private func isNewLeak(_ row: UInt32) -> Bool {
        guard state.isWhite(row) else { return false }
        let flags = heap.objects.flags[Int(row)]
        return flags.contains(.allocated) && !flags.contains(.reported)
            && heap.isOldEnough(ObjectID(rawValue: row), lastScan: now)
    }

    // MARK: A block, a reference

    @inline(__always)
    private mutating func read(_ block: ReferenceGraph.Block, of scanned: UInt32) {
        let first = tick, targets = graph.targets.base, state = self.state.bytes
        tick += Int(block.wordCount)
        wordCount += Int(block.wordCount)
        guard block.first != ReferenceGraph.Block.none else { return }
        var next = block.first, target: UInt32
        // The number of the word is only told where something changes.
        var told = next, ordinal: UInt32 = 0
        repeat {
            target = targets[Int(next)]
            let row = target & ~ReferenceGraph.isLast
            if state[Int(row)] & (WalkState.needed | WalkState.passesOn) != 0 {
                while told <= next {
                    ordinal += graph.gap(before: told)
                    told += 1
                }
                found(row, by: scanned, at: first + Int(ordinal))
            }
            next += 1
        } while target & ReferenceGraph.isLast == 0
        referenceCount += Int(next - block.first)
    }

    private mutating func found(_ row: UInt32, by scanned: UInt32, at tick: Tick) {
        if state.isWhite(row) { return update(row, at: tick) }
        // mm/kmemleak.c, scan_block(): a gray object passes a surplus reference on to its excess_ref.
        guard let other = graph.excessTargets[ObjectID(rawValue: row)]?.rawValue, other != scanned, state.isWhite(other)
        else { return }
        update(other, at: tick)
    }

    /// `update_refs()`.
    private mutating func update(_ row: UInt32, at tick: Tick) {
        let needs = state.count(row)
        changes.append((UInt32(truncatingIfNeeded: tick), row, needs))
        if needs == 0 { join(row, at: tick) }
    }

    // MARK: Recording

    private mutating func join(_ row: UInt32, at tick: Tick) {
        if hasSuspects { heap.objects.flags[Int(row)].remove(.suspect) }
        joinedAt[orderCount] = UInt32(truncatingIfNeeded: tick)
        order[orderCount] = ObjectID(rawValue: row)
        orderCount += 1
    }

    private mutating func begin(_ phase: Phase) {
        recording.phases.append((phase, tick))
        mark(.phase(phase))
    }

    private mutating func mark(_ what: ScanRecording.Span.What) {
        recording.marks.append(.init(tick: tick, what: what))
        tick += 1
    }

    /// Tells by object what was written down in the order of the walk. Apart from it, because here no step waits for another.
    private mutating func endPass() {
        let count = heap.objects.count
        let fates = [ScanRecording.Pass.Fate](unsafeUninitializedCapacity: count) { fates, initialized in
            fates.initialize(repeating: .init())
            initialized = count
            guard let fates = fates.baseAddress else { return }
            settleChanges(fates)
            for place in 0..<orderCount {
                if place + 24 < orderCount { engine_prefetch_to_write(fates + order[place + 24].index) }
                fates[order[place].index].reachedAt = joinedAt[place]
                fates[order[place].index].scannedAt = UInt32(truncatingIfNeeded: blocks[firstBlock + place].tick)
            }
        }
        recording.passes[recording.passes.count - 1].order = Array(UnsafeBufferPointer(start: order, count: orderCount))
        recording.passes[recording.passes.count - 1].fates = fates
        changes = []
    }

    private mutating func settleChanges(_ fates: UnsafeMutablePointer<ScanRecording.Pass.Fate>) {
        recording.changes.reserveCapacity(recording.changes.count + changes.count)
        heap.objects.withColumns { columns in
            for place in changes.indices {
                if place + 24 < changes.count {
                    let row = Int(changes[place + 24].row)
                    engine_prefetch_to_write(fates + row)
                    engine_prefetch(columns.minCounts + row)
                    engine_prefetch_to_write(counts + row)
                }
                let (tick, row, needs) = changes[place]
                let count = columns.minCounts[Int(row)] - needs
                counts[Int(row)] = count
                recording.changes.append(.init(
                    tick: Tick(tick), target: ObjectID(rawValue: row), count: count, previous: fates[Int(row)].lastChange))
                fates[Int(row)].lastChange = UInt32(truncatingIfNeeded: recording.changes.count - 1)
            }
        }
    }

    private mutating func finish() {
        mark(.end)
        heap.objects.counts = Array(UnsafeBufferPointer(start: counts, count: heap.objects.count))
        recording.blocks = blocks
        recording.wordCount = wordCount
        recording.referenceCount = referenceCount
        recording.endTick = tick
        recording.outcome = heap
    }
}
