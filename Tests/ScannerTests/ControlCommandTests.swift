import HeapModel
import Scanner
import Testing

/// `kmemleak.md`, section 6: what may be written to the control file.
struct ControlCommandTests {
    @Test(arguments: [
        ("clear", ControlCommand.clear), ("off", .off), ("stack=on", .stack(true)), ("stack=off", .stack(false)),
        ("scan=on", .automatic(true)), ("scan=off", .automatic(false)), ("scan", .scan), ("scan=600", .period(600)),
        ("dump=0xffff888000ad0c00", .dump(Address(0xffff_8880_00ad_0c00))),
    ])
    func eachCommandIsRead(text: String, command: ControlCommand) throws {
        #expect(try ControlCommand(parsing: text) == command)
        #expect(try ControlCommand(parsing: text + "\n") == command)
        #expect(try ControlCommand(parsing: command.text) == command)
    }

    @Test(arguments: [
        ("scanfoo", ControlCommand.scan), ("offline", .off), ("scan=one", .automatic(true)), ("clearance", .clear),
        ("stack=once", .stack(true)), ("scan=offbeat", .automatic(false)),
    ])
    func theTextOnlyHasToBeginWithTheWord(text: String, command: ControlCommand) throws {
        #expect(try ControlCommand(parsing: text) == command)
    }

    /// Bytes, not characters: a combining mark behind the word is only more of what is not looked at.
    @Test(arguments: [
        ("scan\u{301}", ControlCommand.scan), ("off\u{301}", .off), ("clear\u{301}", .clear), ("scan=on\u{301}", .automatic(true)),
        ("scan\r\n", .scan),
    ])
    func theWordIsComparedByBytes(text: String, command: ControlCommand) throws {
        #expect(try ControlCommand(parsing: text) == command)
    }

    @Test(arguments: ["scan=\u{301}5", "dump=\u{301}5", "scan=5\u{301}"])
    func aMarkInANumberIsInvalid(text: String) {
        #expect(throws: ControlError.invalidArgument) { try ControlCommand(parsing: text) }
    }

    @Test(arguments: [
        ("scan=on5", ControlCommand.automatic(true)), ("scan=off5", .automatic(false)), ("scan=5", .period(5)), ("scan:5", .scan),
        ("clearoff", .clear), ("offscan", .off),
    ])
    func theFirstWordOfTheListWins(text: String, command: ControlCommand) throws {
        #expect(try ControlCommand(parsing: text) == command)
    }

    @Test(arguments: ["", " scan", "Scan", "SCAN", "stack", "stack=", "dump", "bogus", "\nscan", "sca"])
    func anythingElseIsInvalid(text: String) {
        #expect(throws: ControlError.invalidArgument) { try ControlCommand(parsing: text) }
    }

    @Test(arguments: [
        ("5", 5), ("5\n", 5), ("+5", 5), ("0x10", 16), ("0X10", 16), ("010", 8), ("0", 0), ("0x1F", 31),
        ("18446744073709551615", UInt64.max), ("0xffffffffffffffff", UInt64.max),
    ] as [(String, UInt64)])
    func numbersAreDecimalHexadecimalOrOctal(text: String, value: UInt64) throws {
        #expect(try KernelNumber.parse(text) == value)
    }

    @Test(arguments: ["abc", "-1", " 5", "5s", "08", "", "0x", "5\n\n", "++5", "5 ", "0xg", "ffff888000ad0c00", "\n"])
    func whatIsNoNumberIsInvalid(text: String) {
        #expect(throws: ControlError.invalidArgument) { try KernelNumber.parse(text) }
        #expect(throws: ControlError.invalidArgument) { try ControlCommand(parsing: "scan=" + text) }
        #expect(throws: ControlError.invalidArgument) { try ControlCommand(parsing: "dump=" + text) }
    }

    @Test(arguments: ["4294967296", "18446744073709551616", "0x1ffffffffffffffff"])
    func aPeriodOver32BitsIsOutOfRange(text: String) {
        #expect(throws: ControlError.outOfRange) { try ControlCommand(parsing: "scan=" + text) }
    }

    @Test func theLargestPeriodIsTaken() throws {
        #expect(try ControlCommand(parsing: "scan=4294967295") == .period(.max))
    }

    @Test func anAddressThatIsTooLargeIsInvalidNotOutOfRange() {
        #expect(throws: ControlError.invalidArgument) { try ControlCommand(parsing: "dump=18446744073709551616") }
    }

    @Test func only63BytesAreLookedAt() throws {
        let zeros = String(repeating: "0", count: 56)
        #expect(try ControlCommand(parsing: "scan=" + zeros + "57") == .period(0o57))
        #expect(try ControlCommand(parsing: "scan=" + zeros + "0579") == .period(0o5))
    }

    @Test(arguments: [(.notPermitted, 1), (.busy, 16), (.invalidArgument, 22), (.outOfRange, 34)] as [(ControlError, Int32)])
    func errorsHaveTheKernelsNumbers(error: ControlError, number: Int32) {
        #expect(error.errno == number)
    }
}
