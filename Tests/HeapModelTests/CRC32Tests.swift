import HeapModel
import Testing

struct CRC32Tests {
    /// The catalogue's check text, with initial value 0 and no final inversion, as the kernel's `crc32(0, p, n)`.
    @Test func itIsTheKernels() {
        var crc = CRC32()
        Array("123456789".utf8).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0x2dfd_2d88)
    }

    @Test func zerosHaveTheChecksum0() {
        var crc = CRC32()
        [UInt8](repeating: 0, count: 512).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0)
    }
}
