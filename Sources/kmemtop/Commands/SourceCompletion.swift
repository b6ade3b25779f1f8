import ArgumentParser
import Foundation
import HeapModel

extension CompletionKind {
    /// What SOURCE may be: a built-in scenario, or any file.
    static var source: CompletionKind { .custom { _, _, prefix in SourceCompletion(prefix).candidates() } }

    /// A built-in scenario, or a scenario file.
    static var scenario: CompletionKind {
        .custom { _, _, prefix in SourceCompletion(prefix).candidates(withExtensions: ["yaml", "yml"]) }
    }
}

/// Completes the beginning of a source as shells ask for it: they read one candidate a line, each in its own way.
struct SourceCompletion {
    private let prefix: String
    private let shell: CompletionShell?
    private let home: String

    /// `prefix` as it was typed, quotation marks and backslashes included.
    init(
        _ prefix: String, shell: CompletionShell? = .requesting,
        home: String = ProcessInfo.processInfo.environment["HOME"] ?? "/"
    ) {
        self.prefix = prefix.filter { !"\\\"'".contains($0) }
        self.shell = shell
        self.home = home
    }

    /// Scenarios first; of the files those with one of the extensions, or all; and every folder.
    func candidates(withExtensions extensions: [String]? = nil) -> [String] {
        let scenarios = Scenario.builtInNames.filter { $0.hasPrefix(prefix) }
        return (scenarios + files(extensions)).filter(isOneLine).map(quoted)
    }

    private func files(_ extensions: [String]?) -> [String] {
        let start = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
        let folder = String(prefix[..<start]), name = prefix[start...]
        let place = URL(fileURLWithPath: folder.hasPrefix("~/") ? home + folder.dropFirst() : folder.isEmpty ? "." : folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return names.sorted().compactMap { entry in
            guard entry.hasPrefix(name), !entry.hasPrefix(".") || name.hasPrefix(".") else { return nil }
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: place.appendingPathComponent(entry).path, isDirectory: &isFolder)
            if isFolder.boolValue { return folder + entry + "/" }
            let fits = extensions?.contains { entry.hasSuffix("." + $0) } ?? true
            return fits ? folder + entry : nil
        }
    }

    private func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private func quoted(_ text: String) -> String {
        let escape = { (isSpecial: (Character) -> Bool) in text.map { isSpecial($0) ? "\\\($0)" : "\($0)" }.joined() }
        return switch shell {
        // `compgen -W` expands each word: without a backslash, `$(…)` in the name of a file would be run.
        case .bash?: escape { $0.isASCII && !$0.isLetter && !$0.isNumber && !"/._-".contains($0) }
        // `_describe` takes what follows a colon for the description.
        case .zsh?: escape { ":\\".contains($0) }
        default: text
        }
    }
}
