import Testing

@testable import HeapModel

/// Each message is one sentence: file, offset, what is wrong, what was found.
@Suite struct CaptureErrorTests {
    @Test func aFileThatCannotBeOpenedIsNamed() {
        #expect(throws: CaptureError(file: "/nowhere/x", offset: nil, problem: "cannot be read: No such file or directory")) {
            try Capture("/nowhere/x")
        }
        #expect(CaptureError(file: "x", offset: nil, problem: "y").description == "x: y")
    }

    @Test(arguments: [
        (Array<UInt8>(), "offset 0x0: not an ELF file: expected the magic 7f 45 4c 46, found nothing"),
        (Array("unre".utf8), "offset 0x0: not an ELF file: expected the magic 7f 45 4c 46, found 75 6e 72 65"),
        ([0x7f, 0x45, 0x4c, 0x46, 2], "offset 0x0: the ELF header reaches past the end of the file (needs 64 bytes, 5 are left)"),
    ])
    func aFileThatIsNoELFFileIsNamed(file: [UInt8], message: String) throws {
        #expect(try CaptureBuilder().problem { $0 = file } == "heap.kmemcore: " + message)
    }

    @Test(arguments: [
        (4, 1, "offset 0x4: expected a 64-bit ELF file, found class 1 (32-bit)"),
        (5, 2, "offset 0x5: expected a little-endian ELF file, found encoding 2 (big-endian)"),
        (6, 9, "offset 0x6: expected ELF version 1, found 9"),
        (16, 2, "offset 0x10: expected a core file (type 4), found type 2 (executable)"),
        (16, 77, "offset 0x10: expected a core file (type 4), found type 77"),
        (18, 243, "offset 0x12: expected machine 62 (x86-64) or 183 (arm64), found machine 243 (RISC-V)"),
        (18, 99, "offset 0x12: expected machine 62 (x86-64) or 183 (arm64), found machine 99"),
        (18, 183, "offset 0x8c: META key \"arch\": expected \"arm64\" as the ELF header has it, found \"x86_64\""),
        (54, 32, "offset 0x36: expected program headers of 56 bytes, found 32"),
        (56, 0, "offset 0x38: there are no program headers"),
    ])
    func anotherKindOfELFFileIsNamed(offset: Int, value: UInt8, message: String) throws {
        #expect(try CaptureBuilder().problem { $0[offset] = value } == "heap.kmemcore: " + message)
    }

    @Test func moreProgramHeadersThanTheFileHoldsAreAnError() throws {
        let builder = CaptureBuilder()
        let left = builder.build().count - 64
        #expect(
            try builder.problem { $0.put(UInt16(1000), at: 56) }
                == "heap.kmemcore: offset 0x40: the table of 1000 program headers reaches past the end of the file "
                + "(needs 56000 bytes, \(left) are left)")
        #expect(try builder.problem { $0.put(UInt64.max, at: 32) }.contains("offset 0xffffffffffffffff: the table of 1 program"))
    }

    @Test func anExtendedNumberNeedsItsSectionHeader() throws {
        var builder = CaptureBuilder()
        builder.usesExtendedNumber = true
        #expect(
            try builder.problem { $0.put(UInt64(0), at: 40) }
                == "heap.kmemcore: offset 0x28: the number of program headers should stand in section header 0, but there is none")
        #expect(try builder.problem { $0.put(UInt64.max - 3, at: 40) }.contains("offset 0xfffffffffffffffc: section header 0 reaches"))
        #expect(try builder.problem { $0.put(UInt32.max, at: 120 + 44) }.contains("the table of 4294967295 program headers"))
        #expect(try builder.problem { $0.put(UInt32(0), at: 120 + 44) } == "heap.kmemcore: offset 0xa4: there are no program headers")
    }

    @Test(arguments: [
        (120 + 8, UInt64(1 << 40), "offset 0x10000000000: the segment of program header 1 reaches past the end of the file (needs 8 bytes"),
        (120 + 8, UInt64.max - 3, "offset 0xfffffffffffffffc: the segment of program header 1 reaches past the end"),
        (120 + 32, 9, "offset 0x78: program header 1: 9 bytes in the file for a segment of 8"),
        (120 + 16, UInt64.max - 6, "offset 0x78: program header 1: the segment at 0xfffffffffffffff9 (8 bytes) reaches past the top of the address space"),
        (120 + 40, UInt64.max, "offset 0x78: program header 1: the segment at 0x00001000 (18446744073709551615 bytes) reaches past the top"),
        (120 + 40, 0x1001, "offset 0xb0: the segment at 0x00002000 overlaps the one at 0x00001000 (4097 bytes)"),
        (176 + 16, 0x0ff9, "offset 0x78: the segment at 0x00001000 overlaps the one at 0x00000ff9 (8 bytes)"),
        (176 + 16, 0x1000, "overlaps the one at 0x00001000 (8 bytes)"),
        (64 + 8, UInt64.max, "offset 0xffffffffffffffff: the note segment of program header 0 reaches past the end of the file"),
        (64 + 32, 1 << 50, "offset 0xe8: the note segment of program header 0 reaches past the end of the file (needs 1125899906842624 bytes"),
        (64 + 32, 5, "offset 0xe8: the notes end inside the header of a note (5 of 12 bytes)"),
        (64 + 32, 20, "reaches past the end of the notes (8 bytes are left)"),
        (64, 6, "offset 0x0: there is no META note: an ELF core file, but not a capture"),
    ])
    func aProgramHeaderThatDoesNotFitIsAnError(offset: Int, value: UInt64, message: String) throws {
        var builder = CaptureBuilder()
        builder.segments = [0x1000, 0x2000].map { CaptureBuilder.Segment(start: $0, bytes: [1, 2, 3, 4, 5, 6, 7, 8]) }
        let problem = try builder.problem { $0.put(value, at: offset) }
        #expect(problem.hasPrefix("heap.kmemcore: offset 0x"))
        #expect(problem.contains(message))
    }

    @Test func aNoteThatReachesPastTheNotesIsAnError() throws {
        let builder = CaptureBuilder()
        let place = builder.notesOffset
        for field in [place, place + 4] {
            let problem = try builder.problem { $0.put(UInt32.max, at: field) }
            #expect(problem.hasPrefix("heap.kmemcore: offset 0x78: a note (name of "))
            #expect(problem.contains("reaches past the end of the notes"))
        }
    }

    @Test func aMissingOrSecondNoteIsAnError() throws {
        var builder = CaptureBuilder()
        builder.omitted = [CaptureBuilder.objectsType]
        #expect(try builder.problem() == "heap.kmemcore: offset 0x0: there is no OBJECTS note: an ELF core file, but not a capture")
        builder.omitted = []
        builder.extraNotes = [CaptureBuilder.Note(type: CaptureBuilder.areasType, contents: [])]
        #expect(try builder.problem().contains("there is a second AREAS note"))
    }

    @Test(arguments: [
        (CaptureBuilder.objectsType, "expected OBJECTS records of 72 bytes, found 71 bytes in all"),
        (CaptureBuilder.tracesType, "expected TRACES records of 136 bytes, found 71 bytes in all"),
        (CaptureBuilder.areasType, "expected AREAS records of 24 bytes, found 71 bytes in all"),
    ])
    func aTableThatIsNoMultipleOfItsRecordIsAnError(type: UInt32, message: String) throws {
        var builder = CaptureBuilder()
        builder.omitted = [type]
        builder.extraNotes = [CaptureBuilder.Note(type: type, contents: [UInt8](repeating: 0, count: 71))]
        let place = String(builder.offset(of: type), radix: 16)
        #expect(try builder.problem() == "heap.kmemcore: offset 0x\(place): " + message)
    }

    /// Changes to the good object 1 of three, and where in its record the message points.
    @Test(arguments: [
        (0, bytes(UInt64.max - 62), 0, "object 1: 64 bytes at 0xffffffffffffffc1 reach past the top of the address space"),
        (8, bytes(UInt64.max), 8, "object 1: expected a size of at most 140737488355328 bytes, found 18446744073709551615"),
        (0, bytes(UInt64(0x103f)), 0, "object 1 at 0x0000103f overlaps object 0 at 0x00001000 (64 bytes)"),
        (0, bytes(UInt64(0x1000)), 0, "object 1 at 0x00001000 overlaps object 0 at 0x00001000 (64 bytes)"),
        (0, bytes(UInt64(0x2fc1)), 72, "object 2 at 0x00003000 overlaps object 1 at 0x00002fc1 (64 bytes)"),
        (32, bytes(Int32(-2)), 32, "object 1: expected a min_count of -1 or more, found -2"),
        (48, bytes(UInt32(1)), 48, "object 1: trace 1 of 1"),
        (56, Array("sixteen_letters!".utf8), 56, "object 1: comm has no NUL"),
    ] as [(Int, [UInt8], Int, String)])
    func aBadObjectIsAnError(field: Int, value: [UInt8], place: Int, message: String) throws {
        var builder = CaptureBuilder()
        builder.traces = [(1, [1])]
        builder.objects = [0x1000, 0x2000, 0x3000].map { CaptureBuilder.Object(pointer: $0, size: 64, trace: 0) }
        let record = builder.offset(of: CaptureBuilder.objectsType) + 72
        let problem = try builder.problem { $0.replaceSubrange(record + field..<record + field + value.count, with: value) }
        #expect(problem == "heap.kmemcore: offset 0x\(String(record + place, radix: 16)): " + message)
    }

    @Test func contentsPastTheTopOfTheAddressSpaceAreAnError() throws {
        var builder = CaptureBuilder()
        builder.meta["phys_to_virt"] = "\"0xffffffffffffffc0\""
        builder.meta["per_cpu_offsets"] = "[\"0x0\", \"0xfffffffffffffff0\"]"
        for flags: UInt32 in [0x11, 0x21] {
            builder.objects = [CaptureBuilder.Object(pointer: 0, size: 65, flags: flags)]
            #expect(try builder.problem().contains("object 0: 65 bytes at 0xffffffffffffff"))
            builder.objects[0].size = 16
            #expect(try builder.problem() == "no error")
        }
    }

    @Test func aTraceOfMoreThanSixteenAddressesIsAnError() throws {
        var builder = CaptureBuilder()
        builder.traces = [(1, [1]), (17, [1])]
        let place = String(builder.offset(of: CaptureBuilder.tracesType) + 136, radix: 16)
        #expect(try builder.problem() == "heap.kmemcore: offset 0x\(place): trace 1: expected at most 16 addresses, found 17")
        builder.traces[1].n = .max
        #expect(try builder.problem().hasSuffix("expected at most 16 addresses, found 18446744073709551615"))
    }

    @Test(arguments: [
        (2, 0x1000, 8, "scan area 1: object 2 of 2"), (UInt32.max, 0x1000, 8, "scan area 1: object 4294967295 of 2"),
        (1, 0x1fff, 8, "scan area 1: 8 bytes at 0x00001fff are outside object 1 (64 bytes at 0x00002000)"),
        (1, 0x2039, 8, "scan area 1: 8 bytes at 0x00002039 are outside object 1 (64 bytes at 0x00002000)"),
        (1, 0x2008, .max, "scan area 1: 18446744073709551615 bytes at 0x00002008 are outside object 1 (64 bytes at 0x00002000)"),
    ] as [(UInt32, UInt64, UInt64, String)])
    func aScanAreaOutsideItsObjectIsAnError(owner: UInt32, start: UInt64, size: UInt64, message: String) throws {
        var builder = CaptureBuilder()
        builder.objects = [0x1000, 0x2000].map { CaptureBuilder.Object(pointer: $0, size: 64) }
        builder.areas = [(0, 0x1000, 8), (owner, start, size)]
        let place = String(builder.offset(of: CaptureBuilder.areasType) + 24, radix: 16)
        #expect(try builder.problem() == "heap.kmemcore: offset 0x\(place): " + message)
    }
}

@Suite struct CaptureMetadataErrorTests {
    @Test(arguments: ["format", "version", "arch", "release", "hz", "jiffies", "enabled", "stack_scan", "roots"])
    func anAbsentKeyIsNamed(key: String) throws {
        var builder = CaptureBuilder()
        builder.meta[key] = nil
        let problem = try builder.problem()
        #expect(problem.hasPrefix("heap.kmemcore: offset 0x8c: META key \"\(key)\": expected "))
        #expect(problem.hasSuffix(", found nothing"))
    }

    @Test(arguments: [
        ("format", "\"core\"", "expected \"kmemtop-capture\", found \"core\""),
        ("version", "2", "expected 1, found 2"),
        ("version", "\"1\"", "expected a whole number from 0 to 18446744073709551615, found \"1\""),
        ("arch", "\"sparc\\u001b[2J\"", "expected \"x86_64\" or \"arm64\", found \"sparc\\u{1b}[2J\""),
        ("release", "6.1", "expected a string, found 6.1"),
        ("hz", "0", "expected a whole number from 1 to 1000000, found 0"),
        ("hz", "1000001", "expected a whole number from 1 to 1000000, found 1000001"),
        ("hz", "2.5", "expected a whole number from 1 to 1000000, found 2.5"),
        ("jiffies", "-1", "expected a whole number from 0 to 18446744073709551615, found -1"),
        ("jiffies", "18446744073709551616", "expected a whole number from 0 to 18446744073709551615, found 1.8446744073709552e+19"),
        ("last_scan", "true", "expected a whole number from 0 to 18446744073709551615, found true"),
        ("enabled", "1", "expected true or false, found 1"),
        ("stack_scan", "null", "expected true or false, found null"),
        ("captured", "[]", "expected a string, found a list"),
        ("tool", "{}", "expected a string, found an object"),
        ("phys_to_virt", "4096", "expected a hexadecimal string like \"0x1000\", found 4096"),
        ("phys_to_virt", "\"1000\"", "expected a hexadecimal string like \"0x1000\", found \"1000\""),
        ("phys_to_virt", "\"0x\"", "expected a hexadecimal string like \"0x1000\", found \"0x\""),
        ("phys_to_virt", "\"0x+1\"", "expected a hexadecimal string like \"0x1000\", found \"0x+1\""),
        ("phys_to_virt", "\"0x11112222333344445\"", "expected a hexadecimal string like \"0x1000\", found \"0x11112222333344445\""),
        ("low_pfn", "[2, 1]", "expected two page frame numbers, ascending, found [2, 1]"),
        ("low_pfn", "[1]", "expected two page frame numbers, ascending, found [1]"),
        ("low_pfn", "[1, \"2\"]", "expected a list of whole numbers, found a list"),
        ("low_pfn", "3", "expected a list of whole numbers, found 3"),
        ("page_shift", "11", "expected a whole number from 12 to 16, found 11"),
        ("page_shift", "64", "expected a whole number from 12 to 16, found 64"),
        ("per_cpu_offsets", "[\"0x0\", 1]", "[1]\": expected a hexadecimal string like \"0x1000\", found 1"),
        ("symbols", "{\"12\": \"f\"}", "expected hexadecimal addresses as keys, found \"12\""),
        ("symbols", "{\"0x12\": 1}", "expected an object of strings, found an object"),
        ("roots", "{}", "expected a list of values, found an object"),
    ])
    func aBadValueIsNamedWithItsKey(key: String, value: String, message: String) throws {
        var builder = CaptureBuilder()
        builder.meta[key] = value
        let separator = message.hasPrefix("[") ? "" : "\": "
        #expect(try builder.problem() == "heap.kmemcore: offset 0x8c: META key \"\(key)\(separator)\(message)")
    }

    @Test func moreCPUsThanLinuxKnowsAreAnError() throws {
        var builder = CaptureBuilder()
        let offsets = Array(repeating: "\"0x0\"", count: 8193)
        builder.meta["per_cpu_offsets"] = "[" + offsets.dropFirst().joined(separator: ",") + "]"
        #expect(try builder.problem() == "no error")
        builder.meta["per_cpu_offsets"] = "[" + offsets.joined(separator: ",") + "]"
        #expect(try builder.problem().hasSuffix("META key \"per_cpu_offsets\": expected at most 8192 CPUs, found 8193"))
    }

    @Test(arguments: [
        ("kind", "\"heap\"", "roots[1].kind\": expected one of data, bss, percpu, struct_page, stack, found \"heap\""),
        ("kind", "null", "roots[1].kind\": expected a string, found null"),
        ("name", "1", "roots[1].name\": expected a string, found 1"),
        ("start", "\"zero\"", "roots[1].start\": expected a hexadecimal string like \"0x1000\", found \"zero\""),
        ("start", "\"0xffffffffffffffc1\"", "roots[1].size\": expected a range inside the address space, found 64 bytes at 0xffffffffffffffc1"),
        ("size", "140737488355329", "roots[1].size\": expected a whole number from 0 to 140737488355328, found 140737488355329"),
        ("size", "\"0x40\"", "roots[1].size\": expected a whole number from 0 to 140737488355328, found \"0x40\""),
        ("pid", "2147483648", "roots[1].pid\": expected a whole number of 32 bits, found 2147483648"),
    ])
    func aBadRootIsNamedWithItsPlace(key: String, value: String, message: String) throws {
        var root = ["kind": "\"stack\"", "name": "\"init\"", "start": "\"0x1000\"", "size": "64", "pid": "1"]
        func text() -> String { "{" + root.map { "\"\($0)\": \($1)" }.joined(separator: ",") + "}" }
        var builder = CaptureBuilder()
        let good = text()
        root[key] = value
        builder.meta["roots"] = "[\(good), \(text())]"
        #expect(try builder.problem() == "heap.kmemcore: offset 0x8c: META key \"" + message)
        builder.meta["roots"] = "[\(good), 5]"
        #expect(try builder.problem().hasSuffix("META key \"roots[1]\": expected an object, found 5"))
    }

    @Test(arguments: [
        ("", "META is empty"), ("[]", "META: expected a JSON object, found another value"), ("{", "META is not valid JSON"),
        ("{\"format\": }", "META is not valid JSON"), ("{} {}", "META is not valid JSON"),
        (String(repeating: "[", count: 100_000), "META is not valid JSON"),
    ])
    func metadataThatIsNoJSONObjectIsAnError(text: String, message: String) throws {
        var builder = CaptureBuilder()
        builder.metaText = text
        #expect(try builder.problem().hasPrefix("heap.kmemcore: offset 0x8c: " + message))
    }
}
