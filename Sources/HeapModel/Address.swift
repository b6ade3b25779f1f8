/// An address as the kernel uses it: virtual, physical (PHYS objects) or a per-CPU offset (PERCPU objects).
@frozen @usableFromInline package struct Address: Hashable, Comparable, Sendable {
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable package static func < (left: Address, right: Address) -> Bool { left.rawValue < right.rawValue }

    /// Wraps around, as pointers of the kernel do.
    @inlinable package static func + (address: Address, offset: UInt64) -> Address { Address(address.rawValue &+ offset) }

    /// The distance from `start` up to `address`, in bytes; wraps around when `start` is above.
    @inlinable package static func - (address: Address, start: Address) -> UInt64 { address.rawValue &- start.rawValue }
}

extension Address: CustomStringConvertible {
    /// As the kernel's `0x%08lx` prints it: at least eight digits.
    @usableFromInline package var description: String {
        let digits = String(rawValue, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}

extension Address {
    /// Reads an address as people write it: `0xffff…`, bare hexadecimal, or decimal.
    ///
    /// Text of decimal digits alone is decimal; anything with a letter `a`–`f` or the prefix `0x` is hexadecimal.
    /// The kernel's own number syntax (`dump=`) is stricter: see `KernelNumber` in Scanner.
    package init?(parsing text: some StringProtocol) {
        let hexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = hexadecimal ? text.dropFirst(2) : text[...]
        guard let first = digits.first, first != "+", first != "-" else { return nil }
        let radix = hexadecimal || digits.contains(where: { !("0"..."9").contains($0) }) ? 16 : 10
        guard let value = UInt64(digits, radix: radix) else { return nil }
        self.init(value)
    }
}

/// The bytes `[start, start + size)`. May end exactly at the top of the address space.
package struct AddressRange: Hashable, Sendable {
    package var start: Address
    /// In bytes.
    package var size: UInt64

    package init(start: Address, size: UInt64) {
        self.start = start
        self.size = size
    }

    /// One past the last byte; wraps to 0 at the top of the address space.
    package var end: Address { start + size }

    package func contains(_ address: Address) -> Bool { address - start < size }

    package func contains(_ other: AddressRange) -> Bool {
        let offset = other.start - start
        return offset <= size && other.size <= size - offset
    }

    package func overlaps(_ other: AddressRange) -> Bool {
        size > 0 && other.size > 0 && (contains(other.start) || other.contains(start))
    }

    /// Whether the range ends at or below the top of the address space.
    package var isValid: Bool { size == 0 || start.rawValue <= UInt64.max - (size - 1) }
}
