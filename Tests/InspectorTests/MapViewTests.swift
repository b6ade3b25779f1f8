import HeapModel
import Scanner
import Testing

@testable import Inspector

struct MapViewTests {
    @Test(arguments: ["hub-probe", "busy", "percpu", "sample-module"])
    func theMapAfterAScan(scenario: String) throws {
        var state = try opened(scenario)
        state.press("S")
        let map = AddressMap(state.heap, index: state.index)
        var place = MapState()
        if let selection = state.selection { place.show(selection, in: state.heap) }
        try GoldenFrames("map-\(scenario)") { area, frame in
            MapView(state, map, place, isFocused: true, glyphs: Glyphs()).draw(in: area, on: &frame)
        }.expectAsKept()
    }
}
