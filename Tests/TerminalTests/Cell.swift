import CVTerm

/// One cell of the screen as a person would see it.
struct Cell: Equatable {
    enum Colour: Equatable {
        case terminals
        case palette(UInt8)
        case rgb(UInt8, UInt8, UInt8)
    }

    var text: String
    /// Columns that the character takes.
    var width: Int
    var foreground: Colour
    var background: Colour
    var isBold: Bool
    var isUnderlined: Bool
    var isReverse: Bool

    var hasColour: Bool { foreground != .terminals || background != .terminals }

    init(_ raw: VTermScreenCell) {
        var raw = raw
        text = withUnsafeBytes(of: &raw.chars) { bytes in
            let scalars = bytes.bindMemory(to: UInt32.self).prefix { $0 != 0 && $0 != .max }
            return String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init)))
        }
        width = Int(raw.width)
        foreground = Colour(raw.fg)
        background = Colour(raw.bg)
        isBold = raw.attrs.bold != 0
        isUnderlined = raw.attrs.underline != 0
        isReverse = raw.attrs.reverse != 0
    }
}

extension Cell.Colour {
    fileprivate init(_ raw: VTermColor) {
        var raw = raw
        self =
            if cvt_is_default(&raw) {
                .terminals
            } else if cvt_is_indexed(&raw) {
                .palette(raw.indexed.idx)
            } else {
                .rgb(raw.rgb.red, raw.rgb.green, raw.rgb.blue)
            }
    }
}
