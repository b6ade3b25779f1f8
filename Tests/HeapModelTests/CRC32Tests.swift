import HeapModel
import Testing

struct CRC32Tests {
    /// The catalogue's check text, with initial value 0 and no final inversion, as the kernel's `crc32(0, p, n)`.
    @Test func itIsTheKernels() {
        var crc = CRC32()
        crc.update(Array("123456789".utf8))
        #expect(crc.value == 0x2dfd_2d88)
    }

    @Test func zerosHaveTheChecksum0() {
        var crc = CRC32()
        crc.update([UInt8](repeating: 0, count: 512))
        #expect(crc.value == 0)
    }
}
