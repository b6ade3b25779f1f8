/// The stages of one scan, in order (`kmemleak.md`, section 4).
package enum Phase: Int, CaseIterable, Comparable, Sendable {
    /// Every object is made white; those with min_count 0 join the gray list.
    case prepare
    /// Sections, per-CPU areas, struct pages and stacks are read.
    case roots
    /// The objects on the gray list are read, first in first out.
    case grayList
    /// White objects whose contents changed since the last scan are made gray.
    case modified
    /// The gray list again, for what the modified objects point to.
    case grayListAgain
    /// What is still white, and old enough, is a leak.
    case report

    package static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
}
