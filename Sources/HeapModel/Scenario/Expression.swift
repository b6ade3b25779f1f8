/// Numbers and small sums in scenarios: `0x40+8*i`, `n%64`.
package enum Expression {
    /// What the variable of a repeat stands for.
    package enum Value: Sendable {
        case number(UInt64)
        case text(String)
    }

    package typealias Variables = [String: Value]

    /// A decimal or `0x…` number.
    package static func number(_ text: some StringProtocol) -> UInt64? {
        // Most of what is asked is a name.
        guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = text.dropFirst(isHexadecimal ? 2 : 0)
        return digits.first == "+" || digits.first == "-" ? nil : UInt64(digits, radix: isHexadecimal ? 16 : 10)
    }

    /// Sums of terms of numbers and variables, a term being `*`, `/` and `%` from left to right; nil when it is none, too
    /// large, or divides by zero.
    package static func value(_ text: some StringProtocol, _ variables: Variables) -> UInt64? {
        var sum: UInt64 = 0
        for term in text.utf8.split(separator: UInt8(ascii: "+"), omittingEmptySubsequences: false) {
            guard let value = self.term(term.filter { $0 != UInt8(ascii: " ") }, variables) else { return nil }
            let (next, overflowed) = sum.addingReportingOverflow(value)
            guard !overflowed else { return nil }
            sum = next
        }
        return sum
    }

    private static func term(_ text: [UInt8], _ variables: Variables) -> UInt64? {
        var result: UInt64 = 1, operation = UInt8(ascii: "*"), rest = text[...]
        while true {
            let name = rest.prefix { !operations.contains($0) }
            guard let value = number(named: String(decoding: name, as: UTF8.self), variables) else { return nil }
            switch operation {
            case UInt8(ascii: "*"):
                let (product, overflowed) = result.multipliedReportingOverflow(by: value)
                guard !overflowed else { return nil }
                result = product
            default:
                guard value > 0 else { return nil }
                result = operation == UInt8(ascii: "/") ? result / value : result % value
            }
            rest = rest.dropFirst(name.count)
            guard let next = rest.popFirst() else { return result }
            operation = next
        }
    }

    private static let operations = Array("*/%".utf8)

    private static func number(named name: String, _ variables: Variables) -> UInt64? {
        if case .number(let value)? = variables[name] { value } else { number(name) }
    }

    /// Puts the values of `${…}` into a text; nil when one of them has none.
    package static func substitute(_ text: String, _ variables: Variables) -> String? {
        var result = "", rest = text[...]
        while let open = opening(of: rest) {
            result += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.utf8.firstIndex(of: UInt8(ascii: "}")) else { return nil }
            if case .text(let text)? = variables[String(rest[..<close])] {
                result += text
            } else if let value = value(rest[..<close], variables) {
                result += String(value)
            } else {
                return nil
            }
            // Not its Character, which may have more to it.
            rest = rest[rest.utf8.index(after: close)...]
        }
        // Nearly all texts have none.
        return rest.startIndex == text.startIndex ? text : result + rest
    }

    /// Whether it is another text once its variables have values.
    static func hasPlaceholder(_ text: String) -> Bool { opening(of: text[...]) != nil }

    /// Where the first `${` stands.
    private static func opening(of text: Substring) -> Range<String.Index>? {
        let bytes = text.utf8
        var rest = bytes[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            let brace = bytes.index(after: dollar)
            rest = bytes[brace...]
            if rest.first == UInt8(ascii: "{") { return dollar..<bytes.index(after: brace) }
        }
        return nil
    }
}
