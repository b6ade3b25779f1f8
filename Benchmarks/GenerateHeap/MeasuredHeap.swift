import Foundation
import HeapModel
import SystemPackage

/// A heap of many objects with the sizes, the density of pointers and the disorder of a kernel's, mapped from a file.
struct MeasuredHeap {
    let heap: Heap

    /// Sizes in bytes, with how many of a thousand objects have them: 380 bytes on average.
    private static let sizes: [(size: Int, share: Int)] = [
        (8, 20), (16, 50), (32, 100), (64, 180), (96, 80), (128, 140), (192, 120), (256, 95), (512, 95), (1024, 65), (2048, 30),
        (4096, 17), (8192, 8),
    ]

    init(objects count: Int, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // Slabs are drawn, shares are of objects.
        let menu = Self.sizes.flatMap { Array(repeating: $0.size, count: $0.share * $0.size / 64 + 1) }
        // Slabs of one size each, here and there in the direct map.
        var starts: [UInt64] = [], sizes: [Int] = [], segments: [(start: UInt64, count: UInt64, offset: Int)] = []
        var address: UInt64 = 0xffff_8880_0010_0000, offset = 0
        while starts.count < count {
            let size = menu[Int(random.next() % UInt64(menu.count))]
            let slab = 32768
            if random.next() % 64 == 0 { address += 4096 * (random.next() % 64) }
            if let last = segments.last, last.start + last.count == address {
                segments[segments.count - 1].count += UInt64(slab)
            } else {
                segments.append((address, UInt64(slab), offset))
            }
            for place in 0..<slab / size where starts.count < count && random.next() % 16 != 0 {
                starts.append(address + UInt64(place * size))
                sizes.append(size)
            }
            address += UInt64(slab)
            offset += slab
        }
        let rootSize = 4 << 20, root = UInt64(0xffff_ffff_8200_0000)
        segments.append((root, UInt64(rootSize), offset))
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: offset + rootSize, alignment: 4096)
        defer { bytes.deallocate() }
        Self.fill(bytes, pointingTo: starts, sizes, &random)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(bytesNoCopy: bytes.baseAddress!, count: bytes.count, deallocator: .none).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }

        var heap = Heap(profile: KernelProfile(release: "measured", architecture: .x86_64, style: .current))
        heap.memory = Memory(mapping: try MappedFile(FilePath(path.path)), segments: segments)
        heap.roots = [Root(kind: .data, name: ".data", range: AddressRange(start: Address(root), size: UInt64(rootSize)))]
        heap.objects.reserveCapacity(count)
        for row in starts.indices.shuffled(using: &random) {
            heap.objects.append(TrackedObject(pointer: Address(starts[row]), size: UInt64(sizes[row]), jiffies: heap.jiffies))
        }
        heap.jiffies = heap.jiffies + 1000 * heap.profile.hz
        // As they were at the last scan, so that what is lost is told.
        for id in heap.objects.ids { heap.objects.checksums[id.index] = 0 }
        self.heap = heap
    }

    /// A sixth of the words are pointers, one in five of them to the inside of an object; one object in fifty is lost.
    private static func fill(
        _ bytes: UnsafeMutableRawBufferPointer, pointingTo starts: [UInt64], _ sizes: [Int], _ random: inout SplitMix64
    ) {
        let words = bytes.bindMemory(to: UInt64.self)
        for place in words.indices {
            let draw = random.next()
            guard draw % 100 < 18 else {
                words[place] = draw % 3 == 0 ? draw >> 40 : 0
                continue
            }
            var target = Int(random.next() % UInt64(starts.count))
            if target % 50 == 0, target + 1 < starts.count { target += 1 }
            words[place] = starts[target] + (draw >> 32 % 5 == 0 ? (draw >> 40) % UInt64(sizes[target]) : 0)
        }
    }
}
