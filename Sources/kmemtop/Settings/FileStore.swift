import Glibc
import SystemPackage

/// Small files that are read and replaced as a whole.
enum FileStore {
    /// More is not read: a file of the configuration folder is much smaller.
    private static let sizeLimit = 1 << 25

    /// The file's bytes; nil when there is none.
    static func read(_ path: FilePath) throws(FileFailure) -> [UInt8]? {
        do {
            // Without O_NONBLOCK, opening a pipe would wait for its writer.
            let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
            defer { try? file.close() }
            var status = stat()
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileFailure.notAFile }
            guard status.st_size <= sizeLimit else { throw Errno.fileTooLarge }
            var bytes: [UInt8] = []
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
            defer { block.deallocate() }
            while case let count = try file.read(into: block), count > 0 { bytes += block[..<count] }
            return bytes
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch {
            throw FileFailure(error)
        }
    }

    /// What is there is a file or nothing.
    static func checkThatItIsAFile(_ path: FilePath) throws(FileFailure) {
        var status = stat()
        if stat(path.string, &status) == 0, status.st_mode & S_IFMT != S_IFREG { throw .notAFile }
    }

    /// Puts a file with these bytes, readable by its owner only, in the place of the old one: whoever reads sees the one or
    /// the other. Folders on the way are made. A link goes on pointing where it points, and the file there is replaced.
    static func replace(_ path: FilePath, with bytes: [UInt8]) throws(FileFailure) {
        let target = path.resolved
        let folder = target.removingLastComponent()
        do {
            try makeFolder(folder)
            let scratch = folder.appending(".\(target.lastComponent?.string ?? "").\(getpid())")
            // What a killed run with the same number left.
            unlink(scratch.string)
            let file = try FileDescriptor.open(
                scratch, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            do {
                try file.closeAfter {
                    try file.writeAll(bytes)
                    guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
                }
                guard rename(scratch.string, target.string) == 0 else { throw Errno(rawValue: errno) }
            } catch {
                unlink(scratch.string)
                throw error
            }
        } catch {
            throw FileFailure(error)
        }
    }

    /// Does something while no other kmemtop does it to files of the folder. A folder that cannot be locked is no reason
    /// not to: only what two runs save at the same instant is at stake.
    static func whileLocked<Failure>(_ folder: FilePath, _ body: () throws(Failure) -> Void) throws(Failure) {
        try? makeFolder(folder)
        let lock = try? FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
        // Closing gives the lock back.
        defer { try? lock?.close() }
        if let lock { while flock(lock.rawValue, LOCK_EX) != 0, errno == EINTR {} }
        try body()
    }

    /// Makes the folder and those above it that are missing, for the owner only, as the XDG specification has it.
    private static func makeFolder(_ folder: FilePath) throws(Errno) {
        guard mkdir(folder.string, 0o700) != 0 else { return }
        let failure = Errno(rawValue: errno)
        switch failure {
        case .fileExists: return
        case .noSuchFileOrDirectory where folder.removingLastComponent() != folder:
            try makeFolder(folder.removingLastComponent())
            guard mkdir(folder.string, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        default: throw failure
        }
    }
}

/// Why a file cannot be read or replaced.
enum FileFailure: Error, CustomStringConvertible {
    case system(Errno)
    /// A folder, a pipe or a device.
    case notAFile

    fileprivate init(_ error: any Error) { self = error as? FileFailure ?? .system(error as? Errno ?? .ioError) }

    var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .notAFile: "Not a regular file"
        }
    }
}

extension FilePath {
    /// Absolute, and without links where there is something; else as it would be from the working folder.
    var resolved: FilePath {
        guard let name = realpath(string, nil) else {
            guard isRelative, let folder = realpath(".", nil) else { return lexicallyNormalized() }
            defer { free(folder) }
            return FilePath(platformString: folder).pushing(self).lexicallyNormalized()
        }
        defer { free(name) }
        return FilePath(platformString: name)
    }
}
