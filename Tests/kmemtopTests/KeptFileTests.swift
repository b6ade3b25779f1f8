import Foundation
import HeapModel
import Inspector
import SystemPackage
import Testing

@testable import kmemtop

/// config.yaml and notes.yaml on the disk.
final class KeptFileTests {
    private let home = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appendingPathComponent(UUID().uuidString)
    private let address = Address(0x10)

    deinit { try? FileManager.default.removeItem(at: home) }

    private var folder: ConfigurationFolder { ConfigurationFolder(environment: ["HOME": home.path]) }
    private var config: URL { home.appendingPathComponent(".config/kmemtop/config.yaml") }

    private func write(_ text: String) throws {
        try FileManager.default.createDirectory(at: config.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: config, atomically: false, encoding: .utf8)
    }

    private func settings(_ change: (inout Settings) -> Void) -> Settings {
        var settings = Settings()
        change(&settings)
        return settings
    }

    // MARK: The folder

    @Test(arguments: [
        (["XDG_CONFIG_HOME": "/x", "HOME": "/h"], "/x/kmemtop"),
        (["XDG_CONFIG_HOME": "x", "HOME": "/h"], "/h/.config/kmemtop"),
        (["XDG_CONFIG_HOME": "", "HOME": "/h"], "/h/.config/kmemtop"),
        (["HOME": "/h"], "/h/.config/kmemtop"),
        (["HOME": "h"], nil),
        ([:], nil),
    ] as [([String: String], String?)])
    func theFolderIsWhereXDGSays(environment: [String: String], path: String?) {
        #expect(ConfigurationFolder(environment: environment).path?.string == path)
    }

    // MARK: Reading

    @Test func withoutAFileThereAreDefaultsAndNothingIsMade() {
        for environment in [["HOME": home.path], ["HOME": "/dev/null"], [:]] {
            let file = SettingsFile(in: ConfigurationFolder(environment: environment))
            #expect(file.content == Settings() && file.warning == nil)
        }
        #expect(!FileManager.default.fileExists(atPath: home.path))
    }

    @Test func aFileIsRead() throws {
        try write("ascii: true\n")
        let file = SettingsFile(in: folder)
        #expect(file.content == settings { $0.ascii = true } && file.warning == nil)
    }

    @Test func aBadFileGivesDefaultsAndASentenceAndIsNeverWrittenOver() throws {
        try write("ascii: true\nmous: no\n")
        var file = SettingsFile(in: folder)
        let fault = "\(config.path):2:1: a settings file has no \"mous\"; did you mean \"mouse\"?"
        #expect(file.content == Settings())
        #expect(file.warning == fault + "; kmemtop goes on without its settings")
        #expect(file.save(settings { $0.ascii = true }) == fault + "; settings are not kept")
        #expect(try String(contentsOf: config, encoding: .utf8) == "ascii: true\nmous: no\n")
        #expect(file.content == Settings())
    }

    @Test func aFileThatWentBadMeanwhileIsNotWrittenOver() throws {
        var file = SettingsFile(in: folder)
        try write("theme: [\n")
        #expect(file.save(settings { $0.ascii = true })?.hasSuffix("; settings are not kept") == true)
        #expect(try String(contentsOf: config, encoding: .utf8) == "theme: [\n")
        // And once it is mended, the change goes in.
        try write("theme: dark\n")
        #expect(file.save(settings { $0.ascii = true }) == nil)
        #expect(SettingsFile(in: folder).content == settings { ($0.ascii, $0.theme) = (true, .dark) })
    }

    @Test func whatIsNoFileIsNeitherReadNorReplaced() throws {
        try write("")
        try FileManager.default.removeItem(at: config)
        try FileManager.default.createSymbolicLink(atPath: config.path, withDestinationPath: "/dev/null")
        var file = SettingsFile(in: folder)
        #expect(file.warning == "\(config.path): Not a regular file; kmemtop goes on without its settings")
        #expect(file.save(settings { $0.ascii = true }) == "\(config.path): Not a regular file; settings are not kept")
        try FileManager.default.removeItem(at: config)
        #expect(mkfifo(config.path, 0o600) == 0)
        #expect(SettingsFile(in: folder).warning == file.warning)
    }

    // MARK: Writing

    @Test func aChangeIsWrittenForTheOwnerOnly() throws {
        var file = SettingsFile(in: folder)
        let changed = settings { $0.mouse = false }
        #expect(file.save(changed) == nil && file.content == changed)
        #expect(try String(contentsOf: config, encoding: .utf8) == changed.yaml)
        let mode = { try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int }
        #expect(try mode(config.path) == 0o600)
        for folder in [config.deletingLastPathComponent(), home.appendingPathComponent(".config")] {
            #expect(try mode(folder.path) == 0o700)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: config.deletingLastPathComponent().path) == ["config.yaml"])
    }

    @Test func whatDidNotChangeIsNotWritten() {
        var file = SettingsFile(in: folder)
        #expect(file.save(Settings()) == nil)
        #expect(!FileManager.default.fileExists(atPath: home.path))
    }

    @Test func aLinkIsFollowed() throws {
        try write("")
        let real = home.appendingPathComponent("dotfiles.yaml")
        try FileManager.default.moveItem(at: config, to: real)
        try FileManager.default.createSymbolicLink(atPath: config.path, withDestinationPath: real.path)
        var file = SettingsFile(in: folder)
        #expect(file.save(settings { $0.ascii = true }) == nil)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: config.path) == real.path)
        #expect(try String(contentsOf: real, encoding: .utf8) == settings { $0.ascii = true }.yaml)
    }

    @Test func whereNothingCanBeWrittenThereIsASentence() {
        var file = SettingsFile(in: ConfigurationFolder(environment: ["XDG_CONFIG_HOME": "/proc/nothing"]))
        #expect(file.save(settings { $0.ascii = true })
            == "/proc/nothing/kmemtop/config.yaml: No such file or directory; settings are not kept")
        file = SettingsFile(in: ConfigurationFolder(environment: [:]))
        #expect(file.save(settings { $0.ascii = true })
            == "settings are not kept: neither XDG_CONFIG_HOME nor HOME is an absolute path")
    }

    @Test func ofTwoRunsEachKeepsTheOthersNotes() {
        var first = NotebookFile(in: folder), second = NotebookFile(in: folder)
        var mine = first.content, theirs = second.content
        mine.setNote("mine", at: address, in: "cycle")
        theirs.setMark(true, at: address, in: "busy")
        #expect(first.save(mine) == nil && second.save(theirs) == nil)
        // The first run still does not know of the other's mark; writing again must not take it away.
        mine.setNote("mine, again", at: address, in: "cycle")
        #expect(first.save(mine) == nil)
        let kept = NotebookFile(in: folder).content
        #expect(kept["cycle", address] == .init(note: "mine, again") && kept["busy", address] == .init(isMarked: true))
    }
}
