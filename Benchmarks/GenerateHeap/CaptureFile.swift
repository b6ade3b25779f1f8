import Foundation
import HeapModel

/// A generated heap as a capture: an ELF core file with kmemleak's tables as notes.
struct CaptureFile {
    private var head = Data()
    private let heap: GeneratedHeap

    private static let hz = 250, jiffies: UInt64 = 4_294_892_296 + 3600 * 250
    private static let traceCount = 1500, functionCount = 900
    private static let comms = ["swapper/0", "kworker/0:1", "kworker/1:2", "systemd", "(udev-worker)", "sshd", "bash", "modprobe", "kswapd0", "nginx"]

    init(_ heap: GeneratedHeap) {
        self.heap = heap
        var random = heap.random
        var notes = Data()
        Self.add(Self.metadata(heap), type: 0x4b4d_0001, to: &notes)
        Self.add(Self.objects(heap, &random), type: 0x4b4d_0002, to: &notes)
        Self.add(Self.traces(&random), type: 0x4b4d_0003, to: &notes)
        let headerSize = 64 + 56 * (heap.segments.count + 1)
        let memoryOffset = (headerSize + notes.count + 4095) / 4096 * 4096
        addHeader()
        addProgramHeader(type: 4, offset: headerSize, address: 0, count: UInt64(notes.count))
        for segment in heap.segments {
            addProgramHeader(type: 1, offset: memoryOffset + segment.offset, address: segment.start, count: segment.count)
        }
        head += notes
        head += Data(count: memoryOffset - head.count)
    }

    func write(to path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.write(contentsOf: head)
        for start in stride(from: 0, to: heap.bytes.count, by: 1 << 28) {
            let part = UnsafeMutableRawBufferPointer(rebasing: heap.bytes[start..<min(heap.bytes.count, start + 1 << 28)])
            try file.write(contentsOf: Data(bytesNoCopy: part.baseAddress!, count: part.count, deallocator: .none))
        }
        try file.close()
    }

    // MARK: ELF

    private mutating func addHeader() {
        head += [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        head.add(UInt16(4), UInt16(62), UInt32(1), UInt64(0), UInt64(64), UInt64(0), UInt32(0))
        head.add(UInt16(64), UInt16(56), UInt16(heap.segments.count + 1), UInt16(64), UInt16(0), UInt16(0))
    }

    private mutating func addProgramHeader(type: UInt32, offset: Int, address: UInt64, count: UInt64) {
        head.add(type, UInt32(4), UInt64(offset), address, UInt64(0), count, type == 1 ? count : 0, UInt64(type == 1 ? 4096 : 4))
    }

    private static func add(_ contents: Data, type: UInt32, to notes: inout Data) {
        notes.add(UInt32(8), UInt32(contents.count), type)
        notes += "kmemtop\0".utf8
        notes += contents
        notes += Data(count: (4 - contents.count % 4) % 4)
    }

    // MARK: Notes

    private static func metadata(_ heap: GeneratedHeap) -> Data {
        func hex(_ value: UInt64) -> String { "\"0x\(String(value, radix: 16))\"" }
        let symbols = (0..<functionCount).map { "\(hex(frame($0))): \"function_\($0)+0x40/0x100\"" }
        return Data("""
            {"format": "kmemtop-capture", "version": 1, "arch": "x86_64", "release": "6.12.0", "hz": \(hz), "jiffies": \(jiffies),
             "enabled": true, "stack_scan": true, "tool": "GenerateHeap",
             "roots": [{"kind": "data", "name": ".data", "start": \(hex(heap.root.start)), "size": \(heap.root.count)}],
             "symbols": {\(symbols.joined(separator: ", "))}}
            """.utf8)
    }

    private static func objects(_ heap: GeneratedHeap, _ random: inout SplitMix64) -> Data {
        var records = Data(capacity: heap.objects.count * 72)
        let names = comms.map { Array(($0 + String(repeating: "\0", count: 16)).utf8.prefix(16)) }
        for (row, object) in heap.objects.enumerated() {
            let contents = heap.bytes[object.offset..<object.offset + object.size]
            // As it was at the last scan, so that what is lost is told.
            var checksum = CRC32()
            checksum.update(UnsafeRawBufferPointer(rebasing: contents))
            let draw = random.next(), age = UInt64(heap.objects.count - row) * 3000 * UInt64(hz) / UInt64(heap.objects.count)
            // Few traces make most of the objects.
            let trace = UInt32(draw % UInt64(traceCount) * (draw >> 32 % UInt64(traceCount)) / UInt64(traceCount))
            let task = Int(draw >> 20 % UInt64(comms.count))
            records.add(object.start, UInt64(object.size), UInt64(0), jiffies - 2500 - age, Int32(1), Int32(0))
            records.add(UInt32(1), checksum.value, trace, Int32(task * 37))
            records += names[task]
        }
        return records
    }

    private static func traces(_ random: inout SplitMix64) -> Data {
        var records = Data()
        for _ in 0..<traceCount {
            let count = 6 + Int(random.next() % 11)
            records.add(UInt64(count))
            for place in 0..<16 { records.add(place < count ? frame(Int(random.next() % UInt64(functionCount))) : 0) }
        }
        return records
    }

    private static func frame(_ function: Int) -> UInt64 { 0xffff_ffff_8100_0040 + UInt64(function) * 256 }
}

extension Data {
    fileprivate mutating func add<each Number: FixedWidthInteger>(_ numbers: repeat each Number) {
        for number in repeat each numbers { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
    }
}
