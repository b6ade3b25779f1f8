/// One character cell of a frame.
package struct Cell: Equatable, Sendable {
    /// One grapheme; empty in the second column of a wide character.
    package var text: String
    package var style: Style

    package init(_ text: String, _ style: Style) {
        self.text = text
        self.style = style
    }

    package static let blank = Cell(" ", .text)
}
