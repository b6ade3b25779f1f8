/// Names that a person may have meant.
package enum NearestNames {
    /// Longer names, in bytes, are near to none: comparing takes the product of two lengths.
    private static let longest = 256

    /// The names within two edits of `name` or a third of its length, nearest first.
    package static func to(_ name: String, in names: some Sequence<String>) -> [String] {
        let limit = max(2, name.count / 3)
        guard name.utf8.count <= longest else { return [] }
        return names.filter { $0.utf8.count <= 2 * longest }
            .map { ($0, distance(name, $0)) }
            .filter { $0.1 <= limit }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
            .map(\.0)
    }

    /// Levenshtein's: insertions, deletions and replacements of characters.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var next = [index + 1]
            for column in right.indices {
                next.append(min(row[column] + (character == right[column] ? 0 : 1), row[column + 1] + 1, next[column] + 1))
            }
            row = next
        }
        return row[right.count]
    }
}
