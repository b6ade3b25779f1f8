/// How panes share a screen: a tree of splits whose leaves are slots. A slot shows one pane; others wait behind tabs.
package indirect enum Arrangement: Sendable {
    case slot([Pane])
    /// Two parts, the first of which gets `share` of the cells unless the person moved the border.
    case split(Split, Arrangement, Arrangement)

    package struct Split: Hashable, Sendable {
        /// What the border is called in the settings.
        package let name: String
        package let axis: Axis
        package let share: Double
    }

    package enum Axis: Hashable, Sendable {
        /// Side by side.
        case columns
        /// One above the other.
        case rows
    }

    /// The splits on the way to a pane, the outermost first, and whether the pane lies in the first part of each.
    func path(to pane: Pane) -> [(split: Split, isFirst: Bool)]? {
        switch self {
        case .slot(let panes): panes.contains(pane) ? [] : nil
        case .split(let split, let first, let second):
            first.path(to: pane).map { [(split, true)] + $0 } ?? second.path(to: pane).map { [(split, false)] + $0 }
        }
    }
}

/// The sizes of screen that are arranged differently.
package enum ScreenClass: String, CaseIterable, Sendable {
    /// 80x24: a list above, one main pane below.
    case compact
    /// 80x50: narrow, with room for three parts.
    case tall
    /// 120x40: side by side.
    case medium
    /// 200x60: everything at once.
    case wide

    package init(_ size: Size) {
        self = size.columns >= 180 && size.rows >= 48 ? .wide
            : size.columns >= 116 && size.rows >= 30 ? .medium
            : size.rows >= 42 ? .tall : .compact
    }

    package var arrangement: Arrangement {
        switch self {
        case .compact:
            .rows("list", 0.42, .slot(Pane.lists), .slot([.scan] + Pane.details + [.log]))
        case .tall:
            .rows("list", 0.36, .slot(Pane.lists), .rows("scan", 0.5, .slot([.scan]), .slot(Pane.details + [.log])))
        case .medium:
            .columns("lists", 0.5,
                .rows("list", 0.74, .slot(Pane.lists), .slot([.log])),
                .rows("scan", 0.5, .slot([.scan]), .slot(Pane.details)))
        case .wide:
            .columns("lists", 0.35,
                .rows("objects", 0.6, .slot([.objects]), .rows("leaks", 0.5, .slot([.leaks]), .slot([.log]))),
                .columns("scan", 0.6,
                    .rows("scan-hex", 0.38, .slot([.scan]), .rows("hex", 0.5, .slot([.hex]), .slot([.backtrace]))),
                    .rows("map", 0.38, .slot([.map]), .rows("references", 0.45, .slot([.references]), .slot([.why])))))
        }
    }
}

extension Arrangement {
    fileprivate static func rows(_ name: String, _ share: Double, _ first: Arrangement, _ second: Arrangement) -> Arrangement {
        .split(Split(name: name, axis: .rows, share: share), first, second)
    }

    fileprivate static func columns(_ name: String, _ share: Double, _ first: Arrangement, _ second: Arrangement) -> Arrangement {
        .split(Split(name: name, axis: .columns, share: share), first, second)
    }
}
