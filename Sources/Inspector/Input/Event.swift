/// What happened outside: the only way in which the world reaches the program's state.
package enum Event: Equatable, Sendable {
    /// Pasted or composed text arrives as keys.
    case key(Key)
    case click(row: Int, column: Int)
    /// The second of two clicks at a cell; the first has been an event of its own.
    case doubleClick(row: Int, column: Int)
    /// The wheel over a cell; a negative number of rows is up.
    case wheel(rows: Int, row: Int, column: Int)
    case resize(Size)
    /// Time has passed: microseconds since the last tick.
    case tick(microseconds: Int)
    /// What became of an effect, in words.
    case told(String, isError: Bool)
}
