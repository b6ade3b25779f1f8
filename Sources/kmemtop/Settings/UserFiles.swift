import Foundation
import HeapModel
import Inspector
import SystemPackage

/// What a person's runs have in common, in files of the configuration folder.
struct UserFiles {
    private(set) var settings: SettingsFile
    private(set) var notes: NotebookFile

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let folder = ConfigurationFolder(environment: environment)
        settings = SettingsFile(in: folder)
        notes = NotebookFile(in: folder)
    }

    /// One sentence for each file that could not be read.
    var warnings: [String] { [settings.warning, notes.warning].compactMap { $0 } }

    /// Each returns one sentence when it failed.
    mutating func save(_ settings: Settings) -> String? { self.settings.save(settings) }
    mutating func save(_ notebook: Notebook) -> String? { notes.save(notebook) }

    /// Writes a file that a person named at the screen, which must not wait for the reader of a pipe. Returns one sentence when
    /// that failed.
    static func write(_ text: String, to file: String) -> String? {
        do {
            try FileStore.checkThatItIsAFile(FilePath(file))
            try WholeFile.write(text, to: FilePath(file))
            return nil
        } catch {
            return "\(file): \(error)"
        }
    }
}
