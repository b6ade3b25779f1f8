/// Why a text is no filter: where, and what was expected there.
package struct FilterError: Error, Equatable, CustomStringConvertible {
    /// Of the character at fault, from 1.
    package let column: Int
    package let reason: Reason

    package enum Reason: Equatable, Sendable {
        case unknownField(String, nearest: String?)
        /// An operator without a field.
        case noField(String)
        case wrongOperator(field: String, String, expected: [FilterOperator])
        case wrongValue(field: String, String, expected: String, nearest: String? = nil)
        case noTerm
        case noText
        case noValue(field: String)
        case openQuote
        case textAfterQuote
        /// Alternatives behind `<` and its like.
        case severalLimits(field: String)
        case backwardsRange(String)
        case tooLarge(String)
        /// Kmemleak and textbooks call different things black.
        case black
    }

    package var description: String { "column \(column): \(reason.text)" }
}

extension FilterError.Reason {
    fileprivate var text: String {
        switch self {
        case .unknownField(let name, let nearest):
            "no field is called \"\(name)\"; " + (nearest.map { "did you mean \"\($0)\"?" } ?? "put text in quotes")
        case .noField(let sign):
            "expected a field right before \"\(sign)\", such as size\(sign == ":" ? ":" : ">")512; put text in quotes"
        case .wrongOperator(let field, let sign, let expected):
            "\(field) takes \(expected.map(\.rawValue).joined(separator: " ")), found \"\(sign)\""
        case .wrongValue(let field, let found, let expected, let nearest):
            "\(field): expected \(expected), found \"\(found)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        case .noTerm: "expected a term right after \"!\""
        case .noText: "expected a text to look for"
        case .noValue(let field): "\(field): expected a value, without a blank before it"
        case .openQuote: "the quote that begins here has no end"
        case .textAfterQuote: "expected a blank or a comma after the quote"
        case .severalLimits(let field): "\(field): a comma gives alternatives for : = != only"
        case .backwardsRange(let range): "\(range) ends before it begins"
        case .tooLarge(let text): "\(text) is larger than any number of 64 bits"
        case .black: "black is \"ignored\" to kmemleak and \"scanned\" to textbooks; say one of those"
        }
    }
}
