/// xterm's 256 colours: 16 that a person may set, a cube of 6x6x6 and 24 grays.
package enum Palette {
    /// The 16 colours of old as xterm has them. A terminal may have others.
    private static let basic = [
        0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
        0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
    ]

    /// 0xRRGGBB of the colour with this number, 0 to 255.
    package static func rgb(_ number: Int) -> Int {
        switch number {
        case ..<16: return basic[number]
        case 232...: return (8 + (number - 232) * 10) * 0x010101
        default:
            let level = { (step: Int) in step == 0 ? 0 : 55 + step * 40 }
            let cube = number - 16
            return level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6)
        }
    }

    /// The number of the colour nearest to 0xRRGGBB, of those that nobody redefines (16 and up).
    package static func nearest(to rgb: Int) -> Int {
        (16..<256).min { distance(Self.rgb($0), rgb) < distance(Self.rgb($1), rgb) } ?? 16
    }

    private static func distance(_ left: Int, _ right: Int) -> Int {
        [16, 8, 0].reduce(0) { sum, shift in
            let difference = (left >> shift & 0xff) - (right >> shift & 0xff)
            return sum + difference * difference
        }
    }
}
