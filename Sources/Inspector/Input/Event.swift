/// What happened outside: the only way in which the world reaches the program's state.
package enum Event: Equatable, Sendable {
    case key(Key)
    /// Pasted or composed text arrives as keys; a click at a cell, the wheel over a cell.
    case click(row: Int, column: Int)
    /// The second of two clicks at a cell; the first has been an event of its own.
    case doubleClick(row: Int, column: Int)
    case wheel(rows: Int, row: Int, column: Int)
    case resize(Size)
    /// Time has passed: microseconds since the last tick.
    case tick(microseconds: Int)
}
