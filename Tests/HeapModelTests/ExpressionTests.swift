import HeapModel
import Testing

struct ExpressionTests {
    private let variables: Expression.Variables = ["i": .number(7), "n": .number(100), "text": .text("usb"), "zero": .number(0)]

    @Test(arguments: [
        ("5", 5), ("0x10", 16), ("i", 7), ("2+3*i", 23), ("n%64", 36), ("n/8", 12), ("n*3%7", 6), ("n%7*3", 6), ("1 + n % 8 * 16", 65),
        ("", nil), ("+", nil), ("i+", nil), ("*2", nil), ("2**3", nil), ("text", nil), ("j", nil), ("n/zero", nil), ("n%0", nil),
        ("0xffffffffffffffff+1", nil), ("0xffffffffffffffff*2", nil), ("-1", nil), ("2-1", nil),
        ("0x", nil), ("0x+5", nil), ("٣", nil), ("1+\u{308}2", nil),
    ] as [(String, UInt64?)])
    func valuesAreExactOrNone(text: String, value: UInt64?) {
        #expect(Expression.value(text, variables) == value)
    }

    @Test func textsTakeValues() {
        #expect(Expression.substitute("node${n%3}_${text}.${i}", variables) == "node1_usb.7")
        #expect(Expression.substitute("plain", variables) == "plain")
        #expect(Expression.substitute("$ $${i}$", variables) == "$ $7$")
        #expect(Expression.substitute("${i}\u{301}", variables)?.unicodeScalars.elementsEqual(["7", "\u{301}"]) == true)
        #expect(Expression.substitute("${n/zero}", variables) == nil && Expression.substitute("${i", variables) == nil)
    }
}
