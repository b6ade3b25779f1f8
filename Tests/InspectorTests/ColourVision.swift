import Foundation

/// Colours as eyes see them: how far apart, how readable, and with which cones.
enum ColourVision: CaseIterable {
    case normal, protanopia, deuteranopia, tritanopia

    /// From linear RGB to linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.0.
    private var matrix: [[Double]] {
        switch self {
        case .normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        case .protanopia:
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        case .deuteranopia:
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        case .tritanopia:
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
        }
    }

    /// Distance of two colours (0xRRGGBB) in CIELAB, as this eye sees them: 100 from black to white, about 2 is just seen.
    func distance(_ left: Int, _ right: Int) -> Double {
        zip(lab(left), lab(right)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    /// CIELAB of sRGB's white point, D65.
    private func lab(_ colour: Int) -> [Double] {
        let linear = Self.linear(colour)
        let seen = matrix.map { row in min(1, max(0, zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 })) }
        let (red, green, blue) = (seen[0], seen[1], seen[2])
        let x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
        let y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        let z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
        let f = { (t: Double) in t > 216 / 24389 ? cbrt(t) : (24389 / 27 * t + 16) / 116 }
        return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))]
    }

    private static func linear(_ colour: Int) -> [Double] {
        [16, 8, 0].map { shift in
            let value = Double(colour >> shift & 0xff) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
    }

    /// WCAG's contrast ratio, 1 to 21.
    static func contrast(_ left: Int, _ right: Int) -> Double {
        let luminances = [left, right].map { colour in
            zip([0.2126, 0.7152, 0.0722], linear(colour)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return (luminances.max()! + 0.05) / (luminances.min()! + 0.05)
    }
}
