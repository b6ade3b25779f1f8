/// The language of filters as the help and docs/filters.md tell it.
package enum FilterGuide {
    package typealias Row = (example: String, meaning: String)

    /// How terms are put together.
    package static let syntax: [Row] = [
        ("kworker", "A word: in the name, note, task, allocation site or address"),
        ("size>512 comm:kworker", "Terms with blanks between them must all hold"),
        ("colour:white,gray", "A comma gives alternatives"),
        ("!flag:NO_SCAN", "! turns a term around"),
        ("comm:\"my task\"", "Quotes keep blanks, commas and signs in a text; \\\" is a quote"),
    ]

    /// What `:`, `=` and the rest mean.
    package static let operators: [Row] = [
        (":", "Texts: contains it, whatever the case of A to Z; the rest: is it"),
        ("=", "Texts: is exactly it (a function: without its offset, too); the rest: is it"),
        ("!=", "The opposite of ="),
        ("< <= > >=", "Numbers and times"),
    ]

    /// The fields, in the table's order.
    package static var fields: [Row] { FilterField.table.map { ($0.example, $0.help.filter { $0 != "`" }) } }

    /// What stands between the marks in docs/filters.md.
    package static var markdown: String {
        let fields = FilterField.table.map { row in
            let names = ([row.name] + row.aliases).map { "`\($0)`" }.joined(separator: " ")
            let signs = row.operators.map { "`\($0.rawValue)`" }.joined(separator: " ")
            return [names, signs, row.help, "`\(row.example)`"]
        }
        return table(["example", "what it means"], syntax.map { ["`\($0.example)`", $0.meaning] }) + "\n"
            + table(["sign", "what it means"], operators.map { ["`\($0.example)`", $0.meaning] }) + "\n"
            + table(["field", "signs", "what it is", "example"], fields)
    }

    private static func table(_ heading: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
        return line(heading) + "|" + String(repeating: "---|", count: heading.count) + "\n" + rows.map(line).joined()
    }
}
