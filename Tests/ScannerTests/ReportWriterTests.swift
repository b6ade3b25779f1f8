import HeapModel
import Scanner
import Testing

/// `kmemleak.md`, section 7: text to the byte.
struct ReportWriterTests {
    private func writer(_ style: KernelProfile.Style, _ build: (inout HeapBuilder) -> Void) -> ReportWriter {
        var heap = Heap(style, build)
        heap.symbols.define(Address(0xffff_ffff_8133_a008), "hub_probe+0x144/0x804")
        return ReportWriter(heap)
    }

    @Test func anEntryInTheOldStyle() {
        let writer = writer(.old) {
            $0.object(at: 0xffff_8880_04c3_a400, size: 20, ticksOld: 2541, frames: [0xffff_ffff_8133_a008]) { $0.bytes([0x41, 0x20, 0x7e, 0x7f, 0x1f]) }
        }
        #expect(writer.entry(for: ObjectID(0)) == """
            unreferenced object 0xffff888004c3a400 (size 20):
              comm "swapper/0", pid 1, jiffies 4295139755 (age 10.164s)
              hex dump (first 20 bytes):
                41 20 7e 7f 1f 00 00 00 00 00 00 00 00 00 00 00  A ~.............
                00 00 00 00                                      ....
              backtrace:
                [<ffffffff8133a008>] hub_probe+0x144/0x804

            """)
    }

    @Test func anEntryIn61HasNoAge() {
        let writer = writer(.v6_1) { $0.object(at: 0x2000, size: 1, frames: [0x99, 0xffff_ffff_8133_a008]) }
        #expect(writer.entry(for: ObjectID(0)) == """
            unreferenced object 0x00002000 (size 1):
              comm "swapper/0", pid 1, jiffies 4295139796
              hex dump (first 1 bytes):
                00                                               .
              backtrace:
                [<0000000000000099>] 0x0000000000000099
                [<ffffffff8133a008>] hub_probe+0x144/0x804

            """)
    }

    @Test func anEntryInTheCurrentStyleHasTheChecksumUnpaddedAndBareFrames() {
        let writer = writer(.current) { $0.object(at: 0x2000, size: 64, checksum: 0xec2_b3c5, frames: [0xffff_ffff_8133_a008, 0xffff_ffff_c11d_e07f]) }
        #expect(writer.entry(for: ObjectID(0)) == """
            unreferenced object 0x00002000 (size 64):
              comm "swapper/0", pid 1, jiffies 4295139796
              hex dump (first 32 bytes):
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
                00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
              backtrace (crc ec2b3c5):
                hub_probe+0x144/0x804
                0xffffffffc11de07f

            """)
    }

    @Test func aPercpuObjectNamesTheReadersCPUAndAPhysObjectHasNoBytes() {
        let writer = writer(.current) { heap in
            heap.heap.perCPUOffsets = [0x10000, 0x20000]
            heap.object(at: 0x100, size: 16, flags: .perCPU) { $0.bytes([1]) }
            heap.object(at: 0x5000, size: 16, flags: .phys, isHeld: false)
        }
        #expect(writer.entry(for: ObjectID(0)).contains("""
            unreferenced object (percpu) 0x00000100 (size 16):
              comm "swapper/0", pid 1, jiffies 4295139796
              hex dump (first 16 bytes on cpu 0):
            """))
        #expect(writer.entry(for: ObjectID(1)) == """
            unreferenced object (phys) 0x00005000 (size 16):
              comm "swapper/0", pid 1, jiffies 4295139796
              backtrace (crc 0):

            """)
    }

    @Test(arguments: [(KernelProfile.Style.old, "     "), (.v6_1, " "), (.current, " ")])
    func aDump(style: KernelProfile.Style, indent: String) {
        let writer = writer(style) { $0.object(at: 0x2000, size: 512, minCount: -1, flags: .noScan, checksum: 7, frames: [0xffff_ffff_8133_a008]) }
        #expect(writer.dump(of: ObjectID(0)).map(\.logged) == [
            "kmemleak: Object 0x00002000 (size 512):", "kmemleak:   comm \"swapper/0\", pid 1, jiffies 4295139796",
            "kmemleak:   min_count = -1", "kmemleak:   count = 0", "kmemleak:   flags = 0x5", "kmemleak:   checksum = 7",
            "kmemleak:   backtrace:", indent + "hub_probe+0x144/0x804",
        ])
    }

    @Test func aDumpNamesTheKindAndMayHaveNoTrace() {
        let writer = writer(.current) { heap in
            heap.heap.perCPUOffsets = [0x10000]
            heap.object(at: 0x100, size: 16, flags: .perCPU)
            heap.object(at: 0x5000, size: 16, minCount: 0, flags: .phys, isHeld: false)
        }
        #expect(writer.dump(of: ObjectID(0)).map(\.text) == [
            "Object (percpu) 0x00000100 (size 16):", "  comm \"swapper/0\", pid 1, jiffies 4295139796", "  min_count = 1", "  count = 0",
            "  flags = 0x21", "  checksum = 0", "  backtrace:",
        ])
        #expect(writer.dump(of: ObjectID(1)).map(\.text).first == "Object (phys) 0x00005000 (size 16):")
    }

    @Test(arguments: [(1, "0.004s"), (250, "1.000s"), (40682, "162.728s")] as [(UInt64, String)])
    func theAgeIsInMillisecondsAtTheTimeOfReading(ticksOld: UInt64, age: String) {
        let writer = writer(.old) { $0.object(at: 0x2000, size: 8, ticksOld: ticksOld) }
        #expect(writer.entry(for: ObjectID(0)).contains(" (age \(age))\n"))
    }

    @Test func theReportListsReportedAndStillUnreferencedObjectsInCreationOrder() {
        var heap = Heap { heap in
            heap.object(at: 0x9000, size: 8, flags: .reported)
            heap.object(at: 0x2000, size: 8, flags: .reported)
            heap.object(at: 0x3000, size: 8)
            heap.object(at: 0x4000, size: 8, flags: .reported, ticksOld: 1249)
            heap.object(at: 0x5000, size: 8, minCount: 0, flags: .reported)
            heap.object(at: 0x6000, size: 8, flags: .reported, isAllocated: false)
        }
        #expect(ReportWriter(heap).report().isEmpty, "there was no scan yet")
        heap.lastScan = heap.jiffies
        let heads = ReportWriter(heap).report().split(separator: "\n").filter { $0.hasPrefix("unreferenced") }
        #expect(heads == ["unreferenced object 0x00009000 (size 8):", "unreferenced object 0x00002000 (size 8):"])
    }
}
