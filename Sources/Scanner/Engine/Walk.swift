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

    // By number (`RankOrder`), until it is settled.
    private var state: WalkState
    /// The gray list of the pass, of all times; its end, and the next one to be read.
    private let order: UnsafeMutablePointer<UInt32>
    private var orderCount = 0
    private var head = 0
    /// When each on the gray list joined it, and when it was taken off.
    private let joinedAt, scannedAt: UnsafeMutablePointer<UInt32>
    /// The changes of the pass, with the references still needed in place of the count.
    private var changes: [(tick: UInt32, number: UInt32, needs: Int32)] = []

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
        recording.graph = graph
        let count = heap.objects.count
        state = WalkState(count: count)
        order = .allocate(capacity: max(1, count))
        joinedAt = .allocate(capacity: max(1, count))
        scannedAt = .allocate(capacity: max(1, count))
        hasSuspects = heap.objects.flags.contains { $0.rawValue & ObjectFlags.suspect.rawValue != 0 }
        changes.reserveCapacity(count)
        recording.blocks.reserveCapacity(count + heap.roots.count)
    }

    private func deallocate() {
        state.deallocate()
        order.deallocate()
        scannedAt.deallocate()
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
        heap.objects.counts = [Int32](repeating: 0, count: count)
        (orderCount, head) = (0, 0)
        let minCounts = heap.objects.minCounts
        heap.objects.withColumns { state.reset($0, graph) }
        for row in 0..<count where minCounts[row] <= 0 && minCounts[row] != -1 {
            join(graph.numbers[row], at: tick - 1)
        }
    }

    private mutating func restartUnrefScans(clearsSuspects: Bool) {
        for id in heap.objects.ids {
            if clearsSuspects { heap.objects.flags[id.index].remove(.suspect) }
            if heap.objects.colour(of: id) != .white {
                heap.objects.unrefScans[id.index] = 0
            }
        }
        if clearsSuspects { hasSuspects = false }
    }

    private mutating func scanRoots(_ phase: Phase) {
        begin(phase)
        for (number, root) in heap.roots.enumerated() where root.kind != .stack || heap.scansStacks {
            recording.blocks.append(.init(source: .root(number), tick: tick))
            tick += 1
            let block = graph.block(ofRoot: number)
            read(graph.blocks[block], of: UInt32(block))
        }
    }

    private mutating func scanGrayList(_ phase: Phase) {
        begin(phase)
        graph.blocks.withUnsafeBufferPointer { graphBlocks in
            while head < orderCount {
                askAhead(graphBlocks)
                let number = order[head]
                scannedAt[head] = UInt32(truncatingIfNeeded: tick)
                head += 1
                tick += 1
                if state.bytes[Int(number)] & WalkState.isUnread == 0 { read(graphBlocks[Int(number)], of: number) }
            }
        }
    }

    /// What is read next is known for a long time: its place in the graph, and later its references, can be asked for.
    @inline(__always)
    private func askAhead(_ graphBlocks: UnsafeBufferPointer<ReferenceGraph.Block>) {
        if head + 32 < orderCount, let base = graphBlocks.baseAddress {
            engine_prefetch(base + Int(order[head + 32]))
        }
        if head + 12 < orderCount {
            let first = graphBlocks[Int(order[head + 12])].first
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
        for row in 0..<heap.objects.count where state.isWhite(graph.numbers[row]) {
            let id = ObjectID(row), number = graph.numbers[row]
            guard heap.objects.flags[id.index].intersection(told) == .allocated else { continue }
            mark(.checksum(id))
            guard let checksum = heap.checksum(of: id), checksum != heap.objects.checksums[id.index] else { continue }
            heap.objects.checksums[id.index] = checksum
            state.makeGray(number)
            changes.append((UInt32(truncatingIfNeeded: tick - 1), number, 0))
            join(number, at: tick - 1)
        }
    }

    /// What the full pass found unreferenced has to be confirmed; false when there is nothing.
    private mutating func markSuspects() -> Bool {
        begin(.suspects)
        for row in 0..<heap.objects.count where isNewLeak(row) {
            mark(.suspect(ObjectID(row)))
            heap.objects.flags[row].insert(.suspect)
            hasSuspects = true
        }
        return hasSuspects
    }

    private mutating func report() {
        begin(.report)
        for row in 0..<heap.objects.count where isNewLeak(row) {
            let id = ObjectID(row)
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

    private func isNewLeak(_ row: Int) -> Bool {
        guard state.isWhite(graph.numbers[row]) else { return false }
        let flags = heap.objects.flags[row]
        return flags.contains(.allocated) && !flags.contains(.reported)
            && heap.isOldEnough(ObjectID(row), lastScan: now)
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
            let number = target & ~ReferenceGraph.isLast
            if state[Int(number)] & (WalkState.needed | WalkState.passesOn) != 0 {
                while told <= next {
                    ordinal += graph.gap(before: told)
                    told += 1
                }
                found(number, by: scanned, at: first + Int(ordinal))
            }
            next += 1
        } while target & ReferenceGraph.isLast == 0
        referenceCount += Int(next - block.first)
    }

    private mutating func found(_ number: UInt32, by scanned: UInt32, at tick: Tick) {
        if state.isWhite(number) { return update(number, at: tick) }
        // mm/kmemleak.c, scan_block(): a gray object passes a surplus reference on to its excess_ref.
        guard let other = graph.excessTargets[number], other != scanned, state.isWhite(other) else { return }
        update(other, at: tick)
    }

    /// `update_refs()`.
    private mutating func update(_ number: UInt32, at tick: Tick) {
        let needs = state.count(number)
        changes.append((UInt32(truncatingIfNeeded: tick), number, needs))
        if needs == 0 { join(number, at: tick) }
    }

    // MARK: Recording

    private mutating func join(_ number: UInt32, at tick: Tick) {
        if hasSuspects { heap.objects.flags[Int(graph.rows[Int(number)])].remove(.suspect) }
        joinedAt[orderCount] = UInt32(truncatingIfNeeded: tick)
        order[orderCount] = number
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

    /// Tells by row what was written down by number in the order of the walk. Apart from it, because here no step waits for
    /// another.
    private mutating func endPass() {
        let count = heap.objects.count
        let reached = graph.rows.withUnsafeBufferPointer { rows in
            (0..<orderCount).map { ObjectID(rawValue: rows[Int(order[$0])]) }
        }
        let fates = [ScanRecording.Pass.Fate](unsafeUninitializedCapacity: count) { fates, initialized in
            fates.initialize(repeating: .init())
            initialized = count
            guard let fates = fates.baseAddress else { return }
            settleChanges(fates)
            reached.withUnsafeBufferPointer { reached in
                for place in reached.indices {
                    if place + 24 < reached.count { engine_prefetch_to_write(fates + Int(reached[place + 24].rawValue)) }
                    let fate = fates + Int(reached[place].rawValue)
                    fate.pointee.reachedAt = joinedAt[place]
                    fate.pointee.scannedAt = scannedAt[place]
                }
            }
        }
        for place in 0..<orderCount {
            recording.blocks.append(.init(source: .object(reached[place]), tick: Tick(scannedAt[place])))
        }
        recording.passes[recording.passes.count - 1].order = reached
        recording.passes[recording.passes.count - 1].fates = fates
    }

    private mutating func settleChanges(_ fates: UnsafeMutablePointer<ScanRecording.Pass.Fate>) {
        recording.changes.reserveCapacity(recording.changes.count + changes.count)
        for place in changes.indices { changes[place].number = graph.rows[Int(changes[place].number)] }
        let minCounts = heap.objects.minCounts
        var counts = heap.objects.counts
        counts.withUnsafeMutableBufferPointer { counts in
            minCounts.withUnsafeBufferPointer { minCounts in
                guard let counts = counts.baseAddress, let minCounts = minCounts.baseAddress else { return }
                for place in changes.indices {
                    if place + 24 < changes.count {
                        let row = Int(changes[place + 24].number)
                        engine_prefetch_to_write(fates + row)
                        engine_prefetch(minCounts + row)
                        engine_prefetch_to_write(counts + row)
                    }
                    let row = Int(changes[place].number), count = minCounts[row] - changes[place].needs
                    counts[row] = count
                    recording.changes.append(.init(
                        tick: Tick(changes[place].tick), target: ObjectID(row), count: count, previous: fates[row].lastChange))
                    fates[row].lastChange = UInt32(truncatingIfNeeded: recording.changes.count - 1)
                }
            }
        }
        heap.objects.counts = counts
        changes = []
    }

    private mutating func finish() {
        mark(.end)
        recording.wordCount = wordCount
        recording.referenceCount = referenceCount
        recording.endTick = tick
        recording.outcome = heap
    }
}
