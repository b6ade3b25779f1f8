import HeapModel
import Scanner

// How lines name what they tell of.
extension AppState {
    func style(of id: ObjectID) -> Style { Style(shade(of: id), isLeak: isLeak(id)) }

    /// Columns from which on there is room for addresses.
    private static let addressColumns = 100

    /// "hub0+0x40". Where there is room, what has no name of its own has an address to go to: "0xffff888000ad0c00+0x40
    /// (hub_probe)".
    func addressedLabel(of id: ObjectID, offset: String = "", columns: Int) -> String {
        let label = shortLabel(of: id), address = heap.objects.pointers[id.index]
        guard columns >= Self.addressColumns, names[address] == nil, label != address.description else { return label + offset }
        return "\(address)\(offset) (\(label))"
    }

    /// "hub0+0x40", ".data+0x1a0", "counter+0x8 on cpu 1", "0xffff888000ad0c00": where a word stands.
    func place(of reference: Reference, columns: Int = 0) -> StyledText {
        let offset = offset(of: reference)
        return switch reference.holder {
        case .root(let root): StyledText(root.label + offset, .strong)
        case .object(let id), .freed(let id): StyledText(addressedLabel(of: id, offset: offset, columns: columns), style(of: id))
        case .untracked: StyledText("untracked memory at \(reference.address)")
        }
    }

    /// Where in its holder a word stands; nothing for the first one, but for the copy of a PERCPU object.
    func offset(of reference: Reference) -> String {
        let address = reference.address
        let start: Address? = switch reference.holder {
        case .root(let root): root.range.start
        case .object(let id), .freed(let id): heap.contents(of: id).first { $0.contains(address) }?.start
        case .untracked: nil
        }
        return offset(address, from: start ?? address) + (reference.cpu.map { " on cpu \($0)" } ?? "")
    }

    func offset(_ address: Address, from start: Address) -> String {
        address == start ? "" : "+0x" + String(address.rawValue &- start.rawValue, radix: 16)
    }
}

extension StyledText {
    /// "+0x10" behind a name, or nothing for an exact pointer.
    static func offset(_ bytes: UInt64) -> StyledText { StyledText(bytes == 0 ? "" : "+0x" + String(bytes, radix: 16), .faint) }
}
