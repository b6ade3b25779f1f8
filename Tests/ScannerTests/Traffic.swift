import HeapModel

@testable import Scanner

/// A heap of 24 blocks in which words point at random; each pause may store, free, allocate and annotate.
struct Traffic {
    var random: SplitMix64
    var kmemleak: Kmemleak

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let style = KernelProfile.Style.allCases[Int(seed % 4)]
        var profile = KernelProfile(release: "test", architecture: .x86_64, style: style)
        profile.wordSize = 8
        kmemleak = Kmemleak(booting: profile)
        let isAdded = kmemleak.heap.memory.add(AddressRange(start: Address(0x10000), size: 0x4000))
            && kmemleak.heap.memory.add(AddressRange(start: Address(0x1000), size: 256))
            && kmemleak.heap.memory.add(AddressRange(start: Address(0x2000), size: 128))
        precondition(isAdded)
        kmemleak.heap.roots = [
            Root(kind: .percpu, name: "cpu 0", range: AddressRange(start: Address(0x1000), size: 256)),
            Root(kind: .stack, name: "task", range: AddressRange(start: Address(0x2000), size: 128), pid: 5),
        ]
        kmemleak.bootQuietly()
        var kmemleak = kmemleak
        for _ in 0..<24 { allocate(&kmemleak) }
        for _ in 0..<60 { store(&kmemleak) }
        kmemleak.advance(to: Microseconds(10_000_000))
        self.kmemleak = kmemleak
    }

    private mutating func next(_ bound: UInt64) -> UInt64 { random.next() % bound }

    private mutating func allocate(_ kmemleak: inout Kmemleak) {
        let slot = next(32), range = AddressRange(start: Address(0x10000 + slot * 0x200), size: 64 + next(4) * 8)
        if kmemleak.index.virtual.object(overlapping: range) == nil {
            kmemleak.call(.alloc(range, minCount: Int32(next(3))), by: Caller())
        }
    }

    private mutating func store(_ kmemleak: inout Kmemleak) {
        let place = next(3) == 0 ? 0x1000 + next(32) * 8 : next(2) == 0 ? 0x2000 + next(16) * 8 : 0x10000 + next(32) * 0x200 + next(8) * 8
        let word = next(3) == 0 ? 0 : 0x10000 + next(32) * 0x200 + next(2) * 8
        kmemleak.heap.memory.write(word: word, at: Address(place))
    }

    /// What the kernel does at a point of a scan.
    mutating func live(_ kmemleak: inout Kmemleak) -> ScanLife.Answer {
        var answer = ScanLife.Answer()
        answer.wordsUntilNext = Int(1 + next(12))
        guard next(4) == 0 else { return answer }
        for _ in 0...next(3) {
            let start = Address(0x10000 + next(32) * 0x200)
            switch next(8) {
            case 0: allocate(&kmemleak)
            case 1: kmemleak.call(.free(start), by: Caller())
            case 2 where kmemleak.index.virtual.object(at: start) != nil: kmemleak.call(.notLeak(start), by: Caller())
            case 3 where kmemleak.index.virtual.object(at: start) != nil: kmemleak.call(.ignore(start), by: Caller())
            case 4: kmemleak.call(.freePart(AddressRange(start: start + 8, size: 16)), by: Caller())
            default: store(&kmemleak)
            }
            answer.deeds.append("something")
        }
        return answer
    }

    mutating func scan() throws -> ScanRecording {
        var traffic = self
        var scanning = kmemleak
        try scanning.write(.scan) { kmemleak, _ in traffic.live(&kmemleak) }
        kmemleak = scanning
        random = traffic.random
        return kmemleak.recording!
    }
}
