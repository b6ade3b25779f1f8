import HeapModel
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        ("0x10", 16), ("0X10", 16), ("10", 10), ("1f", 31), ("ABCDEF", 0xabcdef), ("0", 0), ("007", 7),
        ("0xffffffffffffffff", .max), ("ffffffffffffffff", .max), ("18446744073709551615", .max),
        ("18446744073709551616", nil), ("0x10000000000000000", nil), ("", nil), ("0x", nil), ("0x0x1", nil), ("g", nil),
        ("+1", nil), ("-1", nil), ("-0", nil), ("0x+1", nil), ("0x-0", nil), (" 1", nil), ("1 ", nil), ("1_000", nil),
        ("١", nil), ("１", nil), ("1\u{301}", nil),
    ] as [(String, UInt64?)])
    func anAddressIsReadAsPeopleWriteIt(text: String, value: UInt64?) {
        #expect(Address(parsing: text)?.rawValue == value)
    }

    @Test(arguments: [
        (0, "0x00000000"), (0xab, "0x000000ab"), (0x1234_5678, "0x12345678"), (0x1_2345_6789, "0x123456789"),
        (.max, "0xffffffffffffffff"),
    ] as [(UInt64, String)])
    func anAddressHasAtLeastEightDigits(value: UInt64, text: String) {
        #expect(Address(value).description == text)
    }

    @Test func arithmeticWrapsAround() {
        #expect(Address(.max) + 2 == Address(1))
        #expect(Address(1) - Address(.max) == 2)
    }
}

/// Ranges, above all where the address space ends.
@Suite struct AddressRangeTests {
    private let top = AddressRange(start: Address(.max - 15), size: 16)

    @Test func aRangeMayEndAtTheTop() {
        #expect(top.isValid && top.end == Address(0))
        #expect(AddressRange(start: Address(.max), size: 0).isValid)
        #expect(!AddressRange(start: Address(.max), size: 2).isValid)
        #expect(!AddressRange(start: Address(1), size: .max).overlaps(AddressRange(start: Address(0), size: 1)))
    }

    @Test(arguments: [(.max, true), (.max - 15, true), (.max - 16, false), (0, false)] as [(UInt64, Bool)])
    func aRangeHoldsItsAddresses(address: UInt64, holds: Bool) {
        #expect(top.contains(Address(address)) == holds)
    }

    @Test(arguments: [
        (.max - 15, 16, true, true), (.max, 1, true, true), (.max - 7, 8, true, true),
        (.max - 16, 16, false, true), (.max - 31, 16, false, false), (0, 16, false, false),
        // No bytes: inside, but nothing in common.
        (.max - 7, 0, true, false), (0, 0, true, false), (1, 0, false, false),
    ] as [(UInt64, UInt64, Bool, Bool)])
    func rangesHoldAndOverlapOthers(start: UInt64, size: UInt64, holds: Bool, overlaps: Bool) {
        let other = AddressRange(start: Address(start), size: size)
        #expect(top.contains(other) == holds)
        #expect(top.overlaps(other) == overlaps && other.overlaps(top) == overlaps)
    }
}

@Suite struct ClockTests {
    @Test(arguments: [
        ("0", 0), ("5", 5_000_000), ("1.932", 1_932_000), ("0.000001", 1), ("00.5", 500_000),
        ("1099511627775.999999", 1_099_511_627_775_999_999), ("1099511627776", nil), ("99999999999999999999", nil),
        ("", nil), (".", nil), (".5", nil), ("5.", nil), ("1.2.3", nil), ("0.0000001", nil), ("-1", nil), ("-0", nil), ("+1", nil),
        ("1e3", nil), (" 1", nil), ("1.-5", nil), ("١", nil),
    ] as [(String, UInt64?)])
    func secondsAreReadExactly(text: String, value: UInt64?) {
        #expect(Microseconds(seconds: text)?.rawValue == value)
    }

    @Test(arguments: [
        (0, "[    0.000000]"), (1, "[    0.000001]"), (65_088_222, "[   65.088222]"), (99_999_000_000, "[99999.000000]"),
        (100_000_000_000, "[100000.000000]"), (.max, "[18446744073709.551615]"),
    ] as [(UInt64, String)])
    func aLogStampIsPaddedAsTheKernelsIs(time: UInt64, stamp: String) {
        #expect(Microseconds(time).logStamp == stamp)
    }

    @Test func jiffiesStartFiveMinutesBeforeTheir32BitWrap() {
        let boot = Jiffies.atBoot(hz: 250)
        #expect(boot == Jiffies(4_294_892_296))
        #expect(Jiffies.at(uptime: Microseconds(300_000_000), hz: 250) == Jiffies(1 << 32))
        #expect(Jiffies.at(uptime: Microseconds(3_999), hz: 250) == boot)
        #expect(Jiffies.at(uptime: Microseconds(4_000), hz: 250) == boot + 1)
        #expect((boot + 483).uptime(hz: 250) == Microseconds(1_932_000))
    }

    @Test func jiffiesAreComparedAcrossTheirWrap() {
        let before = Jiffies(.max), after = before + 2
        #expect(after == Jiffies(1) && after - before == 2)
        #expect(after.isAtOrAfter(before) && before.isAtOrAfter(before) && !before.isAtOrAfter(after))
        #expect(Jiffies(0).uptime(hz: 24) == Microseconds(.max))
    }
}
