import Inspector

/// Tells a double click from two clicks.
///
/// ncurses could do it, but holds back every click for as long as a second one may follow.
struct Clicks {
    /// As long as most desktops wait for the second press.
    private static let patience = Duration.milliseconds(400)

    /// The press that may become the first half of a double click.
    private var first: (row: Int, column: Int, time: ContinuousClock.Instant)?

    /// What a press of the left button is at this moment. A third press begins anew.
    mutating func press(row: Int, column: Int, at time: ContinuousClock.Instant) -> Event {
        if let first, first.row == row, first.column == column, time - first.time <= Self.patience {
            self.first = nil
            return .doubleClick(row: row, column: column)
        }
        first = (row, column, time)
        return .click(row: row, column: column)
    }

    /// What is on the screen has moved: the next press is a first one.
    mutating func forget() { first = nil }
}
