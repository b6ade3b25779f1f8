/// The parts of an ELF core file that a capture uses: PT_LOAD segments and notes.
///
/// ELF64, little-endian, ET_CORE, x86-64 or arm64; nothing else is read.
struct ELFCore {
    /// A PT_LOAD: `captured` of the `size` bytes at address `start` stand at `offset` in the file.
    struct Segment {
        var start: UInt64
        var size: UInt64
        var captured: UInt64
        var offset: UInt64
        /// Where its program header stands, for messages.
        var header: UInt64
    }

    /// One entry of a PT_NOTE segment.
    struct Note {
        var name: [UInt8]
        var type: UInt32
        /// Of the contents.
        var offset: UInt64
        var size: UInt64
    }

    let architecture: KernelProfile.Architecture
    /// Ascending; neither empty, nor overlapping, nor reaching past the file or the address space.
    private(set) var segments: [Segment] = []
    private(set) var notes: [Note] = []

    static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]
    private static let headerSize: UInt64 = 64
    private static let programHeaderSize: UInt64 = 56
    private static let sectionHeaderSize: UInt64 = 64
    /// `e_phnum` when the number does not fit: it then stands in `sh_info` of section header 0 (PN_XNUM).
    private static let extendedNumber: UInt16 = 0xffff

    init(_ bytes: CaptureBytes) throws(CaptureError) {
        architecture = try Self.checkHeader(bytes)
        let table = try Self.programHeaders(bytes)
        for index in 0..<table.count {
            let offset = table.offset + index * Self.programHeaderSize
            switch bytes.number(UInt32.self, at: offset) {
            case 1: try addSegment(bytes, index: index, header: offset)
            case 4: try addNotes(bytes, index: index, header: offset)
            default: break
            }
        }
        segments.sort { $0.start < $1.start }
        for (below, above) in zip(segments, segments.dropFirst()) where above.start - below.start < below.size {
            throw bytes.error(
                at: above.header,
                "the segment at \(Address(above.start)) overlaps the one at \(Address(below.start)) (\(below.size) bytes)")
        }
    }

    /// Checks what kind of file it is, and names what was found when it is another.
    private static func checkHeader(_ bytes: CaptureBytes) throws(CaptureError) -> KernelProfile.Architecture {
        let start = bytes.window(at: 0, size: min(4, bytes.count))
        guard start.elementsEqual(magic) else {
            let found = start.map { String($0, radix: 16) }.joined(separator: " ")
            throw bytes.error(
                at: 0, "not an ELF file: expected the magic 7f 45 4c 46, found \(found.isEmpty ? "nothing" : found)")
        }
        try bytes.require(headerSize, at: 0, for: "the ELF header")
        let fileClass = bytes.number(UInt8.self, at: 4), encoding = bytes.number(UInt8.self, at: 5)
        guard fileClass == 2 else {
            throw bytes.error(at: 4, "expected a 64-bit ELF file, found class \(fileClass)\(fileClass == 1 ? " (32-bit)" : "")")
        }
        guard encoding == 1 else {
            throw bytes.error(
                at: 5, "expected a little-endian ELF file, found encoding \(encoding)\(encoding == 2 ? " (big-endian)" : "")")
        }
        let version = bytes.number(UInt8.self, at: 6)
        guard version == 1 else { throw bytes.error(at: 6, "expected ELF version 1, found \(version)") }
        let type = bytes.number(UInt16.self, at: 16), machine = bytes.number(UInt16.self, at: 18)
        guard type == 4 else {
            throw bytes.error(at: 16, "expected a core file (type 4), found type \(type)\(named(type, typeNames))")
        }
        switch machine {
        case 62: return .x86_64
        case 183: return .arm64
        default:
            throw bytes.error(
                at: 18,
                "expected machine 62 (x86-64) or 183 (arm64), found machine \(machine)\(named(machine, machineNames))")
        }
    }

    private static let typeNames: [UInt16: String] = [1: "relocatable", 2: "executable", 3: "shared object"]
    private static let machineNames: [UInt16: String] = [
        2: "SPARC", 3: "i386", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 22: "s390", 40: "arm, 32-bit", 243: "RISC-V",
        258: "LoongArch",
    ]

    private static func named(_ number: UInt16, _ names: [UInt16: String]) -> String {
        names[number].map { " (\($0))" } ?? ""
    }

    /// Where the program headers stand and how many there are.
    private static func programHeaders(_ bytes: CaptureBytes) throws(CaptureError) -> (offset: UInt64, count: UInt64) {
        let offset = bytes.number(UInt64.self, at: 32)
        let entrySize = bytes.number(UInt16.self, at: 54), short = bytes.number(UInt16.self, at: 56)
        var count = UInt64(short), countPlace: UInt64 = 56
        if short == extendedNumber {
            let section = bytes.number(UInt64.self, at: 40)
            guard section != 0 else {
                throw bytes.error(at: 40, "the number of program headers should stand in section header 0, but there is none")
            }
            try bytes.require(sectionHeaderSize, at: section, for: "section header 0")
            countPlace = section + 44
            count = UInt64(bytes.number(UInt32.self, at: countPlace))
        }
        guard count > 0 else { throw bytes.error(at: countPlace, "there are no program headers") }
        guard UInt64(entrySize) == programHeaderSize else {
            throw bytes.error(at: 54, "expected program headers of \(programHeaderSize) bytes, found \(entrySize)")
        }
        try bytes.require(count * programHeaderSize, at: offset, for: "the table of \(count) program headers")
        return (offset, count)
    }

    private mutating func addSegment(_ bytes: CaptureBytes, index: UInt64, header: UInt64) throws(CaptureError) {
        let segment = Segment(
            start: bytes.number(UInt64.self, at: header + 16), size: bytes.number(UInt64.self, at: header + 40),
            captured: bytes.number(UInt64.self, at: header + 32), offset: bytes.number(UInt64.self, at: header + 8),
            header: header)
        guard segment.captured <= segment.size else {
            throw bytes.error(
                at: header,
                "program header \(index): \(segment.captured) bytes in the file for a segment of \(segment.size)")
        }
        guard AddressRange(start: Address(segment.start), size: segment.size).isValid else {
            throw bytes.error(
                at: header,
                "program header \(index): the segment at \(Address(segment.start)) (\(segment.size) bytes) "
                    + "reaches past the top of the address space")
        }
        if segment.captured > 0 {
            try bytes.require(segment.captured, at: segment.offset, for: "the segment of program header \(index)")
        }
        if segment.size > 0 { segments.append(segment) }
    }

    private mutating func addNotes(_ bytes: CaptureBytes, index: UInt64, header: UInt64) throws(CaptureError) {
        var offset = bytes.number(UInt64.self, at: header + 8)
        let size = bytes.number(UInt64.self, at: header + 32)
        try bytes.require(size, at: offset, for: "the note segment of program header \(index)")
        let end = offset + size
        while offset < end {
            guard end - offset >= 12 else {
                throw bytes.error(at: offset, "the notes end inside the header of a note (\(end - offset) of 12 bytes)")
            }
            let nameSize = UInt64(bytes.number(UInt32.self, at: offset))
            let contentSize = UInt64(bytes.number(UInt32.self, at: offset + 4))
            // Sums of 32-bit sizes: no overflow in 64 bits.
            let content = offset + 12 + Self.padded(nameSize)
            guard content + contentSize <= end else {
                throw bytes.error(
                    at: offset,
                    "a note (name of \(nameSize) bytes, contents of \(contentSize)) reaches past the end of the notes "
                        + "(\(end - offset - 12) bytes are left)")
            }
            let name = nameSize > 16 ? [] : Array(bytes.window(at: offset + 12, size: nameSize))
            notes.append(
                Note(name: name, type: bytes.number(UInt32.self, at: offset + 8), offset: content, size: contentSize))
            // The last note may go without its padding.
            offset = min(end, content + Self.padded(contentSize))
        }
    }

    private static func padded(_ size: UInt64) -> UInt64 { (size + 3) & ~3 }
}
