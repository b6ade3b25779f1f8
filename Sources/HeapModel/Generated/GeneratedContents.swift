/// What the memory of a generated heap holds before anything is linked: numbers, text and pointers to what lives.
///
/// What is not a pointer is far from any address of an object, so that nothing is referenced by accident.
struct GeneratedContents {
    private let layout: GeneratedLayout
    private let words: UnsafeMutablePointer<UInt64>
    private var random: SplitMix64
    /// Slots that words may point to, popular ones first.
    private let targets: [UInt32]
    /// Of 2^32, how often a word of a block of mixed contents is a pointer.
    private let threshold: UInt32
    /// Words that no scan reads, for stale pointers.
    private(set) var unread: [Int] = []

    /// - Parameter memory: all bytes of the layout, zeros.
    init(
        _ layout: GeneratedLayout, _ fates: GeneratedFates, _ options: GeneratorOptions,
        in memory: UnsafeMutableRawBufferPointer, _ random: SplitMix64
    ) {
        self.layout = layout
        self.random = random
        words = memory.bindMemory(to: UInt64.self).baseAddress.unsafelyUnwrapped
        targets = fates.rows.filter { fates.fates[Int($0)].isPointedAt && layout.kinds[Int($0)] != .phys }
        // Of ten blocks, one is zeros and one is text.
        threshold = targets.isEmpty ? 0 : UInt32(min(0.999, options.density / 0.8) * 4_294_967_296)
        fillRoots()
        fillObjects(fates)
    }

    private mutating func fillRoots() {
        for (root, place) in layout.roots {
            let count = Int(root.range.size) / 8
            switch root.kind {
            case .stack: fillStack(place / 8, count)
            case .bss: fill(place / 8, count, threshold / 4)
            default: fill(place / 8, count, threshold)
            }
        }
    }

    /// The frames in use are at the top; below, most has never been touched.
    private mutating func fillStack(_ first: Int, _ count: Int) {
        let used = count / 16 + random.below(count / 8)
        fill(first + count - used, used, threshold / 2)
    }

    private mutating func fillObjects(_ fates: GeneratedFates) {
        var end = 0, endPlace = 0
        for slot in 0..<layout.count where !layout.isOutsideLowMemory(slot) {
            let place = layout.places[slot], size = Int(layout.sizes[slot])
            let isUnread = fates.readings[slot] == .nothing
            if layout.kinds[slot] == .slab, endPlace > 0, place > end, place - end < 32768 { fillFree(end, place) }
            let first = (place + 7) / 8, count = (place + size) / 8 - first
            if layout.kinds[slot] == .percpu {
                for cpu in layout.perCPUOffsets.indices { fill(first + cpu * layout.copyDistance / 8, max(count, 0), threshold) }
            } else if count > 0 {
                fillObject(first, count)
                if isUnread || fates.readings[slot] == .area, count >= 8 { keepUnread(first + (isUnread ? random.below(count) : 0)) }
            }
            (end, endPlace) = (place + size, place)
        }
    }

    /// Memory of a slab that nobody uses: what was there before, the addresses of other objects too.
    private mutating func fillFree(_ start: Int, _ end: Int) {
        let first = (start + 7) / 8, count = end / 8 - first
        guard count > 0 else { return }
        fill(first, count, threshold)
        keepUnread(first + random.below(count))
    }

    private mutating func keepUnread(_ word: Int) {
        if unread.count < 4096 { unread.append(word) } else if random.oneIn(64) { unread[random.below(4096)] = word }
    }

    private mutating func fillObject(_ first: Int, _ count: Int) {
        switch random.below(10) {
        case 0: break
        case 1: for place in first..<first + count { words[place] = text(random.next()) }
        default: fill(first, count, threshold)
        }
    }

    private mutating func fill(_ first: Int, _ count: Int, _ threshold: UInt32) {
        for place in first..<first + count {
            let draw = random.next()
            words[place] = UInt32(truncatingIfNeeded: draw) < threshold ? pointer(draw >> 32) : noise(draw)
        }
    }

    /// To one object in eight times the most popular ones; one pointer in five to the inside.
    private mutating func pointer(_ draw: UInt64) -> UInt64 {
        let other = random.next()
        var number = Int(((other >> 32) &* UInt64(targets.count)) >> 32)
        if draw & 7 == 0 { number /= 64 }
        let slot = Int(targets[number])
        let offset = draw >> 3 % 5 == 0 ? (other & 0xffff_ffff) % UInt64(layout.sizes[slot]) : 0
        return layout.starts[slot] + offset
    }

    private func noise(_ draw: UInt64) -> UInt64 {
        switch draw >> 61 {
        case 0...3: 0
        case 4: draw >> 48 & 0xfff
        case 5: draw & 0xffff_ffff
        case 6: text(draw)
        // A function, or a hash.
        default: draw & 1 << 60 == 0 ? 0xffff_ffff_8100_0000 + (draw & 0xff_fff0) : 0x1000_0000_0000_0000 | draw >> 4
        }
    }

    /// Eight characters from a to p.
    private func text(_ draw: UInt64) -> UInt64 { draw & 0x0f0f_0f0f_0f0f_0f0f &+ 0x6161_6161_6161_6161 }

    /// Leaves the address of something lost in a place that no scan reads.
    mutating func leaveStale(_ value: UInt64) {
        guard !unread.isEmpty else { return }
        words[unread[random.below(unread.count)]] = value
    }
}
