/// What the person is looking for, and where it was found.
package struct Search: Equatable, Sendable {
    /// What is searched: the pane or page that has the keys.
    package enum Place: Equatable, Sendable {
        /// Rows of the table of objects.
        case objects
        /// Bytes of the selected object.
        case hex
        /// Lines of a pane that is a list of them, or of the page.
        case lines(Pane)
        case page
    }

    package let place: Place
    package let text: String
    /// For a search among objects: the text as a filter.
    package let filter: ObjectFilter?
    /// Rows, byte offsets or lines, ascending.
    package var matches: [Int] = []

    /// Which match the position is, counted from 1.
    func number(of position: Int) -> Int? { matches.firstIndex(of: position).map { $0 + 1 } }
}
