import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// A file that comes into being whole: written without a name, and moved to its place at the end.
///
/// What fails or is interrupted leaves nothing behind, and the old file as it was. Where files need a name, it has another
/// one until then. A pipe or a device is written to directly.
package final class WholeFile {
    private let descriptor: FileDescriptor
    private let target: FilePath
    /// The name that the file has just before it is moved to its place; nil when it is not moved.
    private let scratch: FilePath?
    /// Whether it has that name now.
    private var hasName = false
    private let closes: Bool

    /// - Throws: `Errno` of the call that failed; `.isDirectory` for a folder.
    package init(_ path: FilePath) throws(Errno) {
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
        let permissions: FilePermissions = exists
            ? FilePermissions(rawValue: status.st_mode & 0o777) : [.ownerReadWrite, .groupRead, .otherRead]
        closes = true
        do {
            guard isFile else {
                descriptor = try FileDescriptor.open(target, .writeOnly, options: [.closeOnExec])
                scratch = nil
                return
            }
            let folder = target.removingLastComponent()
            let scratch = folder.appending(".\(target.lastComponent?.string ?? "").\(getpid())")
            self.scratch = scratch
            unlink(scratch.string)
            if let file = try? FileDescriptor.open(
                folder.isEmpty ? "." : folder, .writeOnly, options: [.nameless, .closeOnExec], permissions: permissions)
            {
                descriptor = file
                return
            }
            descriptor = try FileDescriptor.open(
                scratch, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec], permissions: permissions)
            hasName = true
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    /// Writes to what is open already, and leaves it open.
    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        target = FilePath()
        scratch = nil
        closes = false
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        do { _ = try descriptor.writeAll(bytes) } catch { throw error as? Errno ?? .ioError }
    }

    /// Puts the file in its place.
    package func commit() throws(Errno) {
        guard let scratch else { return }
        if !hasName {
            let file = "/proc/self/fd/\(descriptor.rawValue)"
            guard linkat(AT_FDCWD, file, AT_FDCWD, scratch.string, AT_SYMLINK_FOLLOW) == 0 else { throw Errno(rawValue: errno) }
            hasName = true
        }
        guard rename(scratch.string, target.string) == 0 else { throw Errno(rawValue: errno) }
        hasName = false
    }

    /// Writes all of a file.
    package static func write(_ text: String, to path: FilePath) throws(Errno) {
        let file = try WholeFile(path)
        var text = text
        do { try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) } } catch { throw error as? Errno ?? .ioError }
        try file.commit()
    }

    deinit {
        if closes { try? descriptor.close() }
        if hasName, let scratch { unlink(scratch.string) }
    }
}

extension FileDescriptor.OpenOptions {
    /// O_TMPFILE: a file without a name in the folder that is opened.
    fileprivate static let nameless = Self(rawValue: 0o20_000_000).union(.directory)
}
