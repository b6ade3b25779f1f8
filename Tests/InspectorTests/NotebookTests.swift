import HeapModel
import Inspector
import Testing

struct NotebookTests {
    private let hub = Address(0xffff_ffc0_08ef_cc00), other = Address(0x10)

    private func read(_ yaml: String) throws -> Notebook { try Notebook(yaml: Array(yaml.utf8), file: "notes.yaml") }

    private var notebook: Notebook {
        var notebook = Notebook()
        notebook.setMark(true, at: hub, in: "hub-probe")
        notebook.setNote("probe: *urb & \"hub\" never freed 🐢", at: hub, in: "hub-probe")
        notebook.setMark(true, at: other, in: "hub-probe")
        notebook.setNote("see &urb", at: other, in: "/tmp/a b: c.yaml")
        return notebook
    }

    @Test func anEntryIsFoundUntilItSaysNothing() {
        var notebook = notebook
        #expect(notebook["hub-probe", hub] == .init(isMarked: true, note: "probe: *urb & \"hub\" never freed 🐢"))
        #expect(notebook["cycle", hub] == nil && notebook.entries(of: "hub-probe").count == 2)
        notebook.setMark(false, at: hub, in: "hub-probe")
        #expect(notebook["hub-probe", hub]?.isMarked == false)
        notebook.setNote(" \n", at: hub, in: "hub-probe")
        #expect(notebook["hub-probe", hub] == nil)
        notebook["hub-probe", other] = nil
        #expect(notebook.entries(of: "hub-probe").isEmpty)
        notebook["/tmp/a b: c.yaml", other] = .init()
        #expect(notebook == Notebook())
    }

    @Test func aNoteIsOneLineWithoutControlCharacters() {
        #expect(Notebook.Entry(note: " a\u{1b}[31m\r\nb\u{2028}c\t").note == "a [31m b c")
        #expect(Notebook.Entry(note: "żółw 👩‍👩‍👧").note == "żółw 👩‍👩‍👧")
    }

    @Test func theFileIsForPeopleToo() {
        #expect(notebook.yaml == """
            # Marks and notes on objects, by source (a scenario's name or the path of a file) and address. kmemtop writes
            # this file anew when one of them changes.

            "/tmp/a b: c.yaml":
              0x00000010:
                note: "see &urb"

            hub-probe:
              0x00000010:
                mark: true
              0xffffffc008efcc00:
                mark: true
                note: "probe: \\x2aurb & \\"hub\\" never freed 🐢"

            """)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        #expect(try read(notebook.yaml) == notebook)
        #expect(try read(Notebook().yaml) == Notebook())
    }

    @Test func whatIsWrittenByHandIsReadAndCleaned() throws {
        var expected = Notebook()
        expected.setNote("two lines", at: other, in: "cycle")
        #expect(try read("cycle: {16: {mark: false, note: \"two\\nlines\\e\"}, 0x20: {}}\nbusy: {}\n") == expected)
    }

    @Test(arguments: [
        ("hub-probe: {0x10: {marked: true}}", "1:20: a note has no \"marked\"; did you mean \"mark\"?"),
        ("hub-probe: {here: {mark: true}}", "1:13: expected an address as a number, found \"here\""),
        ("hub-probe: {0x10: {mark: 1}}", "1:26: expected mark as true or false, found \"1\""),
        ("hub-probe: {0x10: {note: [a]}}", "1:26: expected note, found a list"),
        ("hub-probe: []", "1:12: expected the notes on hub-probe as a mapping, found a list"),
        ("c: {0x10: {mark: true}, 16: {mark: true}}", "1:25: 0x00000010 stands here twice"),
        ("c: {0x10: {mark: true}, \"0x10\": {mark: true}}", "1:5: expected each key once, found \"0x10\" again"),
    ])
    func aMistakeIsToldWithItsPlace(yaml: String, message: String) throws {
        let error = #expect(throws: SettingsError.self) { try read(yaml) }
        #expect(error?.description == "notes.yaml:" + message)
    }

    @Test func changesOfThisRunWinAndOthersStay() {
        var theirs = notebook
        theirs.setNote("theirs", at: hub, in: "hub-probe")
        theirs.setNote("new", at: other, in: "cycle")
        var mine = notebook
        mine.setNote("mine", at: hub, in: "hub-probe")
        mine["hub-probe", other] = nil
        var expected = theirs
        expected.setNote("mine", at: hub, in: "hub-probe")
        expected["hub-probe", other] = nil
        #expect(theirs.applying(changesFrom: notebook, to: mine) == expected)
    }
}
