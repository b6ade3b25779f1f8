import HeapModel
import Testing

/// Memory that comes and goes.
@Suite struct MemoryTests {
    private static func range(_ start: UInt64, _ size: UInt64) -> AddressRange { AddressRange(start: Address(start), size: size) }

    /// Two segments of 16 bytes, side by side; each byte holds the low byte of its address.
    private let memory: Memory = {
        var memory = Memory()
        for start in [UInt64(0x1000), 0x1010] {
            precondition(memory.add(range(start, 16)))
            memory.write((0..<16).map { UInt8(truncatingIfNeeded: start + $0) }, at: Address(start))
        }
        return memory
    }()

    @Test(arguments: [
        (0x1000, 16, [0x1010..<0x1020]),
        (0x1000, 4, [0x1004..<0x1010, 0x1010..<0x1020]),
        (0x100c, 4, [0x1000..<0x100c, 0x1010..<0x1020]),
        (0x1004, 4, [0x1000..<0x1004, 0x1008..<0x1010, 0x1010..<0x1020]),
        (0x1008, 16, [0x1000..<0x1008, 0x1018..<0x1020]),
        (0x1000, 32, []),
        (0x1008, 0, [0x1000..<0x1010, 0x1010..<0x1020]),
    ] as [(UInt64, UInt64, [Range<UInt64>])])
    func removalLeavesTheRestOfItsSegments(start: UInt64, size: UInt64, rest: [Range<UInt64>]) {
        var memory = memory
        let isRemoved = memory.remove(Self.range(start, size))
        #expect(isRemoved)
        #expect(memory.segments.map { $0.start..<$0.start + $0.count } == rest)
        #expect(memory.byteCount == 32 - size)
        for address in UInt64(0x1000)..<0x1020 {
            let expected = rest.contains { $0.contains(address) } ? UInt8(truncatingIfNeeded: address) : nil
            #expect(memory[Address(address)] == expected)
        }
    }

    @Test(arguments: [(0xff8, 16), (0x1018, 16), (0x2000, 1), (.max, 2)] as [(UInt64, UInt64)])
    func whatIsNotAllThereIsNotRemoved(start: UInt64, size: UInt64) {
        var memory = memory
        let isRemoved = memory.remove(Self.range(start, size))
        #expect(!isRemoved)
        #expect(memory.segments.count == 2 && memory.byteCount == 32)
    }

    @Test func aHoleCanBeFilledAgain() {
        var memory = memory
        memory.remove(Self.range(0x1008, 8))
        let added = [memory.add(Self.range(0x1004, 8)), memory.add(Self.range(0x1008, 8))]
        #expect(added == [false, true])
        #expect(memory.word(at: Address(0x1008)) == 0 && memory.byteCount == 32)
    }

    @Test func theLimitBoundsWhatIsAdded() {
        var memory = memory
        memory.limit = 40
        #expect(memory.room == 8)
        let added = [memory.add(Self.range(0x2000, 9)), memory.add(Self.range(0x2000, 8))]
        #expect(added == [false, true])
        #expect(memory.room == 0)
        memory.remove(Self.range(0x1000, 32))
        #expect(memory.room == 32)
        memory.limit = 4
        #expect(memory.room == 0)
    }
}
