import HeapModel
import Scanner

/// What a person can ask for.
package enum Action: Hashable, Sendable {
    /// Scan, and watch it word by word.
    case scanAnimated
    /// Scan, and show the end of it.
    case scanAtOnce
    case control(ControlCommand)
    case toggleStackScanning
    case playPause
    case step(Stride, Direction)
    case changeSpeed(Direction)
    case toggleAutomaticScanning
    /// The kernel's own clock: paused, 1x, 10x, 100x.
    case changeClock(Direction)
    /// Leaves the scan being looked at for the heap as it is now.
    case showPresent
    /// To the moment at which the selected object turned gray.
    case seekToReach
    case move(Movement)
    case focus(Pane)
    case focusNext(Direction)
    case inspect
    case selectNextLeak(Direction)
    case changeOrder
    case ask(Prompt.Kind)
    case toggleHelp
    /// Puts away what is on top: the help, a message.
    case cancel
    case quit
}

package enum Movement: Hashable, Sendable {
    case up, down, pageUp, pageDown, start, end
}

/// The parts of the screen that can have the keys, in the order of their numbers.
package enum Pane: Int, CaseIterable, Sendable {
    case objects = 1, scan, hex, backtrace, log

    package var title: String {
        switch self {
        case .objects: "objects"
        case .scan: "scan"
        case .hex: "hex"
        case .backtrace: "backtrace"
        case .log: "log"
        }
    }
}
