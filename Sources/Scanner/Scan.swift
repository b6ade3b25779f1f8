import HeapModel

/// One scan, step by step in the kernel's order (`kmemleak_scan()`; `kmemleak.md`, section 4).
///
/// It runs to its end at full speed and leaves a `ScanRecording`. Conservative tri-colour marking: whatever looks like
/// an address of a tracked block counts as a reference to it; what was referenced often enough is gray and is scanned
/// in turn; what is still white when the gray list runs dry is unreachable, as far as anyone can tell from the bytes.
package struct Scan {
    private var recording: ScanRecording
    private let heap: Heap
    private let index: ObjectIndex
    private let words: BlockWords
    private let shouldStop: () -> Bool

    private var counts: [Int32]
    /// The next object of `recording.order` to be scanned.
    private var head = 0
    private var tick: Tick = 0
    private var scanned: ObjectID?

    /// Scans the heap as it stands; nothing is changed (`ScanRecording.apply(to:)` carries the outcome over).
    /// - Parameter shouldStop: asked before each block. Once it says yes no further block is read and nothing is reported.
    package static func run(_ heap: Heap, shouldStop: @escaping () -> Bool = { false }) -> ScanRecording {
        var scan = Scan(heap, shouldStop)
        scan.prepare()
        scan.scanRoots()
        scan.scanGrayList(.grayList)
        scan.colourModified()
        scan.scanGrayList(.grayListAgain)
        scan.report()
        return scan.recording
    }

    private init(_ heap: Heap, _ shouldStop: @escaping () -> Bool) {
        self.heap = heap
        self.shouldStop = shouldStop
        recording = ScanRecording(heap: heap)
        index = recording.index
        words = BlockWords(of: heap)
        counts = [Int32](repeating: 0, count: heap.objects.count)
    }

    // MARK: The steps

    private mutating func prepare() {
        begin(.prepare)
        for id in heap.objects.ids {
            if isOutsideLowMemory(id) {
                recording.minCounts[id.index] = -1
                recording.painted.append(id)
            }
            if colour(id) == .gray { joinGrayList(id, at: tick - 1) }
        }
    }

    /// PHYS objects outside low memory are painted black; NO_SCAN ones are left alone.
    private func isOutsideLowMemory(_ id: ObjectID) -> Bool {
        let flags = heap.objects.flags[id.index]
        guard flags.contains(.phys), !flags.contains(.noScan), let low = heap.lowPageFrames else { return false }
        let range = heap.objects.range(of: id)
        return range.start.rawValue >> heap.pageShift < low.lowerBound
            || range.end.rawValue >> heap.pageShift > low.upperBound
    }

    private mutating func scanRoots() {
        begin(.roots)
        for (number, root) in heap.roots.enumerated() where root.kind != .stack || heap.scansStacks {
            beginBlock(.root(number))
            scan(root.range, chunked: root.kind.isChunked)
        }
    }

    private mutating func scanGrayList(_ phase: Phase) {
        begin(phase)
        while head < recording.order.count {
            let id = recording.order[head]
            head += 1
            recording.scannedAt[id.index] = UInt32(tick)
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
        if flags.contains(.perCPU) {
            for copy in heap.contents(of: id) { scan(copy, chunked: false) }
        } else if let areas = heap.objects.areas[id], !areas.isEmpty, !flags.contains(.fullScan) {
            for area in areas { scan(area, chunked: false) }
        } else {
            for contents in heap.contents(of: id) { scan(contents, chunked: true) }
        }
    }

    private mutating func colourModified() {
        begin(.modified)
        for id in heap.objects.ids where colour(id) == .white && heap.objects.flags[id.index].contains(.allocated) {
            guard !heap.objects.flags[id.index].contains(.phys) else { continue }
            append(.checksum(id))
            guard let checksum = heap.checksum(of: id), checksum != heap.objects.checksums[id.index] else { continue }
            recording.newChecksums.append((id, checksum))
            setCount(of: id, to: recording.minCounts[id.index], at: tick - 1)
            joinGrayList(id, at: tick - 1)
        }
    }

    private mutating func report() {
        recording.wasInterrupted = shouldStop()
        if !recording.wasInterrupted {
            begin(.report)
            for id in heap.objects.ids where isNewLeak(id) {
                recording.leaks.append((id, tick))
                append(.report(id))
            }
        }
        append(.end)
        recording.endTick = tick
        recording.ignoredCount = recording.minCounts.count { $0 == -1 }
    }

    private func isNewLeak(_ id: ObjectID) -> Bool {
        let flags = heap.objects.flags[id.index]
        return colour(id) == .white && flags.contains(.allocated) && !flags.contains(.reported)
            && heap.isOldEnough(id, lastScan: heap.jiffies)
    }

    // MARK: A block, a word

    private mutating func scan(_ range: AddressRange, chunked: Bool) {
        guard !shouldStop() else { return }
        words.forEachRun(in: range, chunked: chunked) { run in
            recordWords(run)
            guard let segment = run.segment else {
                if let word = heap.memory.word(at: run.address, size: heap.profile.wordSize) { examine(word, at: tick) }
                return tick += 1
            }
            let offset = Int(run.address.rawValue - heap.memory.segments[segment].start)
            heap.memory.segments[segment].withBytes { bytes in
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
        setCount(of: id, to: counts[id.index] + 1, at: tick)
        if colour(id) == .gray { joinGrayList(id, at: tick) }
    }

    // MARK: Recording

    private func colour(_ id: ObjectID) -> Colour {
        Colour(count: counts[id.index], minCount: recording.minCounts[id.index])
    }

    private mutating func setCount(of id: ObjectID, to count: Int32, at tick: Tick) {
        counts[id.index] = count
        let change = ScanRecording.CountChange(
            tick: tick, target: id, count: count, previous: recording.lastChange[id.index])
        recording.lastChange[id.index] = UInt32(recording.changes.count)
        recording.changes.append(change)
    }

    private mutating func joinGrayList(_ id: ObjectID, at tick: Tick) {
        recording.order.append(id)
        recording.reachedAt[id.index] = UInt32(tick)
    }

    private mutating func begin(_ phase: Phase) {
        recording.phases.append((phase, tick))
        append(.phase(phase))
    }

    private mutating func beginBlock(_ source: ScanRecording.Block.Source) {
        recording.blocks.append(.init(source: source, tick: tick))
        append(.block(recording.blocks.count - 1))
    }

    private mutating func append(_ what: ScanRecording.Span.What) {
        recording.spans.append(.init(tick: tick, what: what))
        tick += 1
    }

    private mutating func recordWords(_ run: BlockWords.Run) {
        recording.wordCount += run.count
        if case .words(let from)? = recording.spans.last?.what, let start = recording.spans.last?.tick,
            from + UInt64((tick - start) * heap.profile.wordSize) == run.address {
            return  // goes on where the last run ended
        }
        recording.spans.append(.init(tick: tick, what: .words(from: run.address)))
    }
}
