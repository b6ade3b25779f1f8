import HeapModel
import Scanner

/// What a person can ask for.
package enum Action: Hashable, Sendable {
    // The scan.
    /// Scan, and watch it word by word.
    case scanAnimated
    /// Scan, and show the end of it.
    case scanAtOnce
    case playPause
    case changeSpeed(Direction)
    case step(Stride, Direction)
    /// To the moments at which something happened to the selected object.
    case seekToChange(Direction)
    /// Leaves the scan being looked at for the heap as it is now.
    case showPresent
    case toggleBreakpoint
    case seekToBreakpoint(Direction)
    /// The one under the cursor of their list.
    case deleteBreakpoint

    // kmemleak and its kernel.
    case control(ControlCommand)
    case toggleStackScanning
    case toggleAutomaticScanning
    /// The kernel's own clock: paused, 1x, 10x, 100x.
    case changeClock(Direction)
    case undo

    // Moving and looking.
    case move(Movement)
    /// What Enter does: follows a pointer, opens a group, jumps to the place that a line tells of.
    case open
    case back
    case selectNextLeak(Direction)
    case selectNextMark
    case toggleMark
    case toggleFollowing
    case nextMatch(Direction)
    case sortByNextColumn
    case reverseOrder
    case changeRowWidth
    case changeGrouping
    case zoomMap(Direction)

    // The screen.
    case focus(Pane)
    case focusNext(Direction)
    case zoomPane
    case moveBorder(Arrangement.Axis, Direction)
    case changeTheme
    case show(Page)
    case ask(Prompt.Kind)
    case copyPlace
    /// Puts away what is on top: a page, a filter, a message.
    case cancel
    case quit
}

package enum Movement: Hashable, CaseIterable, Sendable {
    case up, down, left, right, pageUp, pageDown, start, end
}

/// A page of text that lies over the panes.
package enum Page: Hashable, Sendable {
    case help, configuration, breakpoints, roots, whatIf

    package var title: String {
        switch self {
        case .help: "help"
        case .configuration: "configuration"
        case .breakpoints: "breakpoints"
        case .roots: "roots"
        case .whatIf: "what if"
        }
    }
}
