import CEngine
import HeapModel

/// One thread of the making of a `ReferrerIndex`: counts the pairs of an object and a stretch, or puts them in their places.
struct ReferrerSweep {
    private let virtual, percpu: RankResolver?
    private let virtualRange, percpuRange: engine_range
    private let words: BlockWords
    private let segments: [(start: UInt64, bytes: UnsafeRawPointer?)]
    /// By number of the object: its pairs so far, or the place of the next one.
    private let cursors: UnsafeMutablePointer<UInt32>
    /// nil: pairs are counted.
    private let list: UnsafeMutablePointer<UInt16>?

    private let scratch = Scratch()
    private var stretch: UInt16 = 0
    private var runCount = 0
    private var batchWords = 0
    private var looseCount = 0

    private static let batchRuns = 64
    private static let maxBatchWords = 8192
    /// Pairs that were met last, to leave out most of those that come again.
    private static let recentCount = 2048
    /// Pairs ahead for which memory is asked.
    private static let ahead = 16

    /// Reads some stretches of memory.
    static func read(
        _ heap: Heap, _ stretches: Stretches, _ numbers: Range<Int>, _ rank: RankIndex, cursors: UnsafeMutablePointer<UInt32>,
        list: UnsafeMutablePointer<UInt16>?
    ) {
        RankResolver.with(rank.virtual, rank.order, heap.objects) { virtual in
            RankResolver.with(rank.percpu, rank.order, heap.objects) { percpu in
                var sweep = ReferrerSweep(heap, rank, virtual, percpu, cursors, list)
                defer { sweep.scratch.deallocate() }
                // The arrays of built segments stay where they are for as long as the heap is held.
                withExtendedLifetime(heap.memory) {
                    for number in numbers { sweep.read(stretches.ranges(of: number, in: heap.memory), of: UInt16(number)) }
                }
            }
        }
    }

    private init(
        _ heap: Heap, _ rank: RankIndex, _ virtual: RankResolver?, _ percpu: RankResolver?,
        _ cursors: UnsafeMutablePointer<UInt32>, _ list: UnsafeMutablePointer<UInt16>?
    ) {
        (self.virtual, self.percpu, self.cursors, self.list) = (virtual, percpu, cursors, list)
        (virtualRange, percpuRange) = (engine_range(rank.virtual.bounds), engine_range(rank.percpu.bounds))
        words = BlockWords(of: heap)
        segments = heap.memory.segments.map { segment in (segment.start, segment.withBytes { $0.baseAddress }) }
    }

    private mutating func read(_ ranges: [AddressRange], of stretch: UInt16) {
        self.stretch = stretch
        for range in ranges {
            words.forEachRun(in: range, chunked: false) { run in
                if let place = run.segment, let bytes = segments[place].bytes {
                    add(bytes + Int(run.address.rawValue - segments[place].start), count: run.count)
                } else if let word = words.memory.word(at: run.address, size: Int(words.wordSize)) {
                    addLoose(word)
                }
            }
        }
        flush()
    }

    private mutating func add(_ start: UnsafeRawPointer, count: Int) {
        var start = start, count = count
        while count > 0 {
            if runCount == Self.batchRuns || batchWords == Self.maxBatchWords { flush() }
            let length = min(count, Self.maxBatchWords - batchWords)
            scratch.runs[runCount] = engine_run(words: start, count: UInt32(length))
            runCount += 1
            batchWords += length
            start += length * Int(words.wordSize)
            count -= length
        }
    }

    /// A word that stands in two segments.
    private mutating func addLoose(_ word: UInt64) {
        // Now, rather than in `add`, which would forget the place.
        if runCount == Self.batchRuns || batchWords == Self.maxBatchWords { flush() }
        let place = UnsafeMutableRawPointer(scratch.loose + looseCount)
        place.storeBytes(of: word.littleEndian, as: UInt64.self)
        looseCount += 1
        add(UnsafeRawPointer(place), count: 1)
    }

    private mutating func flush() {
        let count = Int(engine_extract(
            engine_best_variant(), UInt32(words.wordSize), scratch.runs, UInt32(runCount), virtualRange, percpuRange,
            scratch.values, scratch.positions))
        for resolver in [virtual, percpu] {
            guard let resolver, resolver.resolve(scratch.values, count: count, into: scratch.found) else { continue }
            write(newPairs(count))
        }
        (runCount, batchWords, looseCount) = (0, 0, 0)
    }

    /// Moves the objects that were not met lately in this stretch to the front. What was met is the same whenever the stretch
    /// is read, so that as many pairs are written as were counted.
    private func newPairs(_ count: Int) -> Int {
        var fresh = 0
        for place in 0..<count where scratch.found[place] != RankResolver.none {
            let number = scratch.found[place], pair = UInt64(stretch) &<< 32 | UInt64(number)
            let recent = scratch.recent + Int(truncatingIfNeeded: number) & (Self.recentCount - 1)
            guard recent.pointee != pair else { continue }
            recent.pointee = pair
            scratch.found[fresh] = number
            engine_prefetch_to_write(cursors + Int(number))
            fresh += 1
        }
        return fresh
    }

    private func write(_ count: Int) {
        guard let list else {
            for place in 0..<count { cursors[Int(scratch.found[place])] &+= 1 }
            return
        }
        for place in 0..<count {
            if place + Self.ahead < count { engine_prefetch_to_write(list + Int(cursors[Int(scratch.found[place + Self.ahead])])) }
            let number = Int(scratch.found[place])
            list[Int(cursors[number])] = stretch
            cursors[number] &+= 1
        }
    }

    /// The buffers of a batch.
    private struct Scratch {
        let runs = UnsafeMutablePointer<engine_run>.allocate(capacity: batchRuns)
        let loose = UnsafeMutablePointer<UInt64>.allocate(capacity: batchRuns)
        let values = UnsafeMutablePointer<UInt64>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let positions = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        let found = UnsafeMutablePointer<UInt32>.allocate(capacity: maxBatchWords + Int(engine_slack))
        /// By the low bits of the number: stretch and number.
        let recent = UnsafeMutablePointer<UInt64>.allocate(capacity: recentCount)

        init() { recent.initialize(repeating: .max, count: recentCount) }

        func deallocate() {
            runs.deallocate()
            for buffer in [positions, found] { buffer.deallocate() }
            for buffer in [loose, values, recent] { buffer.deallocate() }
        }
    }
}
