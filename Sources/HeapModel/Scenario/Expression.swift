/// Numbers and small sums in scenarios: `0x40+8*i`.
enum Expression {
    /// A decimal or `0x…` number.
    static func number(_ text: some StringProtocol) -> UInt64? {
        guard let first = text.first, first != "+" else { return nil }
        return text.hasPrefix("0x") || text.hasPrefix("0X") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    /// Sums of products of numbers and variables; nil when it is none, or too large.
    static func value(_ text: some StringProtocol, _ variables: [String: UInt64]) -> UInt64? {
        var sum: UInt64 = 0
        for term in text.split(separator: "+", omittingEmptySubsequences: false) {
            var product: UInt64 = 1
            for factor in term.split(separator: "*", omittingEmptySubsequences: false) {
                let name = String(factor.filter { $0 != " " })
                guard let value = variables[name] ?? number(name) else { return nil }
                let (next, overflowed) = product.multipliedReportingOverflow(by: value)
                guard !overflowed else { return nil }
                product = next
            }
            let (next, overflowed) = sum.addingReportingOverflow(product)
            guard !overflowed else { return nil }
            sum = next
        }
        return sum
    }

    /// Puts the values of `${…}` into a text; nil when one of them has none.
    static func substitute(_ text: String, _ variables: [String: UInt64]) -> String? {
        guard text.contains("${") else { return text }
        var result = "", rest = text[...]
        while let open = rest.firstRange(of: "${") {
            result += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstIndex(of: "}"), let value = value(rest[..<close], variables) else { return nil }
            result += String(value)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
