/// The parts of the screen that can have the keys, in the order of their numbers.
package enum Pane: Int, CaseIterable, Sendable {
    case objects = 1, leaks, map, scan, hex, backtrace, references, why, log

    /// What shows the heap as a whole.
    static let lists: [Pane] = [.objects, .leaks, .map]
    /// The inspector: what shows the selected object.
    static let details: [Pane] = [.hex, .backtrace, .references, .why]

    package var title: String {
        switch self {
        case .objects: "objects"
        case .leaks: "leaks"
        case .map: "map"
        case .scan: "scan"
        case .hex: "hex"
        case .backtrace: "backtrace"
        case .references: "references"
        case .why: "why"
        case .log: "log"
        }
    }
}
