import HeapModel
import Inspector
import Testing

/// No text makes the reader trap, and what it reads it prints so that it reads the same again.
struct FilterFuzzTests {
    private static let tokens: [String] = FilterField.names + FilterOperator.allCases.map(\.rawValue) + [
        " ", " ", " ", "!", ",", "\"", "\\", "0", "-1", "512", "0x", "0xffff888000000000", "ffffffffffffffff", "18446744073709551615", "k",
        "M", "G", "s", "m", "h", "d", ".5", "-", "+", "white", "leak", "NO_SCAN", "yes", "percpu", "hub_probe", "[x]", "\u{301}", "é", "\t",
        "\n", "\u{0}", "\u{200d}", "🐧", "½", "２", "4294967295", "-2147483648", "1099511627775",
    ]

    @Test func whatIsReadIsPrintedAndReadAgain() throws {
        var generator = SplitMix64(seed: 20)
        var readCount = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                Self.tokens.randomElement(using: &generator) ?? ""
            }.joined()
            guard let filter = try? ObjectFilter(parsing: text) else { continue }
            readCount += 1
            let printed = filter.description
            let again = try ObjectFilter(parsing: printed)
            #expect(again == filter && again.description == printed, "\(text.debugDescription) → \(printed.debugDescription)")
            #expect(filter.matches(StubFacts()) == again.matches(StubFacts()), "\(text.debugDescription)")
            for range in filter.highlights(in: text) { #expect(!text[range].isEmpty) }
        }
        #expect(readCount > 2000)
    }

    /// Terms that mean something, so that numbers of all sizes are printed and read.
    @Test func termsOfEachFieldArePrintedAndReadAgain() throws {
        var generator = SplitMix64(seed: 21)
        var readCount = 0
        for _ in 0..<20_000 {
            let field = FilterField.table.randomElement(using: &generator)!
            let sign = field.operators.randomElement(using: &generator)!
            let value = UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0...63, using: &generator)
            let unit = ["", "", "k", "M", "G", "s", "m", "h", "d", ".25", ".000001d", "-0xffffffffffffffff", "+1", ",7"].randomElement(using: &generator)!
            let text = (Bool.random(using: &generator) ? "!" : "") + field.name + sign.rawValue + String(value) + unit
            guard let filter = try? ObjectFilter(parsing: text) else { continue }
            readCount += 1
            #expect(try ObjectFilter(parsing: filter.description) == filter, "\(text) → \(filter)")
        }
        #expect(readCount > 5000)
    }
}
