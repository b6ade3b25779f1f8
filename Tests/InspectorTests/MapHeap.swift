import HeapModel
import Scanner

@testable import Inspector

/// Heaps for the map: objects and roots without contents, which it does not look at.
struct MapHeap {
    var heap = Heap(profile: KernelProfile(release: "6.12.4", architecture: .x86_64))

    @discardableResult
    mutating func object(at start: UInt64, size: UInt64, flags: ObjectFlags = [], minCount: Int32 = 1) -> ObjectID {
        heap.objects.append(TrackedObject(
            pointer: Address(start), size: size, minCount: minCount, flags: flags.union(.allocated), jiffies: heap.jiffies))
    }

    mutating func root(_ kind: Root.Kind, _ name: String, at start: UInt64, size: UInt64, pid: Int32? = nil) {
        heap.roots.append(Root(kind: kind, name: name, range: AddressRange(start: Address(start), size: size), pid: pid))
    }

    var map: AddressMap { AddressMap(heap, index: ObjectIndex(heap.objects)) }

    /// Objects of all kinds and roots, near each other or far apart, some at the ends of the address space, some empty.
    static func random(seed: UInt64) -> MapHeap {
        var random = SplitMix64(seed: seed), built = MapHeap()
        func number(_ range: ClosedRange<UInt64>) -> UInt64 { UInt64.random(in: range, using: &random) }
        let sizes: [ClosedRange<UInt64>] = [0...0, 1...9, 8...64, 100...5000, 1 << 16...1 << 18]
        let gaps: [ClosedRange<UInt64>] = [0...0, 0...0, 1...9, 8...4096, 65_000...66_000, 1 << 16...1 << 22]
        for (flags, start) in [([], 0xffff_8880_0400_0000 + number(0...9)), (.phys, number(0...9)), (.perCPU, number(0...9))] as [(ObjectFlags, UInt64)] {
            var at = start
            for _ in 0..<number(0...12) {
                let size = number(sizes.randomElement(using: &random) ?? 0...0)
                built.object(at: at, size: size, flags: flags, minCount: Int32(number(0...2)) - 1)
                at += size + number(gaps.randomElement(using: &random) ?? 0...0)
            }
        }
        if number(0...3) == 0 { built.object(at: 0 &- 24, size: 24) }
        built.heap.physToVirt = number(0...3) == 0 ? nil : 0xffff_8880_0410_0000
        built.heap.perCPUOffsets = (0..<number(0...3)).map { _ in [0xffff_8880_0f00_0000, 0 &- number(1...70_000), 0][Int(number(0...2))] }
        for pid in 0..<number(0...4) {
            let start = [0xffff_8880_0400_0000, 0xffff_c900_0000_0000, 0, 0 &- 4096][Int(number(0...3))] &+ number(0...4000)
            built.root(.stack, "task", at: start, size: min(number(0...20_000), 0 &- start), pid: Int32(pid))
        }
        return built
    }
}
