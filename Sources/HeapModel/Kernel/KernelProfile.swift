/// What has to be known of a kernel to scan as it would and to speak as it does.
package struct KernelProfile: Hashable, Sendable {
    package enum Architecture: String, CaseIterable, Sendable {
        case x86_64, arm64
    }

    /// The four forms of kmemleak that differ (`kmemleak.md`, section 0).
    package enum Style: String, CaseIterable, Sendable {
        /// 4.x: one tree, `.data` and `.bss` as roots, ages in reports.
        case old
        /// 6.1: two trees, hashed frame addresses.
        case v6_1 = "6.1"
        /// About 6.9 on: three trees, `backtrace (crc …)`.
        case current
        /// Late 2026: a second pass confirms what the first suspects. No release implies it: it has to be asked for.
        case v2026 = "2026"
    }

    package var release: String
    package var architecture: Architecture
    /// Jiffies a second (CONFIG_HZ).
    package var hz: UInt64
    package var style: Style
    /// Bytes in a pointer: 8, or 4 on a 32-bit machine.
    package var wordSize = 8
    /// x86-64 with five levels of page tables instead of four (LA57).
    package var hasFiveLevelPaging = false

    package init(release: String, architecture: Architecture, hz: UInt64 = 250, style: Style? = nil) {
        self.release = release
        self.architecture = architecture
        self.hz = hz
        self.style = style ?? Style(release: release)
    }
}

extension KernelProfile {
    /// The first two numbers of a release. A release that is not a number is taken to be current.
    fileprivate static func version(of release: String) -> (major: Int, minor: Int) {
        let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        return (numbers.first ?? .max, numbers.dropFirst().first ?? 0)
    }

    /// Whether the release is this one or a later one.
    package func isAtLeast(_ major: Int, _ minor: Int) -> Bool { Self.version(of: release) >= (major, minor) }
}

extension KernelProfile.Style {
    /// The style that a release has unless told otherwise.
    package init(release: String) {
        switch KernelProfile.version(of: release) {
        case (...5, _): self = .old
        case (6, ...8): self = .v6_1
        default: self = .current
        }
    }
}
