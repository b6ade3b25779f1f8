import HeapModel
import Scanner
import Testing

@testable import Inspector

struct LeaksViewTests {
    @Test(arguments: ["hub-probe", "busy", "percpu", "sample-module"])
    func theLeaksAfterAScan(scenario: String) throws {
        var state = try opened(scenario)
        state.press("S")
        let groups = LeakGroups(state)
        var place = LeaksState()
        place.toggle(in: groups, rows: 9)
        try GoldenFrames("leaks-\(scenario)") { area, frame in
            LeaksView(state, groups, place, isFocused: true, glyphs: Glyphs()).draw(in: area, on: &frame)
        }.expectAsKept()
    }
}
