extension Frame {
    /// The frame as a self-contained SVG picture, in true colour.
    package func svg(_ kind: Theme.Kind = .dark) -> String {
        let (cellWidth, cellHeight, margin) = (8.4, 18.0, 12.0)
        let theme = Theme(kind, depth: .trueColour)
        let width = Double(size.columns) * cellWidth + 2 * margin, height = Double(size.rows) * cellHeight + 2 * margin
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width))" height="\(Int(height))" viewBox="0 0 \(Int(width)) \(Int(height))">
            <rect width="100%" height="100%" rx="8" fill="\(theme.ground.svgColour)"/>
            <g font-family="'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">

            """
        for row in 0..<size.rows {
            for run in runs(ofRow: row) {
                let look = theme[run.style]
                let columns = TextWidth.columns(of: run.text)
                let x = margin + Double(run.column) * cellWidth, y = margin + Double(row) * cellHeight
                let (ink, ground) = look.svgColours(on: theme)
                if let ground {
                    svg += "<rect x=\"\(x.tenths)\" y=\"\(y.tenths)\" width=\"\((Double(columns) * cellWidth).tenths)\" "
                        + "height=\"\(cellHeight.tenths)\" fill=\"\(ground)\"/>\n"
                }
                guard run.text.contains(where: { $0 != " " }) else { continue }
                svg += "<text x=\"\(x.tenths)\" y=\"\((y + 13.5).tenths)\" textLength=\"\((Double(columns) * cellWidth).tenths)\" "
                    + "lengthAdjust=\"spacingAndGlyphs\" fill=\"\(ink)\"\(look.svgAttributes)>"
                    + run.text.escapedForXML + "</text>\n"
            }
        }
        return svg + "</g>\n</svg>\n"
    }
}

extension Appearance {
    /// Ink and ground as SVG colours; no ground where the picture's own shows.
    fileprivate func svgColours(on theme: Theme) -> (ink: String, ground: String?) {
        let ink = (foreground ?? theme.ink).svgColour, ground = background?.svgColour
        return isReverse ? (ground ?? theme.ground.svgColour, ink) : (ink, ground)
    }

    fileprivate var svgAttributes: String {
        (isBold ? " font-weight=\"bold\"" : "") + (isUnderlined ? " text-decoration=\"underline\"" : "")
    }
}

extension Int {
    fileprivate var svgColour: String {
        "#" + String(repeating: "0", count: 6 - String(self, radix: 16).count) + String(self, radix: 16)
    }
}

extension Double {
    /// With one decimal place.
    fileprivate var tenths: String {
        let tenths = Int((self * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension String {
    fileprivate var escapedForXML: String {
        reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case " ": text += "\u{a0}"
            default: text.append(character)
            }
        }
    }
}
