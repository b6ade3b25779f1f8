/// Why a text is no address.
package struct AddressError: Error, Equatable, CustomStringConvertible {
    /// The part at fault.
    package let text: String
    package let reason: Reason

    package enum Reason: Equatable, Sendable {
        /// Empty, or far too long.
        case none
        case unknown(nearest: [String])
        /// Begins as a number but is none of 64 bits.
        case noNumber
        case noOffset
        /// The sum is not in the address space.
        case outside
    }

    package var description: String {
        switch reason {
        case .none: "\(text.isEmpty ? "" : "\(text)…: ")expected an address, such as 0xffff888000ad0c00, or a name"
        case .unknown(let nearest):
            "\(text): expected an address, such as 0xffff888000ad0c00, or a name"
                + (nearest.isEmpty ? "" : "; did you mean \(nearest.map { "\"\($0)\"" }.joined(separator: " or "))?")
        case .noNumber: "\(text): expected an address of at most 16 hexadecimal digits"
        case .noOffset: "\(text): expected a number behind the sign, such as +0x40 or +64"
        case .outside: "\(text) is outside of the address space"
        }
    }
}
