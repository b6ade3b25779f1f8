/// Numbers as the kernel reads them with base 0 (`kstrtoull()`): decimal, `0x…` or `0…` octal.
package enum KernelNumber {
    /// At most one `+` before and one newline after are allowed, nothing else.
    /// - Throws: `.invalidArgument`, or `.outOfRange` above 2^64 - 1.
    package static func parse(_ text: some StringProtocol) throws(ControlError) -> UInt64 {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var radix: UInt64 = 10
        if rest.first == UInt8(ascii: "0") {
            let marker = rest.dropFirst().first.map { $0 | 0x20 }
            let isHexadecimal = marker == UInt8(ascii: "x") && rest.dropFirst(2).first.flatMap(digit).map { $0 < 16 } == true
            radix = isHexadecimal ? 16 : 8
            if isHexadecimal { rest.removeFirst(2) }
        }
        var value: UInt64 = 0, digits = 0, overflowed = false
        while let next = rest.first.flatMap(digit), next < radix {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: radix)
            let (sum, carried) = product.addingReportingOverflow(next)
            overflowed = overflowed || tooLarge || carried
            value = sum
            digits += 1
            rest.removeFirst()
        }
        guard !overflowed else { throw .outOfRange }
        if rest.first == UInt8(ascii: "\n") { rest.removeFirst() }
        guard digits > 0, rest.isEmpty else { throw .invalidArgument }
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
