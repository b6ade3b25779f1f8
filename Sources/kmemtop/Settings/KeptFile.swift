import HeapModel
import Inspector
import SystemPackage

typealias SettingsFile = KeptFile<Settings>
typealias NotebookFile = KeptFile<Notebook>

extension KeptFile<Settings> {
    init(in folder: ConfigurationFolder) { self.init(folder.path?.appending("config.yaml"), what: "settings") }
}

extension KeptFile<Notebook> {
    init(in folder: ConfigurationFolder) { self.init(folder.path?.appending("notes.yaml"), what: "notes") }
}

/// One file of the configuration folder: as this run read it, and with what this run changed.
///
/// Another kmemtop, or a person with an editor, may write the file at any time. So this run's changes go into the file
/// as it is when they are saved, and a file that cannot be read is never written over.
struct KeptFile<Content: Keepable> {
    /// As read, or as last saved.
    private(set) var content = Content()
    /// One sentence, when there is a file and it could not be read.
    private(set) var warning: String?

    private let path: FilePath?
    private let what: String

    fileprivate init(_ path: FilePath?, what: String) {
        self.path = path
        self.what = what
        guard let path else { return }
        do throws(KeptFileError) {
            content = try Self.read(path)
        } catch {
            warning = "\(error); kmemtop goes on without its \(what)"
        }
    }

    private static func read(_ path: FilePath) throws(KeptFileError) -> Content {
        let bytes: [UInt8]?
        do throws(FileFailure) { bytes = try FileStore.read(path) } catch { throw .unusable(path, error) }
        guard let bytes else { return Content() }
        do throws(SettingsError) { return try Content(yaml: bytes, file: path.string) } catch { throw .malformed(error) }
    }

    /// Writes what changed since the last time. Returns one sentence when that failed; the change is kept in `content`
    /// only, and is written with the next one.
    mutating func save(_ new: Content) -> String? {
        guard new != content else { return nil }
        guard let path else { return "\(what) are not kept: neither XDG_CONFIG_HOME nor HOME is an absolute path" }
        do throws(KeptFileError) {
            try FileStore.whileLocked(path.removingLastComponent()) { () throws(KeptFileError) in
                let merged = try Self.read(path).applying(changesFrom: content, to: new)
                do throws(FileFailure) {
                    try FileStore.replace(path, with: Array(merged.yaml.utf8))
                } catch {
                    throw .unusable(path, error)
                }
            }
            content = new
            return nil
        } catch {
            return "\(error); \(what) are not kept"
        }
    }
}

/// Why a file of the configuration folder cannot be used. One sentence each.
enum KeptFileError: Error, CustomStringConvertible {
    case unusable(FilePath, FileFailure)
    case malformed(SettingsError)

    var description: String {
        switch self {
        case .unusable(let path, let failure): "\(path): \(failure)"
        case .malformed(let error): error.description
        }
    }
}
