import HeapModel
import Scanner

extension AppState {
    /// The lines of a pane that is a list of them; none for the others.
    package func lines(of pane: Pane) -> [Line] {
        let columns = max(20, (layout.area(of: pane)?.columns ?? size.columns) - 2)
        return switch pane {
        case .backtrace: BacktraceLines(state: self).lines
        case .references: ReferencesLines(state: self, columns: columns).lines
        case .why: WhyLines(state: self, columns: columns).lines
        case .log: LogLines(state: self, columns: columns).lines
        case .objects, .leaks, .map, .scan, .hex: []
        }
    }

    /// All that a pane which is a list of lines tells, for where there is no screen.
    package mutating func text(of pane: Pane) -> String {
        show(nil)
        focus(on: pane)
        isZoomed = true
        updateCauses()
        updateRelations()
        return Self.text(lines(of: pane))
    }

    /// All that a page tells, for where there is no screen.
    package mutating func text(of page: Page) -> String {
        show(page)
        updateRootTable()
        return Self.text(lines(of: page))
    }

    /// Each on a line of its own, whatever the names in them hold.
    private static func text(_ lines: [Line]) -> String { lines.map { TextWidth.clean($0.plain) + "\n" }.joined() }

    package func lines(of page: Page) -> [Line] {
        switch page {
        case .help: HelpLines(focus: focus, columns: size.columns).lines
        case .configuration: ConfigurationLines(KernelConfiguration(heap.profile, kmemleak.options), columns: size.columns).lines
        case .breakpoints: BreakpointLines(state: self).lines
        case .roots: RootLines(table: rootTable?.table, recording: recordingTold).lines
        case .whatIf: WhatIfLines(state: self).lines
        }
    }
}
