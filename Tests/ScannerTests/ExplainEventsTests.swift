import HeapModel
import Testing

@testable import Scanner

/// What happened when, as breakpoints ask.
struct ExplainEventsTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func theChangesOfColourAreAllThereIs(part: UInt64) throws {
        var count = 0
        for seed in part * 25..<(part + 1) * 25 {
            var heap = RandomHeap.heap(seed: seed)
            if seed % 2 == 0 { heap.profile.style = .v2026 }
            var traffic = Traffic(seed: seed)
            for recording in [Scan.run(heap), try traffic.scan()] {
                guard let changes = replayed(recording) else {
                    Issue.record("seed \(seed)")
                    return
                }
                count += changes
            }
        }
        #expect(count > 500)
    }

    /// Walks through all ticks with the changes, and compares every shade; nil when one is wrong, else how many there were.
    private func replayed(_ recording: ScanRecording) -> Int? {
        let changes = recording.colourChanges
        guard changes.map(\.tick) == changes.map(\.tick).sorted() else { return nil }
        var shades = recording.heap.objects.minCounts.map { $0 == -1 ? Shade.ignored : .white }
        var next = 0
        for tick in 0..<recording.endTick {
            let moment = Moment(recording: recording, tick: tick)
            shades += [Shade](repeating: .white, count: max(0, moment.heap.objects.count - shades.count))
            while next < changes.count, changes[next].tick == tick {
                let change = changes[next]
                if change.isLeak {
                    guard case .report(change.object) = moment.step, change.shade == shades[change.object.index] else { return nil }
                } else {
                    guard shades[change.object.index] != change.shade else { return nil }
                    shades[change.object.index] = change.shade
                }
                next += 1
            }
            guard moment.heap.objects.ids.allSatisfy({ moment.shade(of: $0) == shades[$0.index] }) else { return nil }
        }
        return next == changes.count ? next : nil
    }

    private func twoPasses() -> ScanRecording {
        Scan.run(Heap(.v2026) { heap in
            heap.root(at: 0x1000, pointingTo: 0x3000)
            heap.object(at: 0x2000, size: 8)
            heap.object(at: 0x3000, size: 8)
        })
    }

    @Test func theConfirmingPassTurnsObjectsWhiteAgain() {
        let recording = twoPasses(), second = recording.passes[1].tick
        let changes = recording.colourChanges.filter { $0.object == ObjectID(1) }
        #expect(changes.map(\.shade) == [.gray, .scanned, .white, .gray, .scanned])
        #expect(changes[2].tick == second && changes[1].tick < second && changes[3].tick > second)
        let leak = recording.colourChanges.filter { $0.object == ObjectID(0) }
        #expect(leak.map(\.isLeak) == [true] && leak.map(\.tick) == recording.leaks.map(\.tick))
    }

    @Test func everythingThatHappenedToAnObjectIsTold() {
        let recording = twoPasses()
        func steps(_ number: Int) -> [String] {
            recording.events(of: ObjectID(number)).map { tick in
                switch Moment(recording: recording, tick: tick).step {
                case .word: "word"
                case .block: "block"
                case .suspect: "suspect"
                case .report: "report"
                case .checksum: "checksum"
                case .phase, .meanwhile, .end: "other"
                }
            }
        }
        #expect(steps(0) == ["suspect", "report"])
        #expect(steps(1) == ["word", "block", "word", "block"])
    }

    /// Each tick at which its shade, count or report is another than before is told, and no other.
    @Test func theEventsOfAnObjectAreItsChanges() throws {
        for seed in 0..<25 as Range<UInt64> {
            var heap = RandomHeap.heap(seed: seed), traffic = Traffic(seed: seed)
            if seed % 2 == 0 { heap.profile.style = .v2026 }
            for recording in [Scan.run(heap), try traffic.scan()] {
                for id in recording.outcome.objects.ids {
                    var expected: [Tick] = [], last: (Shade, Int32)?
                    for tick in 0..<recording.endTick {
                        let moment = Moment(recording: recording, tick: tick)
                        guard id.index < moment.heap.objects.count else { continue }
                        let now = (moment.shade(of: id), moment.count(of: id))
                        let isTold = switch moment.step {
                        case .suspect(id), .report(id): true
                        case .block(let block): block.source == .object(id)
                        default: false
                        }
                        // Everything is as it was before a pass begins, and nothing happens to an object by being white then.
                        let isPass = recording.passes.contains { $0.tick == tick }
                        if isTold || (isPass ? now.0 == .gray : last.map { $0 != now } ?? false) { expected.append(tick) }
                        last = now
                    }
                    #expect(recording.events(of: id) == expected, "seed \(seed), object \(id.index)")
                }
            }
        }
    }

    @Test func aRangeIsReadOncePerBlock() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0, 0x2000, 0x2000, 0)
            heap.object(at: 0x2000, size: 8200)
        }
        let recording = Scan.run(heap)
        func words(_ start: UInt64, _ size: UInt64) -> [Address] {
            recording.ticks(reading: AddressRange(start: Address(start), size: size)).compactMap {
                if case .word(let address) = Moment(recording: recording, tick: $0).step { address } else { nil }
            }
        }
        #expect(words(0x100c, 16) == [Address(0x1008)], "the word that the range begins in")
        #expect(words(0x0ff0, 0x2000) == [Address(0x1000), Address(0x2000)])
        #expect(words(0x2ff0, 64) == [Address(0x2ff0)], "chunks follow one another")
        #expect(words(0x5000, 64) == [])
    }

    @Test func bothPassesReadARange() {
        let recording = twoPasses(), ticks = recording.ticks(reading: AddressRange(start: Address(0x1000), size: 8))
        #expect(ticks.count == 2 && ticks[0] < recording.passes[1].tick && ticks[1] > recording.passes[1].tick)
    }

    @Test func whatTheKernelDoesMeanwhileDoesNotEndAStretch() {
        let heap = Heap { $0.root(at: 0x1000, size: 64) }
        let recording = Scan.run(heap, life: { heap, point in
            var answer = ScanLife.Answer()
            answer.wordsUntilNext = 2
            if point.wordsOfBlock > 0 { answer.deeds = ["something"] }
            return answer
        })
        #expect(recording.epochs.count > 3)
        #expect(recording.ticks(reading: AddressRange(start: Address(0x1008), size: 40)).count == 1)
        // The range begins where the cursor was interrupted.
        #expect(recording.ticks(reading: AddressRange(start: Address(0x1010), size: 8)).count == 1)
    }
}
