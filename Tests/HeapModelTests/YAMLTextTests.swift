import Testing

@testable import HeapModel

struct YAMLTextTests {
    private func read(_ yaml: String) throws -> String? {
        try YAMLNode.document(Array(yaml.utf8), file: "t", what: "a test", sizeLimit: 1 << 20)?.text("a text")
    }

    @Test(arguments: [
        "", "plain", "-", "-a", "a-b_9", "a: b", "# no comment", "'", "\"", "\\", "\\n", "{}", "[", "&name *name", "|", "> ", "%a", "@", "`",
        " blanks ", "null", "~", "0x10", "tab\there", "line\nline\r\n", "\u{0}\u{1b}[31m\u{7f}", "\u{85}\u{2028}\u{2029}\u{feff}",
        "żółw ☃ 漢字 🐢👩‍👩‍👧", "e\u{301}", "\u{fffe}\u{ffff}\u{10ffff}",
    ])
    func aTextIsReadBackAsItWas(text: String) throws {
        #expect(try read(YAMLText.quoted(text))?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(try read(YAMLText.scalar(text))?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(!YAMLText.quoted(text).unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func plainNamesStandWithoutQuotes() {
        #expect(YAMLText.scalar("hub-probe") == "hub-probe" && YAMLText.scalar("a b") == "\"a b\"")
    }

    @Test func everyScalarOfTheFirstPlaneIsReadBack() throws {
        for start in stride(from: 0, to: 0x10000, by: 0x400) {
            let text = (start..<start + 0x400).compactMap { Unicode.Scalar($0) }.map { String($0) + "." }.joined()
            #expect(try read(YAMLText.quoted(text)) == (text.isEmpty ? "" : text), "U+\(String(start, radix: 16))")
        }
    }

    @Test func nothingButCommentsIsNoDocument() throws {
        #expect(try read("") == nil && read("# a comment\n\n") == nil)
    }
}
