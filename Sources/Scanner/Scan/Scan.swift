import HeapModel

/// One scan, step by step in the kernel's order (`kmemleak_scan()`; `kmemleak.md`, sections 4 and 10).
///
/// It runs to its end at full speed and leaves a `ScanRecording`. Conservative tri-colour marking: whatever looks like
/// an address of a tracked block counts as a reference to it; what was referenced often enough is gray and is scanned
/// in turn; what is still white when the gray list runs dry is unreachable, as far as anyone can tell from the bytes.
package struct Scan {
    private var recording: ScanRecording
    /// As the scan has left it so far: counts, checksums and flags are written as it goes.
    private var heap: Heap
    private var index: ObjectIndex
    private var words: BlockWords
    /// When the pass began; the age of objects is told from here.
    private var now: Jiffies
    private let shouldStop: () -> Bool
    private let progress = WorkProgress.current
    private let life: ScanLife.Asking
    /// Whether something may still happen meanwhile.
    private var isAlive = true
    private var isStopped = false

    /// The next object of the pass's order to be scanned.
    private var head = 0
    private var tick: Tick = 0
    private var scanned: ObjectID?
    private var wordsOfBlock = 0
    private var wordsUntilAsked = Int.max

    /// Scans the heap; what the scan makes of it is the recording's `outcome`.
    /// - Parameters:
    ///   - shouldStop: asked before each block. Once it says yes no further block is read and nothing is reported.
    ///   - life: what the rest of the kernel does meanwhile.
    package static func run(
        _ heap: Heap, shouldStop: @escaping () -> Bool = { false }, life: ScanLife.Asking = { _, _ in .still }
    ) -> ScanRecording {
        withoutActuallyEscaping(life) { life in
            var scan = Scan(heap, life, shouldStop)
            scan.run()
            return scan.recording
        }
    }

    private init(_ heap: Heap, _ life: @escaping ScanLife.Asking, _ shouldStop: @escaping () -> Bool) {
        self.heap = heap
        self.life = life
        self.shouldStop = shouldStop
        self.heap.paintOutsideLowMemory()
        now = heap.jiffies
        index = ObjectIndex(heap.objects)
        recording = ScanRecording(heap: self.heap, index: index)
        words = BlockWords(of: heap)
    }

    private mutating func run() {
        pass(.prepare, .roots, .grayList)
        colourModified()
        scanGrayList(.grayListAgain)
        if heap.profile.style.confirmsLeaks, markSuspects() {
            pass(.confirmPrepare, .confirmRoots, .confirmGrayList)
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
        head = 0
        recordPhase(phase)
        for id in heap.objects.ids {
            if heap.profile.style.confirmsLeaks {
                // The confirming pass asks for the suspects of the full one.
                if phase == .prepare { heap.objects.flags[id.index].remove(.suspect) }
                if heap.objects.colour(of: id) != .white { heap.objects.unrefScans[id.index] = 0 }
            }
            heap.objects.counts[id.index] = 0
            if colour(id) == .gray { joinGrayList(id, at: tick - 1) }
        }
        // In one step: only then may the kernel go on.
        ask(nil)
    }

    private mutating func scanRoots(_ phase: Phase) {
        begin(phase)
        var next = 0
        while next < heap.roots.count {
            let root = heap.roots[next]
            if root.kind != .stack || heap.scansStacks {
                let source = ScanRecording.Block.Source.root(recording.number(of: root, near: next))
                recording.passes[recording.passes.count - 1].rootBlocks.append(.init(source: source, tick: tick))
                beginBlock(source)
                scan(root.range, chunked: root.kind.isChunked)
            }
            // Tasks may have come and gone meanwhile.
            if next < heap.roots.count, heap.roots[next] == root { next += 1 } else {
                next = heap.roots.firstIndex { $0.isAfter(root) } ?? heap.roots.count
            }
        }
    }

    private mutating func scanGrayList(_ phase: Phase) {
        begin(phase)
        while head < recording.passes[recording.passes.count - 1].order.count {
            let id = recording.passes[recording.passes.count - 1].order[head]
            progress?.tell(head, of: heap.objects.count)
            head += 1
            recording.passes[recording.passes.count - 1].scannedAt.append(UInt32(tick))
            beginBlock(.object(id))
            scanContents(of: id)
        }
    }

    /// `scan_object()`.
    private mutating func scanContents(of id: ObjectID) {
        let flags = heap.objects.flags[id.index]
        guard flags.contains(.allocated), !flags.contains(.noScan) else { return }
        scanned = id
        defer { scanned = nil }
        let parts = heap.scannedParts(of: id)
        for part in parts.ranges { scan(part, chunked: parts.areChunked) }
    }

    private mutating func colourModified() {
        begin(.modified)
        for id in heap.objects.ids where colour(id) == .white && heap.objects.flags[id.index].contains(.allocated) {
            guard !heap.objects.flags[id.index].contains(.phys) else { continue }
            append(.checksum(id))
            guard let checksum = heap.checksum(of: id), checksum != heap.objects.checksums[id.index] else { continue }
            heap.objects.checksums[id.index] = checksum
            heap.objects.counts[id.index] = heap.objects.minCounts[id.index]
            joinGrayList(id, at: tick - 1)
        }
    }

    /// What the full pass found unreferenced has to be confirmed; false when there is nothing.
    private mutating func markSuspects() -> Bool {
        begin(.suspects)
        var found = false
        for id in heap.objects.ids where isNewLeak(id) {
            append(.suspect(id))
            heap.objects.flags[id.index].insert(.suspect)
            found = true
        }
        return found
    }

    private mutating func report() {
        recording.wasInterrupted = isStopped || shouldStop()
        guard !recording.wasInterrupted else { return }
        begin(.report)
        for id in heap.objects.ids where isNewLeak(id) {
            if heap.profile.style.confirmsLeaks {
                guard heap.objects.flags[id.index].contains(.suspect) else { continue }
                heap.objects.unrefScans[id.index] += 1
                guard heap.objects.unrefScans[id.index] >= heap.minUnrefScans else { continue }
            }
            recording.leaks.append((id, tick))
            heap.objects.flags[id.index].insert(.reported)
            append(.report(id))
        }
    }

    private mutating func finish() {
        append(.end)
        recording.endTick = tick
        recording.settle()
        recording.outcome = heap
    }

    private func isNewLeak(_ id: ObjectID) -> Bool {
        let flags = heap.objects.flags[id.index]
        return colour(id) == .white && flags.contains(.allocated) && !flags.contains(.reported)
            && heap.isOldEnough(id, lastScan: now)
    }

    // MARK: A block, a word

    private mutating func scan(_ range: AddressRange, chunked: Bool) {
        guard !isStopped, !shouldStop() else { return }
        guard isAlive else { return read(range, chunked: chunked) }
        for chunk in words.chunks(of: range, chunked: chunked) {
            // An object may be freed between two chunks.
            if let scanned, !heap.objects.flags[scanned.index].contains(.allocated) { return }
            for run in words.wordRanges(in: chunk) { readWithPauses(run) }
        }
    }

    /// Reads whole words, and lets the kernel go on where it wants to.
    private mutating func readWithPauses(_ range: AddressRange) {
        let wordSize = UInt64(heap.profile.wordSize)
        var rest = range
        while rest.size > 0, !isStopped {
            let count = min(UInt64(wordsUntilAsked), rest.size / wordSize)
            read(AddressRange(start: rest.start, size: count * wordSize), chunked: false)
            rest = AddressRange(start: rest.start + count * wordSize, size: rest.size - count * wordSize)
            wordsOfBlock += Int(count)
            wordsUntilAsked -= Int(count)
            if wordsUntilAsked == 0 { ask(recording.blocks[recording.blocks.count - 1].source) }
        }
    }

    private mutating func read(_ range: AddressRange, chunked: Bool) {
        let words = self.words
        words.forEachRun(in: range, chunked: chunked) { run in
            recordWords(run)
            guard let segment = run.segment else {
                if let word = words.memory.word(at: run.address, size: heap.profile.wordSize) { examine(word, at: tick) }
                return tick += 1
            }
            let offset = Int(run.address.rawValue - words.memory.segments[segment].start)
            words.memory.segments[segment].withBytes { bytes in
                let bytes = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                if heap.profile.wordSize == 8 {
                    examine(bytes, as: UInt64.self, count: run.count)
                } else {
                    examine(bytes, as: UInt32.self, count: run.count)
                }
            }
            tick += run.count
        }
    }

    @inline(__always)
    private mutating func examine<Word: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, as type: Word.Type, count: Int
    ) {
        let (virtual, percpu) = (index.virtual.bounds, index.percpu.bounds)
        let (virtualStart, percpuStart) = (virtual.start.rawValue, percpu.start.rawValue)
        for position in 0..<count {
            let raw = bytes.loadUnaligned(fromByteOffset: position * MemoryLayout<Word>.size, as: Word.self)
            let word = UInt64(Word(littleEndian: raw))
            if word &- virtualStart < virtual.size || word &- percpuStart < percpu.size {
                examine(word, at: tick + position)
            }
        }
    }

    /// Looks the word up in the ordinary tree, then in the PERCPU tree.
    private mutating func examine(_ word: UInt64, at tick: Tick) {
        for target in index.targets(of: word) where target != scanned {
            recording.referenceCount += 1
            found(target, at: tick)
        }
    }

    private mutating func found(_ target: ObjectID, at tick: Tick) {
        guard colour(target) == .gray else { return update(target, at: tick) }
        // mm/kmemleak.c, scan_block(): a gray object passes a surplus reference on to its excess_ref.
        let excess = heap.objects.excessReferences[target.index]
        guard excess.rawValue != 0, let other = index.virtual.object(at: excess), other != scanned else { return }
        update(other, at: tick)
    }

    /// `update_refs()`: only a white object changes.
    private mutating func update(_ id: ObjectID, at tick: Tick) {
        guard colour(id) == .white else { return }
        heap.objects.counts[id.index] += 1
        if colour(id) == .gray { return joinGrayList(id, at: tick) }
        recording.partialChanges.append(.init(tick: tick, target: id, count: heap.objects.counts[id.index]))
    }

    // MARK: Recording

    private func colour(_ id: ObjectID) -> Colour { heap.objects.colour(of: id) }

    private mutating func joinGrayList(_ id: ObjectID, at tick: Tick) {
        heap.objects.flags[id.index].remove(.suspect)
        recording.passes[recording.passes.count - 1].recordReached(id, at: tick)
    }

    private mutating func begin(_ phase: Phase) {
        recordPhase(phase)
        ask(nil)
    }

    private mutating func recordPhase(_ phase: Phase) {
        recording.phases.append((phase, tick))
        append(.phase(phase))
    }

    private mutating func beginBlock(_ source: ScanRecording.Block.Source) {
        append(.block(recording.blocks.count - 1))
        wordsOfBlock = 0
        ask(source)
    }

    /// Lets the rest of the kernel go on; what it does to the heap is a step of its own.
    private mutating func ask(_ block: ScanRecording.Block.Source?) {
        guard isAlive, let phase = recording.phases.last?.phase else { return }
        let wasEnabled = heap.isEnabled
        let place: ScanLife.Block? = switch block {
        case .root(let number): .root(recording.roots[number])
        case .object(let id): .object(id)
        case nil: nil
        }
        let answer = life(&heap, ScanLife.Point(
            phase: phase, block: place, wordsOfBlock: wordsOfBlock, words: recording.wordCount))
        wordsUntilAsked = answer.wordsUntilNext
        isAlive = !answer.isOver
        guard !answer.deeds.isEmpty else { return }
        append(.meanwhile(recording.epochs.count))
        index = ObjectIndex(heap.objects)
        words = BlockWords(of: heap)
        recording.epochs.append(.init(tick: tick - 1, heap: heap, index: index, deeds: answer.deeds))
        if wasEnabled, !heap.isEnabled { isStopped = true }
    }

    private mutating func append(_ what: ScanRecording.Span.What) {
        recording.marks.append(.init(tick: tick, what: what))
        tick += 1
    }

    private mutating func recordWords(_ run: BlockWords.Run) {
        recording.wordCount += run.count
        if case .words(let from)? = recording.marks.last?.what, let start = recording.marks.last?.tick,
            from + UInt64((tick - start) * heap.profile.wordSize) == run.address {
            return  // goes on where the last run ended
        }
        recording.marks.append(.init(tick: tick, what: .words(from: run.address)))
    }
}

extension Root {
    /// In the order of a scan; only stacks come and go, and they stand by pid.
    fileprivate func isAfter(_ other: Root) -> Bool { (kind, pid ?? 0) > (other.kind, other.pid ?? 0) }
}
