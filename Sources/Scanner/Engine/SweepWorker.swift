import CEngine
import HeapModel

/// One thread of a sweep: collects runs of words, has the candidates picked out of them, and writes those that are
/// references.
struct SweepWorker {
    private let pass: Sweep.Pass
    private let virtual, percpu: RankResolver?
    private let starts: UnsafeBufferPointer<UInt64>
    private let sizes: UnsafeBufferPointer<UInt32>
    private let readings: UnsafeBufferPointer<UInt8>
    private let segments: [Segment]
    private let words: BlockWords
    private let wordSize: UInt64
    /// Bytes of a word, as a power of two.
    private let wordShift: UInt64
    private let virtualRange, percpuRange: engine_range

    // What is found.
    private let blocks: UnsafeMutablePointer<engine_block>
    private let targets: UnsafeMutablePointer<UInt32>
    private let gaps: UnsafeMutablePointer<UInt8>
    private var next: UInt32 = 0
    private var farGaps: [ReferenceGraph.FarGap] = []

    // The batch.
    private let scratch: Scratch
    private var runCount = 0
    private var batchWords = 0
    private var looseCount = 0

    /// The segment that the last block was in.
    private var segment = 0
    /// The block whose references are being written, and where they begin.
    private var written = nothing
    private var firstOfWritten: UInt32 = 0
    private var lastOrdinal: UInt32 = 0

    /// A segment's bytes as plain memory.
    private struct Segment {
        let start, count: UInt64
        let bytes: UnsafeRawPointer
    }

    private static let nothing = UInt32.max
    private static let batchRuns = 512
    private static let maxBatchWords = 8192

    /// Calls `body` with a worker that must not be used afterwards.
    static func with(
        _ pass: Sweep.Pass, blocks: UnsafeMutablePointer<engine_block>, _ body: (inout SweepWorker) -> Void
    ) {
        let order = pass.index.order
        RankResolver.with(pass.index.virtual, order, pass.columns) { virtual in
            RankResolver.with(pass.index.percpu, order, pass.columns) { percpu in
                order.starts.withUnsafeBufferPointer { starts in
                    order.sizes.withUnsafeBufferPointer { sizes in
                        pass.plan.readings.withUnsafeBufferPointer { readings in
                            let scratch = Scratch(), limit = pass.plan.shards.map(\.referenceLimit).max() ?? 0
                            let targets = ReservedMemory<UInt32>(capacity: limit), gaps = ReservedMemory<UInt8>(capacity: limit)
                            defer { scratch.deallocate() }
                            // The arrays of built segments stay where they are for as long as the heap is held.
                            withExtendedLifetime((pass.heap.memory, targets, gaps)) {
                                var worker = SweepWorker(
                                    pass, virtual, percpu, scratch, starts, sizes, readings, blocks, targets.base, gaps.base)
                                body(&worker)
                            }
                        }
                    }
                }
            }
        }
    }

    private init(
        _ pass: Sweep.Pass, _ virtual: RankResolver?, _ percpu: RankResolver?, _ scratch: Scratch,
        _ starts: UnsafeBufferPointer<UInt64>, _ sizes: UnsafeBufferPointer<UInt32>, _ readings: UnsafeBufferPointer<UInt8>,
        _ blocks: UnsafeMutablePointer<engine_block>, _ targets: UnsafeMutablePointer<UInt32>,
        _ gaps: UnsafeMutablePointer<UInt8>
    ) {
        (self.pass, self.virtual, self.percpu, self.scratch) = (pass, virtual, percpu, scratch)
        (self.starts, self.sizes, self.readings) = (starts, sizes, readings)
        (self.blocks, self.targets, self.gaps) = (blocks, targets, gaps)
        words = BlockWords(of: pass.heap)
        wordSize = words.wordSize
        wordShift = wordSize == 8 ? 3 : 2
        virtualRange = engine_range(pass.index.virtual.bounds)
        percpuRange = engine_range(pass.index.percpu.bounds)
        segments = pass.heap.memory.segments.compactMap { segment in
            segment.withBytes { $0.baseAddress }.map { Segment(start: segment.start, count: segment.count, bytes: $0) }
        }
    }

    /// What one shard found; valid until the next one is swept.
    struct Part {
        /// References are numbered from 0 on.
        let count: Int
        let targets: UnsafePointer<UInt32>
        let gaps: UnsafePointer<UInt8>
        let farGaps: [ReferenceGraph.FarGap]
    }

    /// - Returns: the references; in the blocks, their numbers are one more, as no block begins with 0.
    mutating func sweep(_ shard: SweepPlan.Shard) -> Part {
        next = 0
        farGaps = []
        let rootCount = pass.plan.rootCount
        for item in shard.items {
            if item < rootCount {
                let root = pass.heap.roots[item]
                addParts([root.range], chunked: root.kind.isChunked, of: UInt32(pass.plan.block(ofItem: item)))
            } else {
                let number = UInt32(truncatingIfNeeded: item - rootCount + 1)
                switch readings[Int(number)] {
                case SweepPlan.Reading.whole.rawValue: addWhole(number)
                case SweepPlan.Reading.inParts.rawValue: addParts(of: number)
                default: break
                }
            }
        }
        flush()
        finishBlock()
        written = Self.nothing
        return Part(count: Int(next), targets: targets, gaps: gaps, farGaps: farGaps)
    }

    // MARK: Blocks

    /// Most blocks are this: in one segment, and one run of words.
    private mutating func addWhole(_ number: UInt32) {
        let start = starts[Int(number)], size = UInt64(sizes[Int(number)])
        let skipped = (0 &- start) & (wordSize &- 1)
        guard size < UInt64(RankOrder.isLarge), skipped == 0 || size <= BlockWords.chunkSize, let held = place(of: start, size)
        else { return addParts(of: number) }
        guard size >= skipped &+ wordSize else { return }
        let count = (size &- skipped) &>> wordShift
        addRun(held + Int(truncatingIfNeeded: skipped), count: count, ordinal: 0, of: number)
        blocks[Int(number)].word_count = UInt32(truncatingIfNeeded: count)
    }

    /// Where a block's bytes stand; nil unless one segment has all of them.
    private mutating func place(of start: UInt64, _ size: UInt64) -> UnsafeRawPointer? {
        if segment >= segments.count || start &- segments[segment].start >= segments[segment].count {
            segment = max(0, segments.partitioningIndex { $0.start > start } - 1)
            guard segment < segments.count, start &- segments[segment].start < segments[segment].count else { return nil }
        }
        let offset = start - segments[segment].start
        return size <= segments[segment].count - offset ? segments[segment].bytes + Int(offset) : nil
    }

    private mutating func addParts(of number: UInt32) {
        let parts = pass.heap.scannedParts(of: ObjectID(rawValue: pass.index.order.rows[Int(number)]))
        addParts(parts.ranges, chunked: parts.areChunked, of: number)
    }

    private mutating func addParts(_ parts: [AddressRange], chunked: Bool, of block: UInt32) {
        var ordinal: UInt64 = 0
        for part in parts {
            words.forEachRun(in: part, chunked: chunked) { run in
                if let place = run.segment {
                    let from = segments[place].bytes + Int(run.address.rawValue - segments[place].start)
                    addRun(from, count: UInt64(run.count), ordinal: ordinal, of: block)
                } else if let word = words.memory.word(at: run.address, size: Int(wordSize)) {
                    addLoose(word, ordinal: ordinal, of: block)
                }
                ordinal += UInt64(run.count)
            }
        }
        blocks[Int(block)].word_count = UInt32(ordinal)
    }

    // MARK: Runs

    private mutating func addRun(_ start: UnsafeRawPointer, count: UInt64, ordinal: UInt64, of block: UInt32) {
        var start = start, count = Int(count), ordinal = Int(ordinal)
        while count > 0 {
            if runCount == Self.batchRuns || batchWords == Self.maxBatchWords { flush() }
            let length = min(count, Self.maxBatchWords - batchWords)
            scratch.runs[runCount] = engine_run(words: start, count: UInt32(length), ordinal: UInt32(ordinal))
            scratch.runBlocks[runCount] = block
            runCount += 1
            batchWords += length
            start += length * Int(wordSize)
            ordinal += length
            count -= length
        }
    }

    /// A word that stands in two segments.
    private mutating func addLoose(_ word: UInt64, ordinal: UInt64, of block: UInt32) {
        // Now, rather than in `addRun`, which would forget the place.
        if runCount == Self.batchRuns || batchWords == Self.maxBatchWords { flush() }
        let place = UnsafeMutableRawPointer(scratch.loose + looseCount)
        place.storeBytes(of: word.littleEndian, as: UInt64.self)
        looseCount += 1
        addRun(UnsafeRawPointer(place), count: 1, ordinal: ordinal, of: block)
    }

    private mutating func flush() {
        let count = Int(engine_extract(
            pass.variant, UInt32(wordSize), scratch.runs, UInt32(runCount), virtualRange, percpuRange, scratch.values,
            scratch.ordinals, scratch.ends))
        virtual?.resolve(scratch.values, count: count, into: scratch.found)
        percpu?.resolve(scratch.values, count: count, into: scratch.foundPerCPU)
        write()
        runCount = 0
        batchWords = 0
        looseCount = 0
    }

    // MARK: References

    private mutating func write() {
        var candidate = 0
        for run in 0..<runCount {
            let block = scratch.runBlocks[run], end = Int(scratch.ends[run])
            if block != written { begin(block) }
            while candidate < end {
                let ordinal = scratch.ordinals[candidate]
                if virtual != nil { write(scratch.found[candidate], ordinal, of: block) }
                if percpu != nil { write(scratch.foundPerCPU[candidate], ordinal, of: block) }
                candidate += 1
            }
        }
    }

    @inline(__always)
    private mutating func write(_ number: UInt32, _ ordinal: UInt32, of block: UInt32) {
        // mm/kmemleak.c, scan_block(): a self reference does not count.
        guard number != RankResolver.none, number != block else { return }
        targets[Int(next)] = number
        let gap = ordinal - lastOrdinal
        gaps[Int(next)] = UInt8(truncatingIfNeeded: min(gap, UInt32(ReferenceGraph.isFar)))
        if gap >= UInt32(ReferenceGraph.isFar) { farGaps.append(.init(reference: next, words: gap)) }
        lastOrdinal = ordinal
        next += 1
    }

    private mutating func begin(_ block: UInt32) {
        finishBlock()
        written = block
        firstOfWritten = next
        lastOrdinal = 0
    }

    private mutating func finishBlock() {
        guard written != Self.nothing, next > firstOfWritten else { return }
        targets[Int(next) - 1] |= ReferenceGraph.isLast
        blocks[Int(written)].first = firstOfWritten + 1
    }

    /// The buffers of a batch.
    private struct Scratch {
        let runs = UnsafeMutablePointer<engine_run>.allocate(capacity: batchRuns)
        let runBlocks = UnsafeMutablePointer<UInt32>.allocate(capacity: batchRuns)
        let ends = UnsafeMutablePointer<UInt32>.allocate(capacity: batchRuns)
        let loose = UnsafeMutablePointer<UInt64>.allocate(capacity: batchRuns)
        let values = UnsafeMutablePointer<UInt64>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let ordinals = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let found = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords)
        let foundPerCPU = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords)

        func deallocate() {
            for buffer in [ends, runBlocks, ordinals, found, foundPerCPU] { buffer.deallocate() }
            runs.deallocate()
            loose.deallocate()
            values.deallocate()
        }
    }
}

extension engine_range {
    init(_ range: AddressRange) { self.init(start: range.start.rawValue, size: range.size) }
}
