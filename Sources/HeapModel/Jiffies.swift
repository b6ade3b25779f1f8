/// The kernel's clock: 64 bits, started five minutes before a 32-bit wrap so that wrap-around bugs show early.
@frozen @usableFromInline package struct Jiffies: Hashable, Sendable {
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Where the count starts at boot: INITIAL_JIFFIES, 2^32 - 300·HZ.
    package static func atBoot(hz: UInt64) -> Jiffies { Jiffies((1 << 32) - 300 * hz) }

    /// The jiffies `uptime` after boot, cut to whole jiffies.
    package static func at(uptime: Microseconds, hz: UInt64) -> Jiffies {
        atBoot(hz: hz) + uptime.ticks(hz: hz)
    }

    package static func + (jiffies: Jiffies, ticks: UInt64) -> Jiffies { Jiffies(jiffies.rawValue &+ ticks) }

    /// Ticks from `earlier` to `later`; wraps around when `earlier` is the later one.
    package static func - (later: Jiffies, earlier: Jiffies) -> UInt64 { later.rawValue &- earlier.rawValue }

    /// Whether `self` is at or after `other`, compared with wrap-around like the kernel's `time_after_eq()`.
    package func isAtOrAfter(_ other: Jiffies) -> Bool { Int64(bitPattern: self - other) >= 0 }

    /// Time since boot, exact to a jiffy; the longest there is when that does not fit (a capture may say anything).
    package func uptime(hz: UInt64) -> Microseconds {
        let product = (self - .atBoot(hz: hz)).multipliedFullWidth(by: 1_000_000)
        guard product.high < hz else { return Microseconds(.max) }
        return Microseconds(hz.dividingFullWidth(product).quotient)
    }
}

/// A time span in microseconds, the kernel log's resolution.
package struct Microseconds: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: Microseconds, right: Microseconds) -> Bool { left.rawValue < right.rawValue }

    /// The longest span there is when the sum does not fit.
    package static func + (time: Microseconds, span: Microseconds) -> Microseconds {
        let (sum, overflowed) = time.rawValue.addingReportingOverflow(span.rawValue)
        return Microseconds(overflowed ? .max : sum)
    }

    /// Whole clock ticks in the span.
    package func ticks(hz: UInt64) -> UInt64 { rawValue / 1_000_000 * hz + rawValue % 1_000_000 * hz / 1_000_000 }

    /// Reads decimal seconds ("1.932", "5") exactly, up to six places; nil for anything else.
    package init?(seconds text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let places = parts.count == 2 ? parts[1] : ""
        guard (1...2).contains(parts.count), parts.count == 1 || !places.isEmpty, places.count <= 6,
            parts.allSatisfy({ $0.allSatisfy { ("0"..."9").contains($0) } }),
            let whole = UInt64(parts[0]), whole < 1 << 40,
            let fraction = UInt64(places + String(repeating: "0", count: 6 - places.count))
        else { return nil }
        rawValue = whole * 1_000_000 + fraction
    }

    /// As the kernel log's `[%5lu.%06lu]` stamps it.
    package var logStamp: String {
        let whole = String(rawValue / 1_000_000), fraction = String(rawValue % 1_000_000)
        return "[" + String(repeating: " ", count: max(0, 5 - whole.count)) + whole + "."
            + String(repeating: "0", count: 6 - fraction.count) + fraction + "]"
    }
}
