/// The references that a generated heap is held together by: each object that is to live is pointed to from something
/// that lives already, so that all of them can be reached; and what is lost is linked only among itself.
struct GeneratedLinks {
    private let layout: GeneratedLayout
    private let fates: GeneratedFates
    private let words: UnsafeMutablePointer<UInt64>
    private var random: SplitMix64
    /// Words of each block that hold links, by slot; the roots come after the objects.
    private var used: [UInt16]
    /// Blocks that live and have room for more links.
    private var pool: [UInt32] = []
    /// Where in `.data` and `.bss` structures begin.
    private(set) var globals: [Address] = []
    /// The leaks among the slab objects, by what lost them: each a head and what it drags along.
    private(set) var lostGroups: [[Int]] = []

    init(
        _ layout: GeneratedLayout, _ fates: GeneratedFates, _ options: GeneratorOptions, in memory: UnsafeMutableRawBufferPointer,
        _ random: SplitMix64
    ) {
        self.layout = layout
        self.fates = fates
        self.random = random
        words = memory.bindMemory(to: UInt64.self).baseAddress.unsafelyUnwrapped
        used = [UInt16](repeating: 0, count: layout.count + layout.roots.count)
        let isData = layout.roots.map { $0.root.kind == .data }
        for root in isData.indices where isData[root] { join(layout.count + root) }
        linkAreas()
        for root in isData.indices where !isData[root] { join(layout.count + root) }
        linkLiving()
        linkLost(options)
        holdByStacks()
    }

    // MARK: Blocks

    /// The words that a scan reads of a block, or of a stack those in use; none of what is not read, or has copies.
    private func readWords(_ block: Int) -> Range<Int> {
        guard block < layout.count else {
            let (root, place) = layout.roots[block - layout.count]
            let end = (place + Int(root.range.size)) / 8
            return (root.kind == .stack ? end - 32 : place / 8)..<end
        }
        guard fates.readings[block] != .nothing, layout.kinds[block] != .percpu, !layout.isOutsideLowMemory(block)
        else { return 0..<0 }
        let place = layout.places[block], size = Int(layout.sizes[block])
        let part = fates.readings[block] == .whole ? 0..<size : GeneratedHeap.middle(ofSize: size)
        let first = (place + part.lowerBound + 7) / 8
        return first..<max(first, (place + part.upperBound) / 8)
    }

    /// How many of them may hold links: not all, or nothing else would be there.
    private func capacity(_ count: Int) -> Int { count <= 4 ? count : min(max(4, count / 2), 4096) }

    /// The next word for a link; nil when there is no room.
    private mutating func takeWord(_ block: Int) -> Int? {
        let range = readWords(block), capacity = capacity(range.count)
        guard Int(used[block]) < capacity else { return nil }
        defer { used[block] += 1 }
        // Where in the block links begin differs from block to block.
        let slack = range.count - capacity
        return range.lowerBound + (slack > 0 ? (block &* 0x9E37_79B1) % (slack + 1) : 0) + Int(used[block])
    }

    private func hasRoom(_ block: Int) -> Bool { Int(used[block]) < capacity(readWords(block).count) }

    /// Where a word stands, given a block that it is in.
    private func address(ofWord word: Int, in block: Int) -> UInt64 {
        if block >= layout.count {
            let (root, place) = layout.roots[block - layout.count]
            return root.range.start.rawValue + UInt64(word * 8 - place)
        }
        let start = layout.kinds[block] == .phys ? layout.starts[block] + GeneratedLayout.physToVirt : layout.starts[block]
        return start &+ UInt64(bitPattern: Int64(word * 8 - layout.places[block]))
    }

    private mutating func pointer(to slot: Int) -> UInt64 {
        layout.starts[slot] + (random.oneIn(5) ? UInt64(random.below(Int(layout.sizes[slot]))) : 0)
    }

    /// Points from one block to another, when there is room.
    @discardableResult
    private mutating func link(_ block: Int, to slot: Int) -> Bool {
        guard let word = takeWord(block) else { return false }
        words[word] = pointer(to: slot)
        return true
    }

    // MARK: What lives

    private mutating func join(_ block: Int) {
        if hasRoom(block) { pool.append(UInt32(block)) }
    }

    /// Points to an object from some block that lives.
    /// - Returns: the address of the word.
    @discardableResult
    private mutating func hold(_ slot: Int) -> UInt64 {
        while true {
            let number = random.below(pool.count), block = Int(pool[number])
            guard let word = takeWord(block) else {
                pool.swapAt(number, pool.count - 1)
                pool.removeLast()
                continue
            }
            words[word] = pointer(to: slot)
            let address = address(ofWord: word, in: block)
            if block >= layout.count, [.data, .bss].contains(layout.roots[block - layout.count].root.kind), globals.count < 200 {
                globals.append(Address(address))
            }
            return address
        }
    }

    /// The list of all vmalloc areas; each entry knows its vm_struct, and that the block.
    private mutating func linkAreas() {
        for (number, area) in fates.areas.enumerated() {
            if number == 0 || !link(fates.areas[number - 1].entry, to: area.entry) { hold(area.entry) }
            link(area.entry, to: area.descriptor)
            link(area.descriptor, to: area.block)
        }
    }

    private mutating func linkLiving() {
        var members: [Int] = []
        for slot in fates.rows.lazy.map(Int.init) where !fates.isPaired[slot] {
            switch fates.fates[slot] {
            case .live: members.append(slot)
            case .gray: join(slot)
            default: break
            }
        }
        // A vmalloc block that only its vm_struct is asked for: the reference is passed on.
        var alias: [Int: Int] = [:]
        for (number, area) in fates.areas.enumerated() where number % 4 == 0 && fates.fates[area.block] == .live {
            alias[area.block] = area.descriptor
        }
        var next = 0
        while next < members.count {
            let shape = random.below(8)
            let most = shape < 3 ? 24 : shape < 5 ? 48 : shape < 7 ? 200 : 1
            let structure = members[next..<min(members.count, next + 1 + random.below(most))]
            next = structure.endIndex
            let anchor = hold(alias[structure[structure.startIndex]] ?? structure[structure.startIndex])
            for place in structure.indices.dropFirst() {
                let number = place - structure.startIndex
                // A list, a tree, a table.
                let parent = structure[structure.startIndex + (shape < 3 ? number - 1 : shape < 5 ? (number - 1) / 2 : 0)]
                let target = alias[structure[place]] ?? structure[place]
                if !link(parent, to: target) { hold(target) }
            }
            if shape == 0 { close(structure, anchor) }
            for slot in structure { join(slot) }
        }
    }

    /// Makes a list one of both directions, whose last node points back to its head.
    private mutating func close(_ list: ArraySlice<Int>, _ anchor: UInt64) {
        for (node, next) in zip(list, list.dropFirst()) { link(next, to: node) }
        if let last = list.last, let word = takeWord(last) { words[word] = anchor }
    }

    // MARK: What is lost

    private mutating func linkLost(_ options: GeneratorOptions) {
        let lost = fates.lost.map(Int.init)
        let inRings = Int((Double(lost.count) * options.cycles).rounded())
        var next = 0
        while next < lost.count {
            let isRing = next < inRings, left = (isRing ? inRings : lost.count) - next
            // Half of the others are alone; some drag a chain along, some a tree.
            let shape = random.below(4)
            let size = isRing ? 2 + random.below(5) : shape < 2 ? 1 : 2 + random.below(9)
            let group = Array(lost[next..<next + min(size, left)])
            next += group.count
            for number in group.indices.dropFirst() {
                link(group[isRing || shape == 2 ? number - 1 : (number - 1) / 2], to: group[number])
            }
            if isRing { link(group[group.count - 1], to: group[0]) }
            lostGroups.append(group)
        }
    }

    /// Stale words of stacks, far below the frames in use.
    private mutating func holdByStacks() {
        let stacks = layout.roots.filter { $0.root.kind == .stack }
        guard !stacks.isEmpty else { return }
        for slot in fates.fates.indices where fates.fates[slot] == .held {
            var word: Int
            repeat {
                word = stacks[random.below(stacks.count)].place / 8 + random.below(GeneratedLayout.stackSize / 8 / 2)
            } while words[word] != 0
            words[word] = layout.starts[slot]
        }
    }
}
