/// How much is lost: some white objects together.
package struct LeakTotal: Hashable, Sendable {
    package private(set) var objects = 0
    /// Those of them that kmemleak has reported; the others are too young, or wait for another scan.
    package private(set) var leaks = 0
    /// Stops at the largest number: sizes may come from a file that is not to be trusted.
    package private(set) var bytes: UInt64 = 0

    package init() {}

    init(objects: Int = 1, leaks: Int, bytes: UInt64) { (self.objects, self.leaks, self.bytes) = (objects, leaks, bytes) }

    package static func + (left: Self, right: Self) -> Self {
        Self(
            objects: left.objects + right.objects, leaks: left.leaks + right.leaks, bytes: left.bytes.addingAtMost(right.bytes))
    }

    package static func += (left: inout Self, right: Self) { left = left + right }
}

extension UInt64 {
    /// The sum, or the largest number there is.
    func addingAtMost(_ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
