/// What a piece of the screen means. A `Theme` gives each meaning its look.
package enum Style: UInt8, CaseIterable, Sendable {
    case text
    /// Less important text: offsets, rulers, zero bytes.
    case faint
    /// Text to be seen first: numbers in the header, names.
    case strong
    case heading
    /// The heading of the pane that has the keys.
    case activeHeading
    /// The heading of a table's column.
    case column
    case border
    /// The line the cursor is on; in the pane that has the keys and in another.
    case selection, dimSelection
    /// Keys in the footer and the help.
    case key
    case footer
    case prompt
    case warning
    case error

    // Objects, by `Shade`.
    case white, gray, scanned, ignored
    /// A reported leak.
    case leak
    /// The map's other cells: memory of a root, and free memory.
    case root, free

    /// A phase of the strip that is over, the present one, and those to come.
    case phaseDone, phaseNow, phaseAhead
    /// The word under the scan's cursor, and words already read in this block.
    case cursor, wordRead
    /// From a word to its target.
    case arrow
    /// What a search has found.
    case match
    /// An object that the person has marked.
    case mark
    /// A byte that has changed since the last scan.
    case changed
    /// An object whose change of colour stops the scan.
    case breakpoint
}
