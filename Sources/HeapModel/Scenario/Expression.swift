/// Numbers and small sums in scenarios: `0x40+8*i`.
package enum Expression {
    /// What the variable of a repeat stands for.
    package enum Value: Sendable {
        case number(UInt64)
        case text(String)
    }

    package typealias Variables = [String: Value]

    /// A decimal or `0x…` number.
    package static func number(_ text: some StringProtocol) -> UInt64? {
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = text.dropFirst(isHexadecimal ? 2 : 0)
        return digits.first == "+" || digits.first == "-" ? nil : UInt64(digits, radix: isHexadecimal ? 16 : 10)
    }

    /// Sums of products of numbers and variables; nil when it is none, or too large.
    package static func value(_ text: some StringProtocol, _ variables: Variables) -> UInt64? {
        var sum: UInt64 = 0
        for term in text.split(separator: "+", omittingEmptySubsequences: false) {
            var product: UInt64 = 1
            for factor in term.split(separator: "*", omittingEmptySubsequences: false) {
                let name = String(factor.filter { $0 != " " })
                guard let value = self.number(named: name, variables) else { return nil }
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

    private static func number(named name: String, _ variables: Variables) -> UInt64? {
        if case .number(let value)? = variables[name] { value } else { number(name) }
    }

    /// Puts the values of `${…}` into a text; nil when one of them has none.
    package static func substitute(_ text: String, _ variables: Variables) -> String? {
        guard text.contains("${") else { return text }
        var result = "", rest = text[...]
        while let open = rest.firstRange(of: "${") {
            result += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstIndex(of: "}") else { return nil }
            if case .text(let text)? = variables[String(rest[..<close])] {
                result += text
            } else if let value = value(rest[..<close], variables) {
                result += String(value)
            } else {
                return nil
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
