import HeapModel

/// Looks on while a scenario is played again, step by step, and remembers when the last word went that held an object.
///
/// Words of roots hold it, of stacks though they may not be scanned, and those of tracked objects that are not lost themselves in the end. Only what a step touched is
/// read again.
struct LossWatch: Sendable {
    private let targets: [Target]
    private let kinds: Set<ObjectKind>
    private let lost: Set<Key>
    /// All words that point at a target, whoever they belong to.
    private var words: [Address: UInt64] = [:]
    /// By target: the words that hold it, ascending; and what became of the last ones.
    private var held: [[Loss.Word]]
    private var losses: [Loss?]

    /// An object, for as long as it lives.
    private struct Key: Hashable, Sendable {
        let start: Address
        let kind: ObjectKind
        let birth: Jiffies

        init(_ id: ObjectID, in objects: ObjectTable) {
            start = objects.pointers[id.index]
            kind = ObjectKind(objects.flags[id.index])
            birth = objects.jiffies[id.index]
        }
    }

    private struct Target: Sendable {
        let id: ObjectID
        let key: Key
        let range: AddressRange
    }

    init(_ ids: [ObjectID], in heap: Heap) {
        let keys = ids.map { Key($0, in: heap.objects) }
        lost = Set(keys)
        targets = zip(ids, keys).map { Target(id: $0, key: $1, range: heap.objects.range(of: $0)) }
            .filter { $0.key.kind != .phys }.sorted { $0.range.start < $1.range.start }
        kinds = Set(targets.map(\.key.kind))
        held = targets.map { _ in [] }
        losses = targets.map { _ in nil }
    }

    /// By the objects as they were given.
    var stories: [ObjectID: LossStory] {
        var stories: [ObjectID: LossStory] = [:]
        // What is held in the end is white for other reasons.
        for (place, target) in targets.enumerated() where held[place].isEmpty {
            stories[target.id] = losses[place].map { .lost($0) } ?? .neverHeld
        }
        return stories
    }

    // MARK: A step

    /// - Parameter touched: what was written or taken away.
    mutating func look(at kmemleak: Kmemleak, _ touched: [AddressRange], _ step: Step) {
        let isNews = touched.map { read($0, kmemleak.heap) }.contains(true)
        guard isNews || step.changesHolders, !words.isEmpty || held.contains(where: { !$0.isEmpty }) else { return }
        let now = holding(kmemleak)
        for place in targets.indices {
            if !isTracked(targets[place], kmemleak) {
                (held[place], losses[place]) = ([], nil)
            } else if !now[place].isEmpty {
                (held[place], losses[place]) = (now[place], nil)
            } else if let last = held[place].first {
                losses[place] = Loss(
                    word: last, fate: fate(of: last, kmemleak), time: kmemleak.uptime, caller: step.caller, file: step.file,
                    line: step.line)
                held[place] = []
            }
        }
    }

    /// What a loss tells of the step that made it.
    struct Step {
        let caller: Caller.Context
        let file: String
        let line: Int
        let changesHolders: Bool
    }

    /// Reads the words of a range anew. Returns whether any of them points or pointed at a target.
    private mutating func read(_ range: AddressRange, _ heap: Heap) -> Bool {
        let block = BlockWords(of: heap), size = block.wordSize
        let start = Address(range.start.rawValue / size * size), bytes = range.size + (range.start - start) + size - 1
        let whole = AddressRange(start: start, size: bytes / size * size)
        let gone = words.keys.filter(whole.contains)
        for address in gone { words[address] = nil }
        let found = block.candidates(in: whole, for: bounds(.virtual), or: bounds(.percpu)).filter { !places(of: $0.value).isEmpty }
        for word in found { words[word.address] = word.value }
        return !gone.isEmpty || !found.isEmpty
    }

    /// From the first target of a kind to the end of the last.
    private func bounds(_ kind: ObjectKind) -> AddressRange {
        guard kinds.contains(kind), let first = targets.first(where: { $0.key.kind == kind }),
            let last = targets.last(where: { $0.key.kind == kind })
        else { return AddressRange(start: Address(0), size: 0) }
        return AddressRange(start: first.range.start, size: last.range.start - first.range.start + last.range.size)
    }

    /// Of the targets that a value points into.
    private func places(of value: UInt64) -> [Int] {
        let end = targets.partitioningIndex { $0.range.start > Address(value) }
        // Of each kind, the last one that begins at or below.
        return kinds.compactMap { kind in targets[..<end].lastIndex { $0.key.kind == kind } }
            .filter { targets[$0].range.contains(Address(value)) }
    }

    /// By target: the words that hold it now.
    private func holding(_ kmemleak: Kmemleak) -> [[Loss.Word]] {
        let holders = Holders(kmemleak.heap, kmemleak.index)
        var now: [[Loss.Word]] = targets.map { _ in [] }
        for (address, value) in words.sorted(by: { $0.key < $1.key }) {
            guard let holder = holders.holders(of: address).lazy.compactMap({ holder($0, of: address, kmemleak.heap) }).first
            else { continue }
            for place in places(of: value) {
                now[place].append(Loss.Word(address: address, value: value, holder: holder))
            }
        }
        return now
    }

    private func holder(_ holder: Reference.Holder, of address: Address, _ heap: Heap) -> Loss.Holder? {
        switch holder {
        case .root(let root): .root(root)
        case .object(let id) where !lost.contains(Key(id, in: heap.objects)):
            heap.contents(of: id).first { $0.contains(address) }.map { .block($0.start) }
        case .object, .freed, .untracked: nil
        }
    }

    private func isTracked(_ target: Target, _ kmemleak: Kmemleak) -> Bool {
        kmemleak.index[target.key.kind].object(at: target.key.start).map { Key($0, in: kmemleak.heap.objects) } == target.key
    }

    private func fate(of word: Loss.Word, _ kmemleak: Kmemleak) -> Loss.Fate {
        guard let value = kmemleak.heap.memory.word(at: word.address, size: kmemleak.heap.profile.wordSize) else { return .memoryWent }
        guard value != word.value else { return .holderWent }
        let target = kmemleak.index.virtual.object(containing: Address(value))
        return .overwritten(with: value, pointingTo: target.map { kmemleak.heap.objects.pointers[$0.index] })
    }
}
