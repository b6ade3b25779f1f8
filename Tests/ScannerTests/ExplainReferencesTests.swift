import HeapModel
import Scanner
import SystemPackage
import Testing

/// Who points where, by a look at every word.
struct ExplainReferencesTests {
    private static let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()

    private func references(to pointer: UInt64, in heap: Heap) -> [Reference] {
        let index = ObjectIndex(heap.objects)
        return heap.references(to: index.object(containing: Address(pointer))!, index)
    }

    @Test func aReferenceTellsItsHolderAndWhereItPoints() {
        let heap = Heap { heap in
            heap.root(at: 0x1000, pointingTo: 0, 0x3000)
            heap.object(at: 0x2000, size: 24) { $0.pointer(to: 0x3011, at: 16) }
            heap.object(at: 0x3000, size: 32)
            heap.memory(at: 0x4000, size: 8) { $0.pointer(to: 0x301f, at: 0) }
        }
        let found = references(to: 0x3000, in: heap)
        #expect(found.map(\.address.rawValue) == [0x1008, 0x2010, 0x4000])
        #expect(found.map(\.word) == [0x3000, 0x3011, 0x301f])
        #expect(found.map(\.offset) == [0, 0x11, 0x1f])
        #expect(found.map(\.holder) == [.root(heap.roots[0]), .object(ObjectID(0)), .untracked])
        #expect(found.allSatisfy { $0.target == ObjectID(1) && $0.cpu == nil })
    }

    @Test func aPerCPUHoldersCopyIsNamed() {
        let heap = Heap { heap in
            heap.heap.perCPUOffsets = [0x10000, 0x20000]
            heap.object(at: 0x100, size: 8, flags: .perCPU) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8)
        }
        let found = references(to: 0x3000, in: heap)
        #expect(found.map(\.address.rawValue) == [0x10100, 0x20100] && found.map(\.cpu) == [0, 1])
        #expect(found.allSatisfy { $0.holder == .object(ObjectID(0)) })
        let index = ObjectIndex(heap.objects)
        #expect(heap.references(from: ObjectID(0), index) == found)
    }

    @Test func aPhysObjectsBytesAreItsOwnAndNothingPointsAtIt() {
        let heap = Heap { heap in
            heap.heap.physToVirt = 0x8000
            heap.object(at: 0x1000, size: 8, flags: .phys) { $0.pointer(to: 0x3000, at: 0) }
            heap.object(at: 0x3000, size: 8) { $0.pointer(to: 0x1000, at: 0) }
        }
        #expect(references(to: 0x3000, in: heap).map(\.holder) == [.object(ObjectID(0))])
        #expect(heap.references(to: ObjectID(0), ObjectIndex(heap.objects)) == [])
    }

    /// A root is read whatever colour the object in it has.
    @Test func aRootIsTheHolderOfAWordThatIsInAnObjectToo() {
        var heap = Heap { heap in
            heap.object(at: 0x2000, size: 16) { $0.pointer(to: 0x3000, at: 8) }
            heap.object(at: 0x3000, size: 8)
        }
        heap.roots = [Root(kind: .stack, name: "task", range: AddressRange(start: Address(0x2000), size: 16), pid: 1)]
        #expect(references(to: 0x3000, in: heap).map(\.holder) == [.root(heap.roots[0])])
        // The stack is not scanned; the object that it is tracked as may be.
        heap.scansStacks = false
        #expect(references(to: 0x3000, in: heap).map(\.holder) == [.object(ObjectID(0))])
    }

    @Test func whatAnObjectPointsAtIncludesItself() {
        let heap = Heap { heap in
            heap.object(at: 0x2000, size: 32) { block in
                block.pointer(to: 0x3004, at: 24)
                block.pointer(to: 0x2000, at: 8)
                block.pointer(to: 0x5000, at: 16)
            }
            heap.object(at: 0x3000, size: 8)
        }
        let found = heap.references(from: ObjectID(0), ObjectIndex(heap.objects))
        #expect(found.map(\.target.index) == [0, 1] && found.map(\.offset) == [0, 4])
        #expect(found.map(\.address.rawValue) == [0x2008, 0x2018])
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func theSweepFindsWhatALookAtEveryWordFinds(part: UInt64) {
        var count = 0, kinds: Set<String> = []
        for seed in part * 150..<(part + 1) * 150 {
            let heap = RandomHeap.heap(seed: seed), index = ObjectIndex(heap.objects), every = EveryWord(of: heap, index)
            let referrers = [1, 2].map { ReferrerIndex(of: heap, threads: $0) }
            for id in heap.objects.ids {
                let found = heap.references(to: id, index)
                count += found.count
                guard heap.references(to: id, index, referrers[Int(seed % 2)]) == found else {
                    Issue.record("seed \(seed), to object \(id.index) by the index of referrers")
                    return
                }
                guard found.map(\.address) == every.referrers[id, default: []],
                    found.allSatisfy({ $0.target == id && $0.word == every.words[$0.address] })
                else {
                    Issue.record("seed \(seed), to object \(id.index)")
                    return
                }
                for reference in found {
                    guard reference.holder == every.holder(of: reference.address) else {
                        Issue.record("seed \(seed), to object \(id.index), holder of \(reference.address)")
                        return
                    }
                    kinds.insert(String("\(reference.holder)".prefix { $0 != "(" }))
                }
                let from = heap.references(from: id, index).map { [$0.address.rawValue, UInt64($0.target.index)] }
                guard from == every.words(from: id, index) else {
                    Issue.record("seed \(seed), from object \(id.index)")
                    return
                }
            }
        }
        #expect(count > 300)
        #expect(kinds == ["root", "object", "freed", "untracked"])
    }

    /// Memory of many stretches, with pointers across their ends and more than one in each.
    @Test(arguments: [4, 8]) func theIndexOfReferrersFindsWhatTheSweepFinds(wordSize: Int) {
        var random = SplitMix64(seed: UInt64(wordSize))
        let heap = Heap(wordSize: wordSize) { heap in
            heap.heap.perCPUOffsets = [0x400000]
            heap.object(at: 0x100, size: 24, flags: .perCPU)
            for number in 0..<40 as Range<UInt64> {
                let start = 0x100001 + number * 5001
                heap.object(at: start, size: 5000) { block in
                    for _ in 0..<60 {
                        let target = random.once(in: 9) ? 0x100 + random.number(0...30) : 0x100000 + random.number(0...220_000)
                        block.pointer(to: target, at: random.number(0...623) * 8 + (0 &- start) % 8)
                    }
                }
            }
        }
        let index = ObjectIndex(heap.objects)
        for referrers in [1, 2, 5].map({ ReferrerIndex(of: heap, threads: $0) }) {
            for id in heap.objects.ids {
                let found = heap.references(to: id, index)
                #expect(heap.references(to: id, index, referrers) == found && found.count > 3)
            }
        }
    }

    @Test func theIndexOfReferrersFindsWhatTheSweepFindsInACapture() throws {
        let heap = try Capture(Self.tests.appending("Fixtures/small-6.1.kmemcore")).heap, index = ObjectIndex(heap.objects)
        let referrers = ReferrerIndex(of: heap)
        #expect(referrers.isValid(for: heap))
        for id in heap.objects.ids where id.index % 7 == 0 {
            #expect(heap.references(to: id, index, referrers) == heap.references(to: id, index))
        }
    }
}

/// A heap's aligned words, one by one, and whose they are: written to be right rather than fast.
struct EveryWord {
    let heap: Heap
    private(set) var words: [Address: UInt64] = [:]
    /// Addresses of the words that point into an object, ascending.
    private(set) var referrers: [ObjectID: [Address]] = [:]

    init(of heap: Heap, _ index: ObjectIndex) {
        self.heap = heap
        let size = UInt64(heap.profile.wordSize)
        for segment in heap.memory.segments {
            let first = segment.start / size, last = (segment.start + (segment.count - 1)) / size
            for number in first...last {
                let address = Address(number * size)
                words[address] = heap.memory.word(at: address, size: Int(size))
            }
        }
        for (address, word) in words {
            for target in index.targets(of: word) { referrers[target, default: []].append(address) }
        }
        referrers = referrers.mapValues { $0.sorted() }
    }

    /// Address and target of each.
    func words(from id: ObjectID, _ index: ObjectIndex) -> [[UInt64]] {
        let size = UInt64(heap.profile.wordSize)
        return heap.contents(of: id).flatMap { contents in
            words.filter { contents.contains(AddressRange(start: $0.key, size: size)) }.sorted { $0.key < $1.key }.flatMap { word in
                index.targets(of: word.value).map { [word.key.rawValue, UInt64($0.index)] }
            }
        }
    }

    func holder(of address: Address) -> Reference.Holder {
        let roots = heap.roots.filter { $0.range.contains(address) }
        if let root = roots.first(where: { heap.scansStacks || $0.kind != .stack }) { return .root(root) }
        let owners = heap.objects.ids.filter { heap.contents(of: $0).contains { $0.contains(address) } }
        if let owner = owners.first(where: { heap.objects.flags[$0.index].contains(.allocated) }) { return .object(owner) }
        if let root = roots.first { return .root(root) }
        return owners.last.map { .freed($0) } ?? .untracked
    }
}
