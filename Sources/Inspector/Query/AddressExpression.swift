import HeapModel

/// An address as a person writes it: a number or a name, and what is added to it or taken away.
///
///     0xffff888004c3a400   ffff888004c3a400   [<ffffffff8123>]   node[3]+0x10
///     .data+64             hub_probe+0x40/0x120 [hub]
package enum AddressExpression {
    /// What may be called by a name.
    package struct Places: Sendable {
        /// Objects, areas and roots.
        package var names: [String: Address]
        /// Functions and variables, by where they begin; those of modules also as `hub_probe [hub]`.
        package var symbols: [String: Address]

        package init(names: [String: Address] = [:], symbols: [String: Address] = [:]) {
            self.names = names
            self.symbols = symbols
        }

        package subscript(name: String) -> Address? { names[name] ?? symbols[name] }
    }

    /// Longer texts, in bytes, are none: each sign in them might be where a name ends.
    private static let longest = 256

    /// Reads a number: `0x…`, or digits with a letter from a to f, are hexadecimal, and so are 16 digits, as addresses of
    /// the kernel have; other digits are decimal. nil for anything else and for what takes more than 64 bits.
    package static func number(_ text: some StringProtocol) -> UInt64? {
        guard text.first?.isHexDigit == true else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return Expression.number(text) }
        let isDecimal = text.utf8.count != 16 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return UInt64(text, radix: isDecimal ? 10 : 16)
    }

    /// A name of the places goes before a number, unless it begins with a digit: `cafe` may be an object.
    package static func address(_ text: String, in places: Places) throws(AddressError) -> Address {
        let text = trimmed(text[...])
        guard !text.isEmpty, text.utf8.count <= longest else { throw AddressError(text: String(text.prefix(40)), reason: .none) }
        if let address = places[String(text)] { return address }
        if let bracketed = bracketed(text) { return try sum(bracketed, module: nil, places) }
        if let (symbol, module) = printedSymbol(text) { return try sum(symbol, module: module, places) }
        return try sum(text, module: nil, places)
    }

    /// The longest beginning that is a name or a number is what the rest is added to.
    private static func sum(_ text: Substring, module: Substring?, _ places: Places) throws(AddressError) -> Address {
        let signs = text.indices.filter { isSign(text[$0]) }
        for end in [text.endIndex] + signs.reversed() {
            guard let base = base(trimmed(text[..<end]), module, places) else { continue }
            return try sum(base, text[end...])
        }
        let name = trimmed(text[..<(signs.first ?? text.endIndex)])
        if name.first?.isNumber == true, name.allSatisfy(\.isHexDigit) || name.hasPrefix("0x") || name.hasPrefix("0X") {
            throw AddressError(text: String(name), reason: .noNumber)
        }
        throw AddressError(text: String(name), reason: .unknown(nearest: nearest(String(name), places)))
    }

    private static func base(_ text: Substring, _ module: Substring?, _ places: Places) -> Address? {
        let name = String(text)
        let named = module.flatMap { places["\(name) [\($0)]"] } ?? places[name]
        let number = number(text).map { Address($0) }
        return text.first?.isNumber == true ? number ?? named : named ?? number
    }

    /// Adds `+0x40-8`.
    private static func sum(_ base: Address, _ offsets: Substring) throws(AddressError) -> Address {
        var value = base.rawValue, rest = offsets
        while let sign = rest.popFirst() {
            let end = rest.firstIndex(where: isSign) ?? rest.endIndex
            let text = trimmed(rest[..<end])
            guard let offset = number(text) else { throw AddressError(text: "\(sign)\(text)", reason: .noOffset) }
            let (sum, overflowed) = sign == "+"
                ? value.addingReportingOverflow(offset) : value.subtractingReportingOverflow(offset)
            guard !overflowed else { throw AddressError(text: "\(Address(value))\(sign)\(text)", reason: .outside) }
            value = sum
            rest = rest[end...]
        }
        return Address(value)
    }

    private static func isSign(_ character: Character) -> Bool { character == "+" || character == "-" }

    /// The names most like the mistaken one, objects before symbols. Of very many, those that begin alike are compared.
    private static func nearest(_ name: String, _ places: Places) -> [String] {
        func near(_ names: some Sequence<String>) -> [String] {
            let alike = names.filter { $0.utf8.first == name.utf8.first && abs($0.utf8.count - name.utf8.count) <= 3 }
            return NearestNames.to(name, in: alike.sorted().prefix(2_000))
        }
        return Array((near(places.names.keys) + near(places.symbols.keys)).prefix(2))
    }
}

// What the kernel prints around an address.
extension AddressExpression {
    /// `ffffffff8123` of `[<ffffffff8123>] hub_probe+0x40/0x120`.
    private static func bracketed(_ text: Substring) -> Substring? {
        guard text.hasPrefix("[<") || text.hasPrefix("<"), let end = text.firstIndex(of: ">") else { return nil }
        return trimmed(text[..<end].drop { $0 == "[" || $0 == "<" })
    }

    /// `hub_probe+0x40` and `hub` of `hub_probe+0x40/0x120 [hub]`; nil without the function's length.
    private static func printedSymbol(_ text: Substring) -> (symbol: Substring, module: Substring?)? {
        var symbol = text, module: Substring?
        if text.last == "]", let open = text.lastIndex(of: "["), open > text.startIndex, text[text.index(before: open)] == " " {
            module = text[text.index(after: open)...].dropLast()
            symbol = trimmed(text[..<open])
        }
        guard let slash = symbol.lastIndex(of: "/"), symbol[symbol.index(after: slash)...].hasPrefix("0x"),
            number(symbol[symbol.index(after: slash)...]) != nil
        else { return module == nil ? nil : (symbol, module) }
        return (symbol[..<slash], module)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
