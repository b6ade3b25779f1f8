import Inspector
import Testing

/// What is no filter is told in one sentence, with the place.
struct FilterErrorTests {
    @Test(arguments: [
        ("sizee>5", "column 1: no field is called \"sizee\"; did you mean \"size\"?"),
        ("a comn:5", "column 3: no field is called \"comn\"; did you mean \"comm\"?"),
        ("elephant:5", "column 1: no field is called \"elephant\"; put text in quotes"),
        ("size > 512", "column 6: expected a field right before \">\", such as size>512; put text in quotes"),
        (":5", "column 1: expected a field right before \":\", such as size:512; put text in quotes"),
        ("comm<5", "column 5: comm takes : = !=, found \"<\""),
        ("age:60s", "column 4: age takes < <= > >=, found \":\""),
        ("size:", "column 6: size: expected a value, without a blank before it"),
        ("colour:white,", "column 14: colour: expected a value, without a blank before it"),
        ("size:big", "column 6: size: expected bytes, such as 512, 4k or 0x200, found \"big\""),
        ("size:20000000000G", "column 6: size: expected bytes, such as 512, 4k or 0x200, found \"20000000000G\""),
        ("size:-5", "column 6: size: expected bytes, such as 512, 4k or 0x200, found \"-5\""),
        ("pid:5000000000", "column 5: pid: expected a number of 32 bits, found \"5000000000\""),
        ("age<5y", "column 5: age: expected a time, such as 30s, 1.5m or 2h, found \"5y\""),
        ("age<99999999999999d", "column 5: age: expected a time, such as 30s, 1.5m or 2h, found \"99999999999999d\""),
        ("addr:hub", "column 6: addr: expected an address, such as 0xffff888000ad0c00, found \"hub\""),
        ("addr:0xffff+x", "column 6: addr: expected a length in bytes behind +, found \"0xffff+x\""),
        ("addr:0xffffffffffffffff+2", "column 6: 0xffffffffffffffff+2 is larger than any number of 64 bits"),
        ("size:9-5", "column 6: 9-5 ends before it begins"),
        ("size<5,6", "column 7: size: a comma gives alternatives for : = != only"),
        ("colour:wite", "column 8: colour: expected one of white gray scanned ignored leak, found \"wite\"; did you mean \"white\"?"),
        ("colour:black", "column 8: black is \"ignored\" to kmemleak and \"scanned\" to textbooks; say one of those"),
        ("flag:NOSCAM", "column 6: flag: expected one of ALLOCATED REPORTED NO_SCAN FULL_SCAN PHYS PERCPU, found \"NOSCAM\"; did you mean \"NO_SCAN\"?"),
        ("mark:maybe", "column 6: mark: expected one of yes no, found \"maybe\""),
        ("a !", "column 3: expected a term right after \"!\""),
        ("! a", "column 1: expected a term right after \"!\""),
        ("!!a", "column 1: expected a term right after \"!\""),
        ("\"\"", "column 1: expected a text to look for"),
        ("a,,b", "column 3: expected a text to look for"),
        ("é \"ab", "column 3: the quote that begins here has no end"),
        ("e\u{301} \"ab\\\"", "column 3: the quote that begins here has no end"),
        ("\"ab\"c", "column 5: expected a blank or a comma after the quote"),
    ])
    func theMistakeIsTold(text: String, message: String) {
        let error = #expect(throws: FilterError.self) { try ObjectFilter(parsing: text) }
        #expect(error?.description == message)
    }
}
