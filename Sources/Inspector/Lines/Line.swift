import HeapModel
import Scanner

/// A line of a pane or page that is a list of them: its text, and where Enter leads from it.
package struct Line: Equatable, Sendable {
    package let text: [StyledText]
    package let jump: Jump?

    package init(_ text: [StyledText], jump: Jump? = nil) {
        self.text = text
        self.jump = jump
    }

    /// What a search looks through.
    var plain: String { text.map(\.text).joined() }
}

/// A place that a line tells of.
package enum Jump: Equatable, Sendable {
    case object(ObjectID, offset: UInt64)
    /// An address that need not lie in an object.
    case address(Address)
    /// A moment of the watched scan.
    case tick(Tick)
}
