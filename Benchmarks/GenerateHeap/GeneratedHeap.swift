import HeapModel

/// A heap with the sizes, the density of pointers and the disorder of a kernel's.
struct GeneratedHeap {
    struct Segment {
        let start: UInt64
        var count: UInt64
        /// In `bytes`.
        let offset: Int
    }

    struct Object {
        let start: UInt64
        let size: Int
        let offset: Int
    }

    /// In the order of creation, which is none of addresses.
    private(set) var objects: [Object] = []
    /// The last one is the root.
    private(set) var segments: [Segment] = []
    /// Of all segments; to be deallocated by the user.
    private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// What is left to be drawn: traces, tasks.
    private(set) var random: SplitMix64

    /// Sizes in bytes, with how many of a thousand objects have them: 380 bytes on average.
    private static let sizes: [(size: Int, share: Int)] = [
        (8, 20), (16, 50), (32, 100), (64, 180), (96, 80), (128, 140), (192, 120), (256, 95), (512, 95), (1024, 65), (2048, 30),
        (4096, 17), (8192, 8),
    ]
    private static let slabSize = 32768
    private static let rootSize = 4 << 20

    init(objects count: Int, seed: UInt64) {
        random = SplitMix64(seed: seed)
        // Slabs are drawn, shares are of objects.
        let menu = Self.sizes.flatMap { Array(repeating: $0.size, count: $0.share * $0.size / 64 + 1) }
        // Slabs of one size each, here and there in the direct map.
        var address: UInt64 = 0xffff_8880_0010_0000, offset = 0
        while objects.count < count {
            let size = menu[Int(random.next() % UInt64(menu.count))]
            if random.next() % 64 == 0 { address += 4096 * (random.next() % 64) }
            if let last = segments.last, last.start + last.count == address {
                segments[segments.count - 1].count += UInt64(Self.slabSize)
            } else {
                segments.append(Segment(start: address, count: UInt64(Self.slabSize), offset: offset))
            }
            for place in 0..<Self.slabSize / size where random.next() % 16 != 0 {
                guard objects.count < count else { break }
                objects.append(Object(start: address + UInt64(place * size), size: size, offset: offset + place * size))
            }
            address += UInt64(Self.slabSize)
            offset += Self.slabSize
        }
        segments.append(Segment(start: 0xffff_ffff_8200_0000, count: UInt64(Self.rootSize), offset: offset))
        bytes = .allocate(byteCount: offset + Self.rootSize, alignment: 4096)
        fill()
        objects.shuffle(using: &random)
    }

    var root: Segment { segments[segments.count - 1] }

    /// A sixth of the words are pointers, one in five of them to the inside of an object; to one object in fifty there is none.
    private mutating func fill() {
        let words = bytes.bindMemory(to: UInt64.self), count = UInt64(objects.count)
        for place in words.indices {
            let draw = random.next()
            guard draw % 100 < 18 else {
                words[place] = draw % 3 == 0 ? draw >> 40 : 0
                continue
            }
            var target = Int(random.next() % count)
            if target % 50 == 0, target + 1 < objects.count { target += 1 }
            let inside = draw >> 32 % 5 == 0 ? (draw >> 40) % UInt64(objects[target].size) : 0
            words[place] = objects[target].start + inside
        }
    }
}
