import HeapModel
import Inspector
import Testing

/// What may be typed for an address.
struct AddressExpressionTests {
    private let places = AddressExpression.Places(
        names: [
            "hub0": Address(0xffff_8880_0001_0000), "node[3]": Address(0x3000), ".data": Address(0xffff_ffff_8200_0000), "cpu 0": Address(0xc000),
            "cafe": Address(0x5000), "my-object": Address(0x6000), "kworker/0:1": Address(0x7000), "top": Address(.max),
        ],
        symbols: PrintedSymbol.starts([
            (Address(0xffff_ffff_8100_0144), "hub_probe+0x144/0x804"), (Address(0xffff_ffff_8100_0200), "hub_probe+0x200/0x804"),
            (Address(0xffff_ffff_c000_0010), "probe+0x10/0x20 [usb]"), (Address(0xffff_ffff_d000_0010), "probe+0x10/0x20 [net]"),
            (Address(0xffff_ffff_8300_0000), "init_task"),
        ]))

    @Test(arguments: [
        ("0xffff888004c3a400", 0xffff_8880_04c3_a400), ("ffff888004c3a400", 0xffff_8880_04c3_a400), ("FFFF888004C3A400", 0xffff_8880_04c3_a400),
        ("0", 0), ("4096", 4096), ("4096a", 0x4096a), ("0x4096", 0x4096), ("1234567890123456", 0x1234_5678_9012_3456),
        ("123456789012345", 123_456_789_012_345), ("12345678901234567", 12_345_678_901_234_567), ("18446744073709551615", .max),
        ("  0x10 ", 16), ("0x10+8", 24), ("0x10+0x10-1", 31), ("100 + 20", 120), ("0x10+ff", 0x10f),
        ("hub0", 0xffff_8880_0001_0000), ("hub0+0x10", 0xffff_8880_0001_0010), ("hub0-16", 0xffff_8880_0000_fff0), ("node[3]", 0x3000),
        ("node[3] + 8", 0x3008), (".data+64", 0xffff_ffff_8200_0040), ("cpu 0", 0xc000), ("cpu 0+4", 0xc004), ("cafe", 0x5000),
        ("0xcafe", 0xcafe), ("caff", 0xcaff), ("my-object", 0x6000), ("my-object-0x10", 0x5ff0), ("kworker/0:1+8", 0x7008),
        ("hub_probe", 0xffff_ffff_8100_0000), ("hub_probe+0x40/0x120", 0xffff_ffff_8100_0040), ("hub_probe+0x40/0x120 [hub]", 0xffff_ffff_8100_0040),
        ("probe+0x4/0x20 [usb]", 0xffff_ffff_c000_0004), ("probe+0x4/0x20 [net]", 0xffff_ffff_d000_0004), ("probe [net]", 0xffff_ffff_d000_0000),
        ("probe", 0xffff_ffff_c000_0000), ("init_task+8", 0xffff_ffff_8300_0008), ("[<ffffffff81000144>]", 0xffff_ffff_8100_0144),
        ("[<ffffffff81000144>] hub_probe+0x144/0x804", 0xffff_ffff_8100_0144), ("<ffffffff81000144>", 0xffff_ffff_8100_0144), ("top-1", .max - 1),
    ] as [(String, UInt64)])
    func itIsAnAddress(text: String, value: UInt64) throws {
        #expect(try AddressExpression.address(text, in: places) == Address(value))
    }

    @Test(arguments: [
        ("", "expected an address, such as 0xffff888000ad0c00, or a name"),
        ("hub1", "hub1: expected an address, such as 0xffff888000ad0c00, or a name; did you mean \"hub0\"?"),
        ("hub_prove+4", "hub_prove: expected an address, such as 0xffff888000ad0c00, or a name; did you mean \"hub_probe\"?"),
        ("zebra", "zebra: expected an address, such as 0xffff888000ad0c00, or a name"),
        ("0x1ffffffffffffffff", "0x1ffffffffffffffff: expected an address of at most 16 hexadecimal digits"),
        ("99999999999999999999", "99999999999999999999: expected an address of at most 16 hexadecimal digits"),
        ("0x", "0x: expected an address of at most 16 hexadecimal digits"),
        ("hub0+", "+: expected a number behind the sign, such as +0x40 or +64"),
        ("hub0+x", "+x: expected a number behind the sign, such as +0x40 or +64"),
        ("0x10-0x11", "0x00000010-0x11 is outside of the address space"),
        ("top+1", "0xffffffffffffffff+1 is outside of the address space"),
        ("0xffffffffffffffff+0xffffffffffffffff-5", "0xffffffffffffffff+0xffffffffffffffff is outside of the address space"),
    ])
    func theMistakeIsTold(text: String, message: String) {
        let error = #expect(throws: AddressError.self) { try AddressExpression.address(text, in: places) }
        #expect(error?.description == message)
    }

    @Test func noTextTraps() {
        let tokens = ["hub0", "hub_probe", "my-object", "[", "<", ">", "]", "+", "-", "/", "0x", "0xffffffffffffffff", "12", " ", "é", "\u{301}", "½", "\n", "f"]
        var generator = SplitMix64(seed: 22)
        var readCount = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...8, using: &generator)).map { _ in tokens.randomElement(using: &generator) ?? "" }.joined()
            do {
                _ = try AddressExpression.address(text, in: places)
                readCount += 1
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(readCount > 1000)
        #expect(throws: AddressError.self) { try AddressExpression.address(String(repeating: "a-", count: 100_000), in: places) }
    }
}
