import Inspector
import Testing

/// Which parts of a printed text a filter looked for.
struct HighlightTests {
    private func marked(_ filter: String, _ text: String, _ fields: Set<ObjectField> = [.comm, .site, .fn]) throws -> [String] {
        try ObjectFilter(parsing: filter).highlights(in: text, of: fields).map { String(text[$0]) }
    }

    @Test func allPlacesAreMarkedInAnyCase() throws {
        #expect(try marked("ab", "xABxabx") == ["AB", "ab"])
        #expect(try marked("aa", "aaaaa") == ["aaaa"])
        #expect(try marked("abc,bcd", "xabcdx") == ["abcd"])
    }

    @Test func onlyTermsOfTheTextsFieldsMark() throws {
        #expect(try marked("comm:a fn:b name:c d !x", "abcdx") == ["ab", "d"])
        #expect(try marked("comm:a fn:b d", "abcd", [.fn]) == ["b", "d"])
        #expect(try marked("size>5 age<5 colour:white", "5 white").isEmpty)
        #expect(try ObjectFilter(parsing: "note:a").highlights(in: "a").count == 1)
    }

    @Test func aWholeTextIsMarkedWhenItIsTheOne() throws {
        #expect(try marked("fn=hub_probe", "hub_probe+0x1/0x2") == ["hub_probe"])
        #expect(try marked("fn=hub", "hub_probe+0x1/0x2").isEmpty)
    }

    @Test func wholeCharactersAreMarked() throws {
        #expect(try marked("e", "xe\u{301}x") == ["e\u{301}"])
        #expect(try marked("e\u{301}", "xe\u{301}x") == ["e\u{301}"])
        #expect(try marked("\u{301}x", "e\u{301}x") == ["e\u{301}x"])
        #expect(try marked("note:\"\"", "abc", [.note]).isEmpty)
    }
}
