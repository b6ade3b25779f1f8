/// kmemleak's own three colours (`kmemleak.md`, section 3; `color_white()`, `color_gray()` of mm/kmemleak.c).
///
/// Not the textbook's: what kmemleak calls black is *ignored*, and a gray object stays gray once it has been scanned.
package enum Colour: String, CaseIterable, Sendable {
    /// Fewer references found than it needs: an orphan so far.
    case white
    /// Referenced enough, or a root.
    case gray
    /// Ignored: neither scanned nor reported.
    case black

    package init(count: Int32, minCount: Int32) {
        self = if minCount == -1 { .black } else if count != -1, count < minCount { .white } else { .gray }
    }
}

/// What a person watching a scan needs to tell apart: kmemleak's colours, with gray split by whether the scan
/// has read the object yet.
package enum Shade: CaseIterable, Sendable {
    /// Not reached.
    case white
    /// Reached, waiting on the gray list.
    case gray
    /// Reached and scanned: what a textbook calls black. kmemleak still says gray.
    case scanned
    /// Ignored: what kmemleak calls black.
    case ignored

    /// Of an object that no scan is looking at.
    package init(_ colour: Colour) {
        self = switch colour {
        case .white: .white
        case .gray: .gray
        case .black: .ignored
        }
    }
}
