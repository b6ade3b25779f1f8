import Inspector
import Testing

struct SettingsTests {
    private func read(_ yaml: String) throws -> Settings { try Settings(yaml: Array(yaml.utf8), file: "config.yaml") }

    private var unusual: Settings {
        var settings = Settings()
        settings.theme = .light
        settings.mouse = false
        settings.ascii = true
        settings.hintsSeen = true
        settings.layout = ["wide": ["objects-log": 0.7, "odd: name": 0.1 + 0.2], "compact": ["top": 0.05]]
        return settings
    }

    @Test func whatIsWrittenIsReadBack() throws {
        #expect(try read(Settings().yaml) == Settings())
        #expect(try read(unusual.yaml) == unusual)
    }

    @Test func whatAFileDoesNotSayKeepsItsDefault() throws {
        #expect(try read("") == Settings() && read("# nothing yet\n") == Settings())
        var expected = Settings()
        expected.ascii = true
        #expect(try read("ascii: true\n") == expected)
    }

    @Test func anEmptyLayoutIsWrittenAsNone() throws {
        var settings = Settings()
        settings.layout = ["wide": [:]]
        #expect(settings.yaml == Settings().yaml)
    }

    @Test(arguments: [
        ("mous: true", "1:1: a settings file has no \"mous\"; did you mean \"mouse\"?"),
        ("xyzzyx: 1", "1:1: a settings file has no \"xyzzyx\"; it has theme, mouse, ascii, layout, hints_seen"),
        ("theme: light\nmouse: perhaps", "2:8: expected mouse as true or false, found \"perhaps\""),
        ("ascii: [true]", "1:8: expected ascii, found a list"),
        ("theme: pink", "1:8: expected theme: auto, dark, light, contrast, classic; found \"pink\""),
        ("layout: 3", "1:9: expected layout as a mapping, found \"3\""),
        ("layout: {wider: {}}", "1:10: layout has no \"wider\"; did you mean \"wide\"?"),
        ("layout:\n  wide:\n    top: 0.96", "3:10: expected top as a number from 0.05 to 0.95, found \"0.96\""),
        ("layout:\n  wide:\n    top: nan", "3:10: expected top as a number from 0.05 to 0.95, found \"nan\""),
        ("layout:\n  wide:\n    top: 0x1p-1", "3:10: expected top as a number from 0.05 to 0.95, found \"0x1p-1\""),
        ("- theme", "1:1: expected a settings file as a mapping, found a list"),
        ("mouse: true\nmouse: true", "1:1: expected each key once, found \"mouse\" again"),
        ("a: b: c", "1:5: expected YAML: mapping values are not allowed in this context"),
    ])
    func aMistakeIsToldWithItsPlace(yaml: String, message: String) throws {
        let error = #expect(throws: SettingsError.self) { try read(yaml) }
        #expect(error?.description == "config.yaml:" + message)
    }

    @Test func aDamagedFileGivesSettingsOrASentence() {
        let good = Array(unusual.yaml.utf8)
        for index in good.indices {
            for replacement in [[], [0x00], [0xff], Array("\n".utf8), Array("{".utf8)] as [[UInt8]] {
                var bytes = good
                bytes.replaceSubrange(index...index, with: replacement)
                do throws(SettingsError) { _ = try Settings(yaml: bytes, file: "f") } catch {
                    #expect(!error.message.isEmpty && !error.description.contains("\n"))
                }
            }
        }
    }

    @Test func changesGoIntoWhatAnotherRunLeft() {
        var theirs = Settings()
        theirs.theme = .dark
        theirs.layout = ["wide": ["a": 0.5, "b": 0.5]]
        var new = Settings()
        new.mouse = false
        new.layout = ["wide": ["b": 0.7]]
        var expected = theirs
        expected.mouse = false
        expected.layout = ["wide": ["a": 0.5, "b": 0.7]]
        #expect(theirs.applying(changesFrom: Settings(), to: new) == expected)
        #expect(new.applying(changesFrom: new, to: Settings()) == Settings())
    }
}
