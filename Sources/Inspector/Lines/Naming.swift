import HeapModel
import Scanner

// How lines name what they tell of.
extension AppState {
    func style(of id: ObjectID) -> Style { Style(shade(of: id), isLeak: isLeak(id)) }

    /// "hub0+0x40", ".data+0x1a0", "0xffff888000ad0c00": where a word stands.
    func place(of address: Address, in holder: Reference.Holder) -> StyledText {
        switch holder {
        case .root(let root):
            return StyledText(root.label + offset(address, from: root.range.start), .strong)
        case .object(let id), .freed(let id):
            let start = heap.contents(of: id).first { $0.contains(address) }?.start ?? address
            return StyledText(shortLabel(of: id) + offset(address, from: start), style(of: id))
        case .untracked: return StyledText("untracked memory at \(address)")
        }
    }

    func offset(_ address: Address, from start: Address) -> String {
        address == start ? "" : "+0x" + String(address.rawValue &- start.rawValue, radix: 16)
    }
}

extension StyledText {
    /// "+0x10" behind a name, or nothing for an exact pointer.
    static func offset(_ bytes: UInt64) -> StyledText { StyledText(bytes == 0 ? "" : "+0x" + String(bytes, radix: 16), .faint) }
}
