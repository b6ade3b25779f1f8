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
    private var state: WalkState
    private var grayList: GrayList
    private var changes: ChangeLog
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
        state = WalkState(count: heap.objects.count)
        grayList = GrayList(capacity: heap.objects.count)
        changes = ChangeLog(capacity: graph.changeLimit(of: heap.objects))
        hasSuspects = heap.objects.flags.contains { $0.rawValue & ObjectFlags.suspect.rawValue != 0 }
    }

    private func deallocate() {
        state.deallocate()
        grayList.deallocate()
        changes.deallocate()
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
        recording.passes.append(.init(tick: tick, firstChange: recording.changes.count))
        begin(phase)
        if heap.profile.style.confirmsLeaks { restartUnrefScans(clearsSuspects: phase == .prepare) }
        grayList.reset()
        changes.count = 0
        heap.objects.withColumns { columns in
            state.reset(columns, graph)
            let joined = UInt32(truncatingIfNeeded: tick - 1)
            for row in 0..<columns.count where columns.minCounts[row] <= 0 && columns.minCounts[row] != -1 {
                grayList.join(graph.numbers[row], at: joined)
            }
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
            recording.passes[recording.passes.count - 1].rootBlocks.append(.init(source: .root(number), tick: tick))
            tick += 1
            let block = graph.block(ofRoot: number)
            read(graph.blocks.base[block], of: UInt32(block))
        }
    }

    private mutating func scanGrayList(_ phase: Phase) {
        begin(phase)
        let blocks = graph.blocks.base
        while grayList.head < grayList.count {
            grayList.askAhead(graph)
            let number = grayList.take(at: UInt32(truncatingIfNeeded: tick))
            tick += 1
            if state.bytes[Int(number)] & WalkState.isUnread == 0 { read(blocks[Int(number)], of: number) }
        }
    }

    /// White objects whose contents changed since the last scan are gray until the next one.
    private mutating func colourModified() {
        begin(.modified)
        let told: ObjectFlags = [.allocated, .phys]
        for id in whiteObjects where heap.objects.flags[id.index].intersection(told) == .allocated {
            let number = graph.numbers[id.index]
            mark(.checksum(id))
            guard let checksum = heap.checksum(of: id), checksum != heap.objects.checksums[id.index] else { continue }
            heap.objects.checksums[id.index] = checksum
            state.makeGray(number)
            changes.append(tick: tick - 1, number: number, needs: 0)
            grayList.join(number, at: UInt32(truncatingIfNeeded: tick - 1))
        }
    }

    /// What the full pass found unreferenced has to be confirmed; false when there is nothing.
    private mutating func markSuspects() -> Bool {
        begin(.suspects)
        for id in whiteObjects where isNewLeak(id) {
            mark(.suspect(id))
            heap.objects.flags[id.index].insert(.suspect)
            hasSuspects = true
        }
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
            heap.objects.flags[id.index].insert(.reported)
            mark(.report(id))
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

    @inline(__always)
    private mutating func found(_ number: UInt32, by scanned: UInt32, at tick: Tick) {
        if state.isWhite(number) { return update(number, at: tick) }
        passOn(from: number, by: scanned, at: tick)
    }

    /// mm/kmemleak.c, scan_block(): a gray object passes a surplus reference on to its excess_ref.
    @inline(never)
    private mutating func passOn(from number: UInt32, by scanned: UInt32, at tick: Tick) {
        guard let other = graph.excessTargets[number], other != scanned, state.isWhite(other) else { return }
        update(other, at: tick)
    }

    /// `update_refs()`.
    @inline(__always)
    private mutating func update(_ number: UInt32, at tick: Tick) {
        let needs = state.count(number)
        changes.append(tick: tick, number: number, needs: needs)
        if needs == 0 { grayList.join(number, at: UInt32(truncatingIfNeeded: tick)) }
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

    /// Tells by object what was written down by number in the order of the walk. Apart from it, because here no step waits
    /// for another.
    private mutating func endPass() {
        heap.objects.counts = heap.objects.withColumns { state.counts($0, graph) }
        recording.changes += heap.objects.withColumns { changes.told($0, graph) }
        grayList.tell(&recording.passes[recording.passes.count - 1], graph)
        if hasSuspects {
            for id in recording.passes[recording.passes.count - 1].order { heap.objects.flags[id.index].remove(.suspect) }
        }
    }

    private mutating func finish() {
        mark(.end)
        recording.wordCount = wordCount
        recording.referenceCount = referenceCount
        recording.endTick = tick
        recording.settle()
        recording.outcome = heap
    }
}

extension ReferenceGraph {
    /// At least as many changes of counts as a pass can make.
    fileprivate func changeLimit(of objects: ObjectTable) -> Int {
        let needed = objects.minCounts.reduce(0) { $0 + max(0, Int($1)) }
        // A reference makes one change, and changed contents another.
        return min(needed, referenceCount) + objects.count
    }
}
