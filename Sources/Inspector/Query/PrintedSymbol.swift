import HeapModel

/// A code address as `%pS` prints it: `hub_probe+0x144/0x804 [hub]`.
package struct PrintedSymbol: Equatable, Sendable {
    package let function: String
    /// In bytes, from the function's beginning.
    package let offset: UInt64
    /// Without brackets; nil for the kernel's own.
    package let module: String?

    /// nil when there is no offset.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard let symbol = words.first, let plus = symbol.lastIndex(of: "+") else { return nil }
        let digits = symbol[symbol.index(after: plus)...].prefix { $0 != "/" }
        guard let offset = Expression.number(digits) else { return nil }
        function = String(symbol[..<plus])
        self.offset = offset
        module = words.dropFirst().first.map { String($0.drop { $0 == "[" }.prefix { $0 != "]" }) }
    }

    /// Where functions begin, told from the places in them that have names; those of modules also as `hub_probe [hub]`.
    /// Of several functions of one name, the lowest.
    package static func starts(_ symbols: some Sequence<(Address, String)>) -> [String: Address] {
        var starts: [String: Address] = [:]
        for (address, text) in symbols {
            let symbol = PrintedSymbol(text)
            let start = Address(address.rawValue &- (symbol?.offset ?? 0))
            let function = symbol?.function ?? text
            for name in [function] + (symbol?.module.map { ["\(function) [\($0)]"] } ?? []) {
                starts[name] = min(starts[name] ?? start, start)
            }
        }
        return starts
    }
}
