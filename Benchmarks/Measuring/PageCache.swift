#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Has the page cache let go of a file and read it from the disk, as captures are: so it lies in pages of 2 MB, where kernel and
/// file system can do that. What was just written lies in small ones, and so does what a system takes out of its cache because
/// nobody asked for it in the last minutes, and gets back bit by bit when it is asked for through a mapping.
///
/// Of no use for what somebody has mapped.
func readAnew(_ path: String) {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return }
    defer { close(file) }
    // What is not on the disk yet would stay.
    fdatasync(file)
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 4096) { buffer in
        while read(file, buffer.baseAddress, buffer.count) > 0 {}
    }
}
