import HeapModel

/// The stages of one scan, in order (`kmemleak.md`, sections 4 and 10).
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
    /// What is still white, old enough and not reported is suspected: a second pass has to confirm it.
    case suspects
    /// The confirming pass: white again, but for those with min_count 0.
    case confirmPrepare
    case confirmRoots
    case confirmGrayList
    /// What is still white, and old enough, is a leak.
    case report

    package static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }

    /// Whether the phase belongs to the confirming pass of the profile 2026.
    private var isConfirming: Bool { self > .grayListAgain && self < .report }

    /// The phases of a scan by kernels of this style.
    package static func phases(of style: KernelProfile.Style) -> [Phase] {
        allCases.filter { style.confirmsLeaks || !$0.isConfirming }
    }
}
