import HeapModel

/// How long ago something was: "63.1s", "12.4m", "5.0h", "3.2d". Whatever a capture claims, it is a number.
struct Age: Comparable, CustomStringConvertible, Sendable {
    /// In jiffies; less than 0 for what is said to come later.
    private let ticks: Int64
    private let hz: UInt64

    init(of jiffies: Jiffies, at now: Jiffies, hz: UInt64) {
        ticks = Int64(bitPattern: now - jiffies)
        self.hz = max(1, hz)
    }

    static func < (left: Age, right: Age) -> Bool { left.ticks < right.ticks }

    var description: String {
        let hz = min(hz, .max / 10)
        let seconds = ticks.magnitude / hz, tenth = ticks.magnitude % hz * 10 / hz
        let tenths = (seconds < 1 << 59 ? seconds : 1 << 59) * 10 + tenth
        let (value, unit) = Self.units.last { tenths >= $0.from }.map { (tenths / $0.size, $0.name) } ?? (tenths, "s")
        return (ticks < 0 ? "-" : "") + "\(value / 10).\(value % 10)\(unit)"
    }

    /// From how many tenths of a second on a unit is used, and how many seconds it has.
    private static let units: [(from: UInt64, size: UInt64, name: String)] = [
        (0, 1, "s"), (6000, 60, "m"), (360_000, 3600, "h"), (1_728_000, 86400, "d"),
    ]
}
