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
    private var areas: ScanAreas.Reader
    private let segments: [Segment]
    private let words: BlockWords
    private let wordSize: UInt64
    /// Bytes of a word, as a power of two.
    private let wordShift: UInt64
    private let virtualRange, percpuRange: engine_range

    // What is found.
    private var writer: engine_writer
    private var farGaps: [engine_far_gap] = []
    private var incompleteBlocks: [UInt32] = []

    // The batch.
    private let scratch: Scratch
    private var runCount = 0
    private var pieceCount = 0
    private var batchWords = 0
    private var looseCount = 0
    /// The address behind the last run, and how many bytes its segment has from there on; none when nothing may be added to it.
    private var runEnd: UInt64 = 0
    private var held: UInt64 = 0

    /// The segment that the last block was in.
    private var segment = 0

    /// A segment's bytes as plain memory.
    private struct Segment {
        let start, count: UInt64
        let bytes: UnsafeRawPointer
    }

    private static let maxBatchPieces = 1024
    private static let maxBatchWords = 8192

    /// Calls `body` with a worker that must not be used afterwards.
    static func with(
        _ pass: Sweep.Pass, blocks: UnsafeMutablePointer<UInt32>, _ body: (inout SweepWorker) -> Void
    ) {
        let order = pass.index.order
        RankResolver.with(pass.index.virtual, order, pass.heap.objects, pass.variant) { virtual in
            RankResolver.with(pass.index.percpu, order, pass.heap.objects, pass.variant) { percpu in
                order.starts.withUnsafeBufferPointer { starts in
                    order.sizes.withUnsafeBufferPointer { sizes in
                        pass.plan.readings.withUnsafeBufferPointer { readings in
                            pass.plan.areas.withReader { areas in
                                let scratch = Scratch()
                                let streamLimit = pass.plan.shards.map(\.streamLimit).max() ?? 0
                                let stream = ReservedMemory<UInt32>(roomFor: streamLimit + Int(engine_slack))
                                defer { scratch.deallocate() }
                                // The arrays of built segments stay where they are for as long as the heap is held.
                                withExtendedLifetime((pass.heap.memory, stream)) {
                                    var worker = SweepWorker(
                                        pass, virtual, percpu, scratch, starts, sizes, readings, areas, blocks, stream.base)
                                    body(&worker)
                                }
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
        _ areas: ScanAreas.Reader, _ blocks: UnsafeMutablePointer<UInt32>, _ stream: UnsafeMutablePointer<UInt32>
    ) {
        (self.pass, self.virtual, self.percpu, self.scratch) = (pass, virtual, percpu, scratch)
        (self.starts, self.sizes, self.readings, self.areas) = (starts, sizes, readings, areas)
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
        let incompleteBlocks: [UInt32]
        let referenceCount: Int
    }

    /// - Returns: the stream; the places of the blocks in it are told with one more, as no block begins at 0.
    mutating func sweep(_ shard: SweepPlan.Shard) -> Part {
        (writer.next, writer.reference_count) = (0, 0)
        (farGaps, incompleteBlocks) = ([], [])
        let rootCount = pass.plan.rootCount
        for root in shard.items.prefix(while: { $0 < rootCount }) {
            let block = UInt32(pass.plan.block(ofItem: root)), root = pass.heap.roots[root]
            addParts([root.range], chunked: root.kind.isChunked, of: block)
        }
        addObjects(max(rootCount, shard.items.lowerBound) - rootCount + 1, upTo: shard.items.upperBound - rootCount + 1)
        flush()
        engine_end_block(&writer)
        return Part(
            stream: UnsafeBufferPointer(start: writer.stream, count: Int(writer.next)), farGaps: farGaps,
            incompleteBlocks: incompleteBlocks, referenceCount: Int(writer.reference_count))
    }

    // MARK: Blocks

    private mutating func addObjects(_ first: Int, upTo end: Int) {
        var number = first
        while true {
            number = addFollowing(number, upTo: end)
            guard number < end else { return }
            switch readings[number] {
            case SweepPlan.Reading.whole.rawValue: addWhole(UInt32(truncatingIfNeeded: number))
            case SweepPlan.Reading.inAreas.rawValue:
                addParts(areas.areas(of: number), chunked: false, of: UInt32(truncatingIfNeeded: number))
            case SweepPlan.Reading.inParts.rawValue: addParts(of: UInt32(truncatingIfNeeded: number))
            default: break
            }
            number += 1
        }
    }

    /// Most objects are this: read whole, and in the segment of the one before. Where that one ends, their words belong to the
    /// same run.
    /// - Returns: the number of the first object that is not.
    private mutating func addFollowing(_ first: Int, upTo end: Int) -> Int {
        guard runCount > 0, segment < segments.count else { return first }
        let (base, length, bytes) = (segments[segment].start, segments[segment].count, segments[segment].bytes)
        var number = first, words = batchWords, pieces = pieceCount, runs = runCount, runEnd = runEnd, held = held
        // Words up to the run that is under way.
        var before = words - Int(scratch.runs[runs - 1].count)
        while number < end, readings[number] == SweepPlan.Reading.whole.rawValue, pieces < Self.maxBatchPieces {
            let start = starts[number], size = UInt64(sizes[number]), count = size &>> wordShift
            guard Int(truncatingIfNeeded: count) <= Self.maxBatchWords &- words else { break }
            if start != runEnd || size > held {
                let offset = start &- base
                guard offset < length, size <= length &- offset, start & (wordSize &- 1) == 0, count > 0 else { break }
                scratch.runs[runs &- 1].count = UInt32(truncatingIfNeeded: words &- before)
                scratch.runs[runs] = engine_run(words: bytes + Int(truncatingIfNeeded: offset), count: 0)
                runs &+= 1
                (before, runEnd, held) = (words, start, length &- offset)
            }
            words &+= Int(truncatingIfNeeded: count)
            scratch.pieces[pieces] = engine_piece(
                block: UInt32(truncatingIfNeeded: number), end: UInt32(truncatingIfNeeded: words), ordinal: 0)
            pieces &+= 1
            runEnd &+= count &<< wordShift
            held &-= count &<< wordShift
            number &+= 1
        }
        scratch.runs[runs - 1].count = UInt32(truncatingIfNeeded: words - before)
        (batchWords, pieceCount, runCount, self.runEnd, self.held) = (words, pieces, runs, runEnd, held)
        return number
    }

    private mutating func addWhole(_ number: UInt32) {
        let size = UInt64(sizes[Int(number)])
        guard size < UInt64(RankOrder.isLarge) else { return addParts(of: number) }
        _ = add(AddressRange(start: Address(starts[Int(number)]), size: size), chunked: true, ordinal: 0, of: number)
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
        let parts = pass.scannedParts(ofNumber: Int(number))
        if parts.ranges.isEmpty { incompleteBlocks.append(number) }
        addParts(parts.ranges, chunked: parts.areChunked, of: number)
    }

    private mutating func addParts(_ parts: some Sequence<AddressRange>, chunked: Bool, of block: UInt32) {
        var ordinal: UInt64 = 0
        for part in parts { ordinal += add(part, chunked: chunked, ordinal: ordinal, of: block) }
    }

    /// - Returns: how many words there are.
    private mutating func add(_ part: AddressRange, chunked: Bool, ordinal: UInt64, of block: UInt32) -> UInt64 {
        let start = part.start.rawValue, skipped = (0 &- start) & (wordSize &- 1)
        guard skipped == 0 || !chunked || part.size <= BlockWords.chunkSize, let place = place(of: start, part.size) else {
            return addRuns(of: part, chunked: chunked, ordinal: ordinal, of: block)
        }
        guard part.size >= skipped &+ wordSize else { return 0 }
        // One run, in one segment.
        let count = (part.size &- skipped) &>> wordShift
        addRun(place + Int(truncatingIfNeeded: skipped), count: count, ordinal: ordinal, of: block)
        runEnd = start &+ skipped &+ count &<< wordShift
        held = segments[segment].start &+ segments[segment].count &- runEnd
        return count
    }

    private mutating func addRuns(of part: AddressRange, chunked: Bool, ordinal: UInt64, of block: UInt32) -> UInt64 {
        var count: UInt64 = 0
        if incompleteBlocks.last != block, !words.memory.contains(part) { incompleteBlocks.append(block) }
        words.forEachRun(in: part, chunked: chunked) { run in
            if let place = run.segment {
                let from = segments[place].bytes + Int(run.address.rawValue - segments[place].start)
                addRun(from, count: UInt64(run.count), ordinal: ordinal + count, of: block)
            } else if let word = words.memory.word(at: run.address, size: Int(wordSize)) {
                addLoose(word, ordinal: ordinal + count, of: block)
            }
            count += UInt64(run.count)
        }
        return count
    }

    // MARK: Runs

    private mutating func addRun(_ start: UnsafeRawPointer, count: UInt64, ordinal: UInt64, of block: UInt32) {
        var start = start, count = Int(count), ordinal = Int(ordinal)
        while count > 0 {
            makeRoom()
            let length = min(count, Self.maxBatchWords - batchWords)
            batchWords += length
            scratch.runs[runCount] = engine_run(words: start, count: UInt32(length))
            scratch.pieces[pieceCount] = engine_piece(block: block, end: UInt32(batchWords), ordinal: UInt32(ordinal))
            runCount += 1
            pieceCount += 1
            start += length * Int(wordSize)
            ordinal += length
            count -= length
        }
        held = 0
    }

    /// A word that stands in two segments.
    private mutating func addLoose(_ word: UInt64, ordinal: UInt64, of block: UInt32) {
        // Now, rather than in `addRun`, which would forget the place.
        makeRoom()
        let place = UnsafeMutableRawPointer(scratch.loose + looseCount)
        place.storeBytes(of: word.littleEndian, as: UInt64.self)
        looseCount += 1
        addRun(UnsafeRawPointer(place), count: 1, ordinal: ordinal, of: block)
    }

    /// For another run.
    private mutating func makeRoom() {
        if pieceCount == Self.maxBatchPieces || batchWords == Self.maxBatchWords { flush() }
    }

    private mutating func flush() {
        let count = Int(engine_extract(
            pass.variant, UInt32(wordSize), scratch.runs, UInt32(runCount), virtualRange, percpuRange, scratch.values,
            scratch.positions))
        if let virtual {
            _ = virtual.resolve(scratch.values, count: count, into: scratch.found)
        } else {
            scratch.found.update(repeating: RankResolver.none, count: count)
        }
        let isInBoth = findPerCPU(count)
        engine_write(
            pass.variant, &writer, scratch.pieces, UInt32(pieceCount), scratch.positions, scratch.found,
            isInBoth ? scratch.foundPerCPU : nil)
        farGaps += UnsafeBufferPointer(start: scratch.farGaps, count: Int(writer.far_count))
        writer.far_count = 0
        (runCount, pieceCount, batchWords, looseCount, held) = (0, 0, 0, 0, 0)
    }

    /// Looks up the few candidates that may lie in a PERCPU object.
    /// - Returns: false when all that lie in one are among `found`, as none of them is in an ordinary object, too.
    private func findPerCPU(_ count: Int) -> Bool {
        guard let percpu else { return false }
        let places = scratch.percpuPlaces, numbers = scratch.percpuNumbers
        let near = Int(engine_select(pass.variant, scratch.values, UInt32(count), percpuRange, places))
        for place in 0..<near { scratch.percpuValues[place] = scratch.values[Int(places[place])] }
        guard percpu.resolve(scratch.percpuValues, count: near, into: numbers) else { return false }
        let isInBoth = (0..<near).contains {
            numbers[$0] != RankResolver.none && scratch.found[Int(places[$0])] != RankResolver.none
        }
        let found = isInBoth ? scratch.foundPerCPU : scratch.found
        if isInBoth { found.update(repeating: RankResolver.none, count: count) }
        for place in 0..<near where numbers[place] != RankResolver.none { found[Int(places[place])] = numbers[place] }
        return isInBoth
    }

    /// The buffers of a batch.
    private struct Scratch {
        let runs = UnsafeMutablePointer<engine_run>.allocate(capacity: maxBatchPieces)
        let pieces = UnsafeMutablePointer<engine_piece>.allocate(capacity: maxBatchPieces)
        let loose = UnsafeMutablePointer<UInt64>.allocate(capacity: maxBatchPieces)
        let values = UnsafeMutablePointer<UInt64>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let positions = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let found = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let percpuPlaces = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let percpuValues = UnsafeMutablePointer<UInt64>.allocate(capacity: maxBatchWords)
        let percpuNumbers = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let foundPerCPU = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let farGaps = UnsafeMutablePointer<engine_far_gap>.allocate(capacity: 2 * maxBatchWords)

        func deallocate() {
            for buffer in [positions, found, percpuPlaces, percpuNumbers, foundPerCPU] { buffer.deallocate() }
            for buffer in [loose, values, percpuValues] { buffer.deallocate() }
            runs.deallocate()
            pieces.deallocate()
            farGaps.deallocate()
        }
    }
}

extension engine_range {
    init(_ range: AddressRange) { self.init(start: range.start.rawValue, size: range.size) }
}
