import Testing

@testable import HeapModel

/// The runs against a plain array of bytes.
@Suite struct TakenRangesTests {
    /// Where spaces begin and how large they are; the last ends at the top of the address space.
    private static let spaces: [(UInt64, UInt64)] = [(0x1000, 64), (0x1003, 61), (.max - 63, 64), (.max - 20, 21)]

    @Test(arguments: spaces, 1...20)
    func theyDoAsAnArrayOfBytesDoes(space: (start: UInt64, size: UInt64), seed: Int) {
        let start = Address(space.start)
        var taken = TakenRanges(space: AddressRange(start: start, size: space.size))
        var bytes = [Bool](repeating: false, count: Int(space.size))
        var blocks: [Range<Int>] = []
        var numbers = SplitMix64(seed: UInt64(seed))
        func range(_ block: Range<Int>) -> AddressRange {
            AddressRange(start: start + UInt64(block.lowerBound), size: UInt64(block.count))
        }
        for _ in 0..<200 {
            let size = Int.random(in: 1...9, using: &numbers), alignment = [UInt64(1), 4, 8].randomElement(using: &numbers)!
            let hole = (0...Int(space.size)).first { offset in
                (space.start &+ UInt64(offset)) % alignment == 0 && offset + size <= bytes.count
                    && !bytes[offset..<offset + size].contains(true)
            }
            #expect(taken.hole(size: UInt64(size), alignment: alignment) == hole.map { start + UInt64($0) })
            if let hole, Bool.random(using: &numbers) {
                blocks.append(hole..<hole + size)
                taken.take(range(blocks.last!))
                for offset in blocks.last! { bytes[offset] = true }
            } else if let place = blocks.indices.randomElement(using: &numbers) {
                let block = blocks.remove(at: place)
                taken.release(range(block))
                for offset in block { bytes[offset] = false }
            }
            let from = Int.random(in: 0..<bytes.count, using: &numbers), end = Int.random(in: from...bytes.count, using: &numbers)
            #expect(taken.isFree(range(from..<end)) == !bytes[from..<end].contains(true))
            let holes = taken.holes(in: range(from..<end))
            #expect(holes.flatMap { Int($0.start - start)..<Int($0.end - start) } == (from..<end).filter { !bytes[$0] })
        }
    }

    @Test func whatLiesOutsideIsNotFree() {
        let taken = TakenRanges(space: AddressRange(start: Address(16), size: 16))
        let isFree = [(16, 16), (15, 1), (8, 16), (24, 9), (32, 1), (.max, 1)].map { (start: UInt64, size: UInt64) in
            taken.isFree(AddressRange(start: Address(start), size: size))
        }
        #expect(isFree == [true, false, false, false, false, false])
    }

    @Test func noHoleIsFoundForMoreThanThereIs() {
        let whole = TakenRanges(space: AddressRange(start: Address(1), size: .max))
        #expect(whole.hole(size: .max, alignment: 1) == Address(1))
        #expect(whole.hole(size: .max, alignment: 2) == nil)
        #expect(TakenRanges(space: AddressRange(start: Address(.max), size: 1)).hole(size: 1, alignment: 4096) == nil)
    }
}
