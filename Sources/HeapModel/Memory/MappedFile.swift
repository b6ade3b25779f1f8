import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// A file mapped read-only, or memory like one; unmapped when the last user lets go.
// Sendable: the mapping is private and read-only, and nothing is stored after `init`.
package final class MappedFile: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer

    /// - Throws: `Errno` of the call that failed; `.isDirectory` for a folder.
    package init(_ path: FilePath) throws(Errno) {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly)
            defer { try? descriptor.close() }
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT != S_IFDIR else { throw Errno.isDirectory }
            guard status.st_size > 0 else {
                bytes = UnsafeRawBufferPointer(start: nil, count: 0)
                return
            }
            let base = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor.rawValue, 0)
            guard let base, base != MAP_FAILED else { throw Errno(rawValue: errno) }
            bytes = UnsafeRawBufferPointer(start: base, count: Int(status.st_size))
        } catch let error as Errno {
            throw error
        } catch {
            throw .ioError
        }
    }

    /// Memory that no file stands behind: zeros, filled once.
    /// - Precondition: the system has as much.
    init(size: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let base, base != MAP_FAILED else { preconditionFailure("no memory for \(size) bytes") }
        fill(UnsafeMutableRawBufferPointer(start: base, count: size))
        mprotect(base, size, PROT_READ)
        bytes = UnsafeRawBufferPointer(start: base, count: size)
    }

    deinit {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }
}
