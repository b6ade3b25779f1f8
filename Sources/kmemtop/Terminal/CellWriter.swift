import CNcurses
import Glibc
import Inspector

/// What stands behind text whose colours the theme leaves to the terminal.
enum DefaultColours {
    case terminals
    /// For colour terminals that cannot go back to their own (no `op` in terminfo).
    case whiteOnBlack
}

/// Turns a frame's cells into ncurses' own.
///
/// Whatever a frame holds, no control character comes out and no row grows longer than the frame's.
struct CellWriter {
    fileprivate struct Pen {
        var attributes: attr_t
        var pair: Int32
    }

    private let theme: Theme
    private let defaults: DefaultColours
    private let isUTF8: Bool
    /// By the style's raw value; filled as styles are met.
    private var pens: [Pen?]
    private var text: [wchar_t] = []

    init(theme: Theme, defaults: DefaultColours, isUTF8: Bool) {
        self.theme = theme
        self.defaults = defaults
        self.isUTF8 = isUTF8
        pens = Array(repeating: nil, count: 1 + Int(Style.allCases.map(\.rawValue).max() ?? 0))
    }

    /// The cells of a row, at most `columns` wide. A wide character is one of them: ncurses adds its second column.
    mutating func cells(ofRow row: Int, in frame: Frame, columns: Int) -> [cchar_t] {
        let end = min(frame.size.columns, columns)
        var cells: [cchar_t] = []
        cells.reserveCapacity(end)
        var column = 0
        while column < end {
            let cell = frame[row, column]
            let isWide = column + 1 < end && frame[row, column + 1].text.isEmpty
            let width = read(cell.text)
            let fits = width == 1 || width == 2 && isWide
            if !fits { text = [Self.questionMark, 0] }
            let pen = pen(for: cell.style)
            cells.append(cnc_cell(text, pen.attributes, pen.pair))
            column += fits ? width : 1
        }
        return cells
    }

    private static let questionMark: wchar_t = 0x3f
    private static let blank: wchar_t = 0x20

    /// Sets `text` to a cell's text and returns its columns as the locale counts them; 0 or less if it cannot be shown.
    private mutating func read(_ cellText: String) -> Int {
        text.removeAll(keepingCapacity: true)
        defer { text.append(0) }
        // The second column of a wide character whose first could not be shown.
        guard !cellText.isEmpty else {
            text.append(Self.blank)
            return 1
        }
        for scalar in cellText.unicodeScalars {
            // wcwidth is -1 for control characters, and for what the C library does not know.
            guard isUTF8 || scalar.isASCII, scalar.properties.generalCategory != .control else { return 0 }
            text.append(wchar_t(bitPattern: scalar.value))
        }
        return Int(wcwidth(text[0]))
    }

    private mutating func pen(for style: Style) -> Pen {
        let index = Int(style.rawValue)
        if let pen = pens[index] { return pen }
        let pen = Pen(theme[style], defaults: defaults)
        pens[index] = pen
        return pen
    }
}

extension CellWriter.Pen {
    fileprivate init(_ appearance: Appearance, defaults: DefaultColours) {
        attributes = CNC_NORMAL
        if appearance.isBold { attributes |= CNC_BOLD }
        if appearance.isDim { attributes |= CNC_DIM }
        if appearance.isReverse { attributes |= CNC_REVERSE }
        if appearance.isUnderlined { attributes |= CNC_UNDERLINE }
        guard appearance.foreground != nil || appearance.background != nil else {
            pair = 0
            return
        }
        let (foreground, background) = defaults == .terminals ? (-1, -1) : (Int(COLOR_WHITE), Int(COLOR_BLACK))
        // Finds the pair or makes it; ERR without colours.
        pair = max(0, alloc_pair(Int32(appearance.foreground ?? foreground), Int32(appearance.background ?? background)))
    }
}
