import HeapModel

/// Reads a filter, scalar by scalar: a mark that joins the character before it must not hide a quote or a blank.
struct FilterParser {
    private let scalars: [Unicode.Scalar]
    private var place = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func terms() throws(FilterError) -> [FilterTerm] {
        var terms: [FilterTerm] = []
        while true {
            skip(while: FilterText.isBlank)
            guard place < scalars.count else { return terms }
            terms.append(try term())
        }
    }

    private mutating func term() throws(FilterError) -> FilterTerm {
        let isNegated = scalars[place] == "!" && peek(1) != "="
        if isNegated { place += 1 }
        guard place < scalars.count, !FilterText.isBlank(scalars[place]), !isNegated || scalars[place] != "!" else {
            throw error(at: place - 1, .noTerm)
        }
        let start = place
        let name = taken(while: { $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_") })
        // What begins with a digit is no name of a field: `3:4` is a text.
        guard name.first?.isNumber != true, let sign = takenOperator() else {
            place = start
            let words = try values(of: nil).map { TextPattern($0.text) }
            return FilterTerm(isNegated: isNegated, test: .text(.word, words, isWhole: false))
        }
        guard !name.isEmpty else { throw error(at: start, .noField(sign.rawValue)) }
        guard let field = FilterField.named(name) else {
            throw error(at: start, .unknownField(name, nearest: NearestNames.to(name.lowercased(), in: FilterField.names).first))
        }
        guard field.operators.contains(sign) else {
            let place = start + name.unicodeScalars.count
            throw error(at: place, .wrongOperator(field: field.name, sign.rawValue, expected: field.operators))
        }
        let values = try values(of: field)
        return FilterTerm(isNegated: isNegated != (sign == .differs), test: try test(field, sign, values))
    }

    private func test(
        _ field: FilterField, _ sign: FilterOperator, _ values: [(text: String, place: Int)]
    ) throws(FilterError) -> FilterTerm.Test {
        switch field.kind {
        case .text: return .text(field.field, values.map { TextPattern($0.text) }, isWhole: sign != .has)
        case .choice(let choices):
            var mask: UInt32 = 0
            for value in values { mask |= try bits(of: value, field, choices) }
            return .choice(field.field, mask)
        case .bytes, .address, .number, .age:
            if FilterOperator.comparing.contains(sign) {
                guard values.count == 1 else { throw error(at: values[1].place - 1, .severalLimits(field: field.name)) }
                return .limit(field.field, sign, try read(values[0], of: field, as: FilterNumber.value))
            }
            var ranges: [ClosedRange<UInt64>] = []
            for value in values { ranges.append(try read(value, of: field, as: FilterNumber.range)) }
            return .numbers(field.field, ranges)
        }
    }

    /// Puts the column into what is wrong with a value.
    private func read<Value>(
        _ value: (text: String, place: Int), of field: FilterField,
        as reader: (String, FilterField) throws(FilterNumber.Failure) -> Value
    ) throws(FilterError) -> Value {
        do { return try reader(value.text, field) } catch { throw self.error(at: value.place, error.reason) }
    }

    private func bits(
        of value: (text: String, place: Int), _ field: FilterField, _ choices: [FilterField.Choice]
    ) throws(FilterError) -> UInt32 {
        func plain(_ text: String) -> String { text.lowercased().filter { $0 != "_" && $0 != "-" } }
        let wanted = plain(value.text)
        if let choice = choices.first(where: { plain($0.name) == wanted }) { return choice.bits }
        if field.field == .colour, wanted == "black" { throw error(at: value.place, .black) }
        let near = NearestNames.to(wanted, in: choices.map { plain($0.name) }).first
        let nearest = choices.first { plain($0.name) == near }?.name
        throw error(at: value.place, .wrongValue(
            field: field.name, value.text, expected: "one of \(choices.distinct.joined(separator: " "))", nearest: nearest))
    }
}

// The pieces of a term.
extension FilterParser {
    /// Values between commas, each with its place; of a word when there is no field. Only fields may be asked for `""`.
    private mutating func values(of field: FilterField?) throws(FilterError) -> [(text: String, place: Int)] {
        var values: [(text: String, place: Int)] = []
        while true {
            let start = place, isQuoted = peek(0) == "\""
            let text = isQuoted ? try quotedText() : taken { !FilterText.isBlank($0) && $0 != "," }
            guard !text.isEmpty || isQuoted && field != nil else {
                throw error(at: start, field.map { .noValue(field: $0.name) } ?? .noText)
            }
            values.append((text, start))
            guard let next = peek(0), !FilterText.isBlank(next) else { return values }
            guard next == "," else { throw error(at: place, .textAfterQuote) }
            place += 1
        }
    }

    private mutating func quotedText() throws(FilterError) -> String {
        let start = place
        var text = String.UnicodeScalarView()
        place += 1
        while let scalar = peek(0) {
            place += 1
            if scalar == "\"" { return String(text) }
            if scalar == "\\", let next = peek(0), next == "\"" || next == "\\" {
                text.append(next)
                place += 1
            } else {
                text.append(scalar)
            }
        }
        throw error(at: start, .openQuote)
    }

    /// The longest operator that stands here.
    private mutating func takenOperator() -> FilterOperator? {
        let sign = FilterOperator.allCases.sorted { $0.rawValue.count > $1.rawValue.count }
            .first { scalars[place...].starts(with: $0.rawValue.unicodeScalars) }
        place += sign?.rawValue.count ?? 0
        return sign
    }

    private func peek(_ distance: Int) -> Unicode.Scalar? { place + distance < scalars.count ? scalars[place + distance] : nil }

    private mutating func taken(while isPart: (Unicode.Scalar) -> Bool) -> String {
        let start = place
        skip(while: isPart)
        return String(String.UnicodeScalarView(scalars[start..<place]))
    }

    private mutating func skip(while isPart: (Unicode.Scalar) -> Bool) {
        while let scalar = peek(0), isPart(scalar) { place += 1 }
    }

    /// Columns count what a person sees as characters.
    private func error(at place: Int, _ reason: FilterError.Reason) -> FilterError {
        FilterError(column: String(String.UnicodeScalarView(scalars[..<max(0, place)])).count + 1, reason: reason)
    }
}
