import HeapModel

/// What bytes can be on the map, the most urgent first.
package enum MapMark: Int, CaseIterable, Sendable {
    case leak, white, gray, scanned, ignored
    /// Scanned without being told to by a pointer: sections, per-CPU data, stacks, struct pages.
    case root
    case free

    package init(_ shade: Shade, isLeak: Bool) {
        self = switch shade {
        case .white: isLeak ? .leak : .white
        case .gray: .gray
        case .scanned: .scanned
        case .ignored: .ignored
        }
    }

    /// Marks of objects.
    static let ofObjects: [MapMark] = [.leak, .white, .gray, .scanned, .ignored]

    /// "1 leak", "2 leaks"; the others are the same for any number.
    func title(_ count: UInt64) -> String { self == .leak && count != 1 ? "leaks" : title }

    var title: String {
        switch self {
        case .leak: "leak"
        case .white: "white"
        case .gray: "gray"
        case .scanned: "scanned"
        case .ignored: "ignored"
        case .root: "root"
        case .free: "free"
        }
    }
}

extension Style {
    init(_ mark: MapMark) {
        self = switch mark {
        case .leak: .leak
        case .white: .white
        case .gray: .gray
        case .scanned: .scanned
        case .ignored: .ignored
        case .root: .root
        case .free: .free
        }
    }
}

extension Glyphs {
    /// The shape of a cell of the map: that of the most urgent thing in it, told apart without colour. A leak is a letter,
    /// and the same one whatever it shares the cell with.
    /// - Parameter isMixed: whether less urgent objects are in the cell as well.
    package func cell(_ mark: MapMark, isMixed: Bool = false) -> String {
        switch mark {
        case .leak: "L"
        case .white: isMixed ? (isUnicode ? "◎" : "O") : shape(.white)
        case .gray: isMixed ? (isUnicode ? "◑" : "C") : shape(.gray)
        case .scanned: isMixed ? (isUnicode ? "◉" : "@") : shape(.scanned)
        case .ignored: shape(.ignored)
        case .root: isUnicode ? "▪" : "="
        case .free: isUnicode ? "·" : "."
        }
    }

    var gap: String { isUnicode ? "┊" : ":" }
}
