import CEngine
import HeapModel
import Testing

/// What is picked out of memory is the same, whatever instructions do it.
struct ExtractionTests {
    private static let variants = [engine_scalar, engine_avx2, engine_avx512, engine_neon].filter { engine_supports($0) }

    private struct Candidate: Equatable {
        let value: UInt64
        let position: UInt32
    }

    /// Random runs, cut out of one buffer at any byte.
    private struct Input {
        var bytes: [UInt8]
        var runs: [(offset: Int, count: Int)] = []
        let first, second: engine_range
        let wordSize: Int

        init(_ random: inout SplitMix64, wordSize: Int) {
            self.wordSize = wordSize
            let mask = wordSize == 4 ? UInt64(UInt32.max) : .max
            func range(_ random: inout SplitMix64) -> engine_range {
                let start = random.pick(0, random.next() & mask, 0xffff_8880_0000_0000 & mask, mask - 5)
                return engine_range(start: start, size: random.pick(0, 1, 7, random.number(0...1 << 40), 0 &- start, .max))
            }
            (first, second) = (range(&random), range(&random))
            let words = Int(random.number(0...90))
            bytes = []
            for _ in 0...words {
                let base = random.pick(first, second)
                let word = random.pick(
                    random.next(), 0, .max, base.start, base.start &- 1, base.start &+ base.size, base.start &+ base.size &- 1,
                    base.start &+ base.size / 2)
                bytes += (0..<wordSize).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            }
            for _ in 0..<random.number(0...6) {
                let offset = Int(random.number(0...UInt64(bytes.count)))
                let room = (bytes.count - offset) / wordSize
                runs.append((offset, Int(random.number(0...UInt64(room)))))
            }
        }

        /// Word by word.
        var expected: [Candidate] {
            let starts = runs.flatMap { run in (0..<run.count).map { run.offset + $0 * wordSize } }
            return starts.enumerated().compactMap { position, start in
                let value = (0..<wordSize).reduce(0 as UInt64) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
                guard value &- first.start < first.size || value &- second.start < second.size else { return nil }
                return Candidate(value: value, position: UInt32(position))
            }
        }

        /// nil when what follows on the candidates could be taken for some.
        func extracted(by variant: engine_variant) -> [Candidate]? {
            let room = runs.reduce(Int(engine_slack)) { $0 + $1.count }
            var values = [UInt64](repeating: 0, count: room), positions = [UInt32](repeating: 0, count: room)
            let found = bytes.withUnsafeBytes { bytes in
                let runs = runs.map { run in
                    engine_run(words: bytes.baseAddress.unsafelyUnwrapped + run.offset, count: UInt32(run.count))
                }
                return runs.withUnsafeBufferPointer { runs in
                    runs.baseAddress.map { engine_extract(
                        variant, UInt32(wordSize), $0, UInt32(runs.count), first, second, &values, &positions) }
                }
            }
            guard let found else { return [] }
            guard positions[Int(found)..<Int(found) + Int(engine_slack)].allSatisfy({ $0 == ENGINE_NO_POSITION }) else { return nil }
            return (0..<Int(found)).map { Candidate(value: values[$0], position: positions[$0]) }
        }
    }

    @Test(arguments: [8, 4])
    func allVariantsFindTheSame(wordSize: Int) {
        var random = SplitMix64(seed: UInt64(wordSize)), candidates = 0
        for round in 0..<3000 {
            let input = Input(&random, wordSize: wordSize), expected = input.expected
            candidates += expected.count
            for variant in Self.variants {
                if input.extracted(by: variant) != expected {
                    Issue.record("round \(round), variant \(variant.rawValue)")
                    return
                }
            }
        }
        #expect(candidates > 10_000)
    }

    @Test func allVariantsSelectTheSame() {
        var random = SplitMix64(seed: 3)
        for round in 0..<1000 {
            let range = engine_range(start: random.pick(0, 1000, .max - 5), size: random.pick(0, 1, 9, .max))
            let values = (0..<random.number(0...40)).map { _ in range.start &+ random.number(0...20) &- 5 }
            let expected = values.indices.filter { values[$0] &- range.start < range.size }.map { UInt32($0) }
            for variant in Self.variants {
                var places = [UInt32](repeating: 0, count: values.count + Int(engine_slack))
                let found = engine_select(variant, values, UInt32(values.count), range, &places)
                #expect(Array(places.prefix(Int(found))) == expected, "round \(round), variant \(variant.rawValue)")
            }
        }
    }

    @Test func theBestVariantIsOneThatRuns() {
        #expect(engine_supports(engine_scalar))
        #expect(engine_supports(engine_best_variant()))
    }
}
