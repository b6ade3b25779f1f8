/// A key of the keyboard, as a person names it.
package enum Key: Hashable, Sendable {
    case character(Character)
    /// With the control key held: `control("l")`.
    case control(Character)
    case named(Name)

    package enum Name: String, CaseIterable, Sendable {
        case up, down, left, right, home, end
        case pageUp = "pgup", pageDown = "pgdn"
        case enter, escape = "esc", tab, backTab = "backtab", backspace, delete
    }
}

extension Key {
    /// The key's name in help and footer: `s`, `Space`, `Ctrl-L`, `PgDn`.
    package var label: String {
        switch self {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(let character): "Ctrl-" + character.uppercased()
        case .named(let name):
            switch name {
            case .up: "↑"
            case .down: "↓"
            case .left: "←"
            case .right: "→"
            case .pageUp: "PgUp"
            case .pageDown: "PgDn"
            case .backTab: "Shift-Tab"
            default: name.rawValue.prefix(1).uppercased() + name.rawValue.dropFirst()
            }
        }
    }

    /// Reads a key as written in scripts: one character, `space`, `ctrl-l`, `pgdn`; nil when there is no such key.
    package init?(parsing text: some StringProtocol) {
        if text.count == 1, let character = text.first {
            self = .character(character)
        } else if text == "space" {
            self = .character(" ")
        } else if text.hasPrefix("ctrl-"), text.count == 6, let character = text.last {
            self = .control(character)
        } else if let name = Name(rawValue: String(text)) {
            self = .named(name)
        } else {
            return nil
        }
    }
}
