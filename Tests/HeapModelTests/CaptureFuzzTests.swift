import Testing

@testable import HeapModel

/// Whatever the bytes: a value or an error, never a trap.
@Suite struct CaptureFuzzTests {
    /// A capture with something of everything.
    private var builder: CaptureBuilder {
        var builder = CaptureBuilder()
        builder.usesExtendedNumber = true
        builder.meta.merge([
            "last_scan": "4294900000", "phys_to_virt": "\"0xffff888000000000\"", "low_pfn": "[1, 65536]",
            "per_cpu_offsets": "[\"0x5000\"]", "symbols": "{\"0xffffffff81234567\": \"f+0x1/0x2\"}",
            "roots": "[{\"kind\": \"stack\", \"name\": \"init\", \"start\": \"0x6000\", \"size\": 64, \"pid\": 1}]",
        ]) { $1 }
        builder.traces = [(2, [0xffff_ffff_8123_4567, 2]), (1, [3])]
        builder.objects = [
            CaptureBuilder.Object(pointer: 0x1000, size: 64, trace: 1), CaptureBuilder.Object(pointer: 0x2000, size: 24),
            CaptureBuilder.Object(pointer: 0x1000, size: 64, flags: 0x11), CaptureBuilder.Object(pointer: 0x20, size: 16, flags: 0x21),
        ]
        builder.areas = [(0, 0x1000, 16), (1, 0x2008, 8)]
        builder.segments = [
            CaptureBuilder.Segment(start: 0x1000, bytes: Array(0..<64)),
            CaptureBuilder.Segment(start: 0x1040, bytes: Array(0..<16), size: 32),
            CaptureBuilder.Segment(start: 0x2000, bytes: Array(0..<24)),
        ]
        return builder
    }

    /// Looks at everything in the heap that a scan looks at; false when there was an error instead.
    private func survives(_ file: [UInt8]) throws -> Bool {
        do {
            let heap = try CaptureBuilder.capture(file).heap
            let index = ObjectIndex(heap.objects)
            for id in heap.objects.ids {
                let object = heap.objects[id]
                _ = index.object(containing: object.pointer)
                _ = (heap.traces[object.trace], object.comm.string, object.colour, object.jiffies.uptime(hz: heap.profile.hz))
                for range in heap.contents(of: id) + (heap.objects.areas[id] ?? []) {
                    _ = heap.memory.contains(range)
                    _ = heap.memory.word(at: range.start)
                    _ = heap.memory.bytes(in: AddressRange(start: range.start, size: min(range.size, 64)))
                }
            }
            for root in heap.roots { _ = heap.memory.segments(in: root.range) }
            _ = heap.jiffies.uptime(hz: heap.profile.hz)
            return true
        } catch is CaptureError {
            return false
        }
    }

    @Test func everyPrefixIsAnError() throws {
        let file = builder.build()
        #expect(try survives(file))
        for length in stride(from: 0, to: file.count, by: 3) {
            #expect(try !survives(Array(file.prefix(length))), "prefix of \(length) bytes")
        }
        #expect(try !survives(file.dropLast()))
    }

    @Test func everyByteMayChange() throws {
        let file = builder.build()
        var seed: UInt64 = 0x9e37_79b9_7f4a_7c15
        var good = 0, bad = 0
        for step in 0..<5000 {
            // xorshift64: the same changes in every run.
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            var changed = file
            // Each byte at least once, with extremes among the values.
            let place = step % file.count
            changed[place] = [0, 0xff, 0x80, UInt8(truncatingIfNeeded: seed >> 24), file[place] &+ 1][Int(seed >> 40) % 5]
            if try survives(changed) { good += 1 } else { bad += 1 }
        }
        #expect(good > 500)
        #expect(bad > 500)
    }
}
