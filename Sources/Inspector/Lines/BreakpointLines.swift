import Scanner

/// The breakpoints, and how often each stops the scan.
struct BreakpointLines {
    let state: AppState

    var lines: [Line] {
        state.breakpoints.enumerated().map { number, breakpoint in
            Line([
                StyledText("\(number + 1)".leftPadded(4) + "  ", .key), StyledText(breakpoint.text.padded(28), .strong),
                StyledText(stops(number).padded(14), .strong), StyledText(meaning(breakpoint.place), .faint),
            ])
        }
    }

    private func stops(_ number: Int) -> String {
        guard state.kmemleak.recording != nil else { return "no scan yet" }
        let count = state.stops.count { $0.breakpoint == number }
        return count == 1 ? "1 stop" : "\(count) stops"
    }

    private func meaning(_ place: Breakpoint.Place) -> String {
        switch place {
        case .object(let address): "the object at \(address) changes colour"
        case .range(let range): "a word of \(range.start)…\(range.end) is read, or an object in it changes colour"
        case .function(let name): "an object that \(name) allocated changes colour"
        case .shade(let shade): "an object becomes \(shade.title)"
        case .leak: "an object is reported"
        }
    }
}
