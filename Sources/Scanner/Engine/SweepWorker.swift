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
    private var writer: engine_writer
    private var farGaps: [engine_far_gap] = []

    // The batch.
    private let scratch: Scratch
    private var runCount = 0
    private var batchWords = 0
    private var looseCount = 0

    /// The segment that the last block was in.
    private var segment = 0

    /// A segment's bytes as plain memory.
    private struct Segment {
        let start, count: UInt64
        let bytes: UnsafeRawPointer
    }

    private static let batchRuns = 512
    private static let maxBatchWords = 8192

    /// Calls `body` with a worker that must not be used afterwards.
    static func with(
        _ pass: Sweep.Pass, blocks: UnsafeMutablePointer<UInt32>, _ body: (inout SweepWorker) -> Void
    ) {
        let order = pass.index.order
        RankResolver.with(pass.index.virtual, order, pass.columns, pass.variant) { virtual in
            RankResolver.with(pass.index.percpu, order, pass.columns, pass.variant) { percpu in
                order.starts.withUnsafeBufferPointer { starts in
                    order.sizes.withUnsafeBufferPointer { sizes in
                        pass.plan.readings.withUnsafeBufferPointer { readings in
                            let scratch = Scratch()
                            let stream = ReservedMemory<UInt32>(capacity: pass.plan.shards.map(\.streamLimit).max() ?? 0)
                            defer { scratch.deallocate() }
                            // The arrays of built segments stay where they are for as long as the heap is held.
                            withExtendedLifetime((pass.heap.memory, stream)) {
                                var worker = SweepWorker(
                                    pass, virtual, percpu, scratch, starts, sizes, readings, blocks, stream.base)
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
        _ blocks: UnsafeMutablePointer<UInt32>, _ stream: UnsafeMutablePointer<UInt32>
    ) {
        (self.pass, self.virtual, self.percpu, self.scratch) = (pass, virtual, percpu, scratch)
        (self.starts, self.sizes, self.readings) = (starts, sizes, readings)
        writer = engine_writer(
            stream: stream, blocks: blocks, far_gaps: scratch.farGaps, far_count: 0, number_bits: pass.numberBits, next: 0,
            reference_count: 0, block: ENGINE_NO_BLOCK, header: 0, word_count: 0, last_ordinal: 0)
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
        let stream: UnsafeBufferPointer<UInt32>
        let farGaps: [engine_far_gap]
        let referenceCount: Int
    }

    /// - Returns: the stream; the places of the blocks in it are told with one more, as no block begins at 0.
    mutating func sweep(_ shard: SweepPlan.Shard) -> Part {
        (writer.next, writer.reference_count) = (0, 0)
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
        engine_end_block(&writer)
        return Part(
            stream: UnsafeBufferPointer(start: writer.stream, count: Int(writer.next)), farGaps: farGaps,
            referenceCount: Int(writer.reference_count))
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
        if let virtual {
            _ = virtual.resolve(scratch.values, count: count, into: scratch.found)
        } else {
            scratch.found.update(repeating: RankResolver.none, count: count)
        }
        let isInPerCPU = percpu?.resolve(scratch.values, count: count, into: scratch.foundPerCPU) ?? false
        engine_write(
            &writer, scratch.runs, scratch.runBlocks, scratch.ends, UInt32(runCount), scratch.ordinals, scratch.found,
            isInPerCPU ? scratch.foundPerCPU : nil)
        farGaps += UnsafeBufferPointer(start: scratch.farGaps, count: Int(writer.far_count))
        writer.far_count = 0
        runCount = 0
        batchWords = 0
        looseCount = 0
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
        let farGaps = UnsafeMutablePointer<engine_far_gap>.allocate(capacity: 2 * maxBatchWords)

        func deallocate() {
            for buffer in [ends, runBlocks, ordinals, found, foundPerCPU] { buffer.deallocate() }
            runs.deallocate()
            loose.deallocate()
            values.deallocate()
            farGaps.deallocate()
        }
    }
}

extension engine_range {
    init(_ range: AddressRange) { self.init(start: range.start.rawValue, size: range.size) }
}
