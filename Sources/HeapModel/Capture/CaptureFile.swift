import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// A file that comes into being whole: written beside its place under another name, and moved there at the end.
///
/// What fails leaves nothing behind, and the old file as it was. A pipe or a device is written to directly.
final class CaptureFile {
    private let descriptor: FileDescriptor
    private let target: FilePath
    /// The other name, until the file is in its place.
    private var scratch: FilePath?
    private let closes: Bool

    /// - Throws: `Errno` of the call that failed; `.isDirectory` for a folder.
    init(_ path: FilePath) throws(Errno) {
        target = realpath(path.string, nil).map { name in
            defer { free(name) }
            return FilePath(platformString: name)
        } ?? path
        var status = stat()
        let exists = stat(target.string, &status) == 0
        let isFile = !exists || status.st_mode & S_IFMT == S_IFREG
        guard !exists || status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory }
        // Whoever may not write the old file shall not replace it either.
        guard !exists || access(target.string, W_OK) == 0 else { throw Errno(rawValue: errno) }
        do {
            if isFile {
                let name = ".\(target.lastComponent?.string ?? "").\(getpid())"
                let scratch = target.removingLastComponent().appending(name)
                unlink(scratch.string)
                descriptor = try FileDescriptor.open(
                    scratch, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: exists ? FilePermissions(rawValue: status.st_mode & 0o777) : [.ownerReadWrite, .groupRead, .otherRead])
                self.scratch = scratch
            } else {
                descriptor = try FileDescriptor.open(target, .writeOnly, options: [.closeOnExec])
                scratch = nil
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
        closes = true
    }

    /// Writes to what is open already, and leaves it open.
    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        target = FilePath()
        scratch = nil
        closes = false
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        do { _ = try descriptor.writeAll(bytes) } catch { throw error as? Errno ?? .ioError }
    }

    /// Puts the file in its place.
    func commit() throws(Errno) {
        guard let scratch else { return }
        guard rename(scratch.string, target.string) == 0 else { throw Errno(rawValue: errno) }
        self.scratch = nil
    }

    deinit {
        if closes { try? descriptor.close() }
        if let scratch { unlink(scratch.string) }
    }
}
