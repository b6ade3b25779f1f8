import CNcurses
import Glibc
import Inspector

/// One thing that ncurses read from the terminal.
enum TerminalInput {
    /// A character as typed, control characters among them.
    case scalar(Unicode.Scalar)
    /// A KEY_ number.
    case functionKey(Int32)
    case mouse(MEVENT)
    /// The terminal has come to where it was asked for a receipt.
    case receipt
    /// What means nothing here: a released button, a number that is no character.
    case nothing

    /// Device Status Report, which every terminal since the VT100 answers.
    static let receiptRequest = "\u{1b}[5n"
    /// The receipt's number as a key: one that ncurses has no key for.
    private static let receiptKey = KEY_MAX + 1

    /// Lets ncurses tell receipts from keys.
    static func expectReceipts() { define_key("\u{1b}[0n", receiptKey) }

    /// The next input that is there already; nil when there is none.
    static func next(from window: UnsafeMutablePointer<WINDOW>) -> TerminalInput? {
        var code: wint_t = 0
        switch wget_wch(window, &code) {
        case KEY_CODE_YES where Int32(bitPattern: code) == KEY_MOUSE:
            var event = MEVENT()
            return getmouse(&event) == OK ? .mouse(event) : .nothing
        case KEY_CODE_YES where Int32(bitPattern: code) == receiptKey: return .receipt
        case KEY_CODE_YES: return .functionKey(Int32(bitPattern: code))
        case OK: return Unicode.Scalar(code).map(TerminalInput.scalar) ?? .nothing
        default: return nil
        }
    }

    /// Adds what the input means to a person's `events`, if anything. `size` is the terminal's as it now is.
    func append(to events: inout [Event], clicks: inout Clicks, size: Size) {
        switch self {
        case .nothing, .receipt: break
        case .functionKey(KEY_RESIZE): events.append(.resize(size))
        case .functionKey(let number):
            if let name = Self.functionKeys[number] { events.append(.key(.named(name))) }
        case .mouse(let event): event.append(to: &events, clicks: &clicks)
        case .scalar(let scalar):
            if case .key(.character(let last)) = events.last, let joined = last.joined(with: scalar) {
                events[events.count - 1] = .key(.character(joined))
            } else if let key = Key(typed: scalar) {
                events.append(.key(key))
            }
        }
    }

    /// Every KEY_ number that means a key to the program.
    private static let functionKeys: [Int32: Key.Name] = [
        KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right,
        KEY_HOME: .home, KEY_END: .end, KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown,
        // Home and End of the VT220's line, and the corners of a numeric keypad.
        KEY_FIND: .home, KEY_SELECT: .end, KEY_LL: .end,
        KEY_A1: .home, KEY_A3: .pageUp, KEY_C1: .end, KEY_C3: .pageDown,
        KEY_ENTER: .enter, KEY_BTAB: .backTab, KEY_BACKSPACE: .backspace, KEY_DC: .delete,
    ]
}

extension Key {
    /// The key that sends this character; nil for the second set of control characters and for format characters.
    fileprivate init?(typed scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x0a, 0x0d: self = .named(.enter)
        case 0x09: self = .named(.tab)
        case 0x1b: self = .named(.escape)
        case 0x08, 0x7f: self = .named(.backspace)
        case 0x00: self = .control(" ")
        case 0x01...0x1a: self = .control(Character(Unicode.Scalar(UInt8(scalar.value) + 0x60)))
        case 0x1c...0x1f: self = .control(Character(Unicode.Scalar(UInt8(scalar.value) + 0x40)))
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: return nil
            default: self = .character(Character(scalar))
            }
        }
    }
}

extension Character {
    /// The one character that this and a combining character typed after it make; nil if they make two.
    fileprivate func joined(with scalar: Unicode.Scalar) -> Character? {
        guard !scalar.isASCII else { return nil }
        var text = String(self)
        text.unicodeScalars.append(scalar)
        return text.count == 1 ? text.first : nil
    }
}

extension MEVENT {
    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3

    fileprivate func append(to events: inout [Event], clicks: inout Clicks) {
        let (row, column) = (Int(y), Int(x))
        if bstate & CNC_LEFT_PRESSED != 0 {
            return events.append(clicks.press(row: row, column: column, at: .now))
        }
        clicks.forget()
        if bstate & CNC_WHEEL_UP != 0 {
            events.append(.wheel(rows: -Self.wheelRows, row: row, column: column))
        } else if bstate & CNC_WHEEL_DOWN != 0 {
            events.append(.wheel(rows: Self.wheelRows, row: row, column: column))
        }
    }
}
