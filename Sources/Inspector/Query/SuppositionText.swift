import HeapModel
import Scanner

/// How a supposition is typed: a verb, and what it is about where that is not the selected object.
///
///     cut hub0+0x18   free   not-leak   ignore   no-scan   scan-area +8 16   drop .data   stack=off
enum SuppositionVerb: String, CaseIterable {
    case cut, free
    case notLeak = "not-leak"
    case ignore
    case noScan = "no-scan"
    case scanArea = "scan-area"
    case drop
    case stackOff = "stack=off"
    case stackOn = "stack=on"

    /// For the prompt, while nothing is typed.
    static let hint = "free, not-leak, ignore, no-scan, scan-area +8 16, cut hub0+0x18, drop .data, stack=off"
}

/// Why a text supposes nothing.
struct SuppositionError: Error, CustomStringConvertible {
    let description: String
}

extension AppState {
    /// What a text supposes of the heap on the screen.
    func supposition(_ text: String) throws(SuppositionError) -> Supposition {
        let words = text.split(separator: " ", maxSplits: 1).map { String($0).trimmingBlanks }
        guard let verb = words.first.flatMap({ SuppositionVerb(rawValue: $0) }) else {
            let verbs = SuppositionVerb.allCases.map(\.rawValue).joined(separator: ", ")
            throw SuppositionError(description: "expected one of \(verbs), found \"\(words.first ?? "")\"")
        }
        let argument = words.count > 1 ? words[1] : ""
        switch verb {
        case .free: return .freed(try object(argument))
        case .notLeak: return .notLeak(try object(argument))
        case .ignore: return .ignored(try object(argument))
        case .noScan: return .noScan(try object(argument))
        case .scanArea: return try scanArea(argument)
        case .cut: return .cut(try word(argument))
        case .drop: return .dropped(root: try root(argument))
        case .stackOff, .stackOn:
            guard argument.isEmpty else { throw SuppositionError(description: "\(verb.rawValue) takes nothing more, found \"\(argument)\"") }
            return .stacks(verb == .stackOn)
        }
    }

    private func place(_ text: String) throws(SuppositionError) -> Address {
        do { return try address(text) } catch { throw SuppositionError(description: "\(error)") }
    }

    private func object(_ text: String) throws(SuppositionError) -> ObjectID {
        if text.isEmpty, let selection { return selection }
        guard !text.isEmpty else { throw SuppositionError(description: "no object is selected: expected an address") }
        let address = try place(text)
        guard let id = index.object(containing: address) else {
            throw SuppositionError(description: "no object contains \(address)")
        }
        return id
    }

    /// `START SIZE`; `+OFFSET SIZE` is in the selected object.
    private func scanArea(_ text: String) throws(SuppositionError) -> Supposition {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let size = AddressExpression.number(parts[1]), size > 0 else {
            throw SuppositionError(description: "scan-area: expected where it starts and its size, such as +8 16, found \"\(text)\"")
        }
        let isOffset = parts[0].hasPrefix("+"), id = try object(isOffset ? "" : String(parts[0]))
        let object = heap.objects.range(of: id)
        let start: Address
        if isOffset {
            guard let offset = AddressExpression.number(parts[0].dropFirst()) else {
                throw SuppositionError(description: "scan-area: expected an offset such as +8, found \"\(parts[0])\"")
            }
            start = object.start + offset
        } else {
            start = try place(String(parts[0]))
        }
        guard object.contains(start), size <= object.size - (start - object.start) else {
            throw SuppositionError(description: "scan-area: the object at \(object.start) has \(object.size) bytes")
        }
        return .scanArea(id, AddressRange(start: start, size: size))
    }

    /// The word under the cursor of the bytes, where none is told.
    private func word(_ text: String) throws(SuppositionError) -> Address {
        let size = UInt64(heap.profile.wordSize)
        let address: Address
        if !text.isEmpty { address = try place(text) } else {
            guard focus == .hex, let start = hexStart else {
                throw SuppositionError(description: "cut: expected the address of a word, or the cursor on it in the bytes (5)")
            }
            address = start + hex.cursor / size * size
        }
        guard address.rawValue % size == 0 else {
            throw SuppositionError(description: "cut: a scan reads words at multiples of \(size), and \(address) is none")
        }
        guard heap.memory.word(at: address, size: Int(size)) != nil else {
            throw SuppositionError(description: "cut: there is no memory at \(address)")
        }
        return address
    }

    /// By name, or by an address in it.
    private func root(_ text: String) throws(SuppositionError) -> Int {
        guard !text.isEmpty else { throw SuppositionError(description: "drop: expected a root: its name, or an address in it") }
        if let named = heap.roots.firstIndex(where: { $0.name == text || $0.label == text }) { return named }
        let address = try place(text)
        guard let root = heap.roots.firstIndex(where: { $0.range.contains(address) }) else {
            throw SuppositionError(description: "drop: no root is at \(address)")
        }
        return root
    }

    /// As it is typed, whatever is selected.
    func text(of supposition: Supposition) -> String {
        func start(_ id: ObjectID) -> String { heap.objects.pointers[id.index].description }
        return switch supposition {
        case .cut(let address): "\(SuppositionVerb.cut.rawValue) \(address)"
        case .freed(let id): "\(SuppositionVerb.free.rawValue) \(start(id))"
        case .notLeak(let id): "\(SuppositionVerb.notLeak.rawValue) \(start(id))"
        case .ignored(let id): "\(SuppositionVerb.ignore.rawValue) \(start(id))"
        case .noScan(let id): "\(SuppositionVerb.noScan.rawValue) \(start(id))"
        case .scanArea(_, let area): "\(SuppositionVerb.scanArea.rawValue) \(area.start) \(area.size)"
        case .dropped(let root): "\(SuppositionVerb.drop.rawValue) \(heap.roots[root].range.start)"
        case .stacks(let areScanned): (areScanned ? SuppositionVerb.stackOn : .stackOff).rawValue
        }
    }

    /// As a clause behind "what if".
    func clause(_ supposition: Supposition) -> String {
        switch supposition {
        case .cut(let address):
            "the word at \(index.object(containing: address).map { shortLabel(of: $0) + offset(address, from: heap.objects.pointers[$0.index]) } ?? address.description) were 0"
        case .freed(let id): "\(shortLabel(of: id)) were freed"
        case .notLeak(let id): "\(shortLabel(of: id)) were declared no leak"
        case .ignored(let id): "\(shortLabel(of: id)) were ignored"
        case .noScan(let id): "\(shortLabel(of: id)) were not scanned"
        case .scanArea(let id, let area):
            "of \(shortLabel(of: id)) \(area.size) bytes at +\(area.start - heap.objects.pointers[id.index]) were scanned"
        case .dropped(let root): "\(heap.roots[root].label) were no root"
        case .stacks(let areScanned): areScanned ? "task stacks were scanned" : "task stacks were not scanned"
        }
    }
}
