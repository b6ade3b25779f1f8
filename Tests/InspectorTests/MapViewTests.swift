import HeapModel
import Scanner
import Testing

@testable import Inspector

struct MapViewTests {
    private func frame(
        _ state: AppState, _ place: MapState = MapState(), size: Size = Size(columns: 78, rows: 12), isFocused: Bool = true,
        glyphs: Glyphs = Glyphs()
    ) -> Frame {
        var frame = Frame(size: size)
        let map = AddressMap(state.heap, index: state.index)
        MapView(state, map, place, isFocused: isFocused, glyphs: glyphs).draw(in: frame.bounds, on: &frame)
        return frame
    }

    private func cells(_ frame: Frame, _ style: Style) -> String {
        (0..<frame.size.rows).flatMap { row in (0..<frame.size.columns).map { frame[row, $0] } }
            .filter { $0.style == style }.map(\.text).joined()
    }

    @Test(arguments: ["hub-probe", "busy", "percpu", "sample-module"])
    func theMapAfterAScan(scenario: String) throws {
        var state = try opened(scenario)
        state.press("S")
        let map = AddressMap(state.heap, index: state.index)
        var place = MapState()
        if let leak = state.leaks.first { place.show(leak, in: state.heap) }
        try GoldenFrames("map-\(scenario)") { area, frame in
            MapView(state, map, place, isFocused: true, glyphs: Glyphs()).draw(in: area, on: &frame)
        }.expectAsKept()
    }

    @Test func theCursorTheSelectionAndTheWordBeingScannedAreMarked() throws {
        var state = try opened()
        state.press("s space } .")
        var place = MapState()
        place.cursor = Address(0xffff_ffc0_08ef_d200)
        let focused = frame(state, place, size: Size(columns: 58, rows: 60))
        #expect(cells(focused, .selection) == "○")
        #expect(cells(focused, .cursor) == "▪", "the word in .data")
        #expect(cells(focused, .dimSelection) == "◎", "the object that was reached last is gray, but shares its cell")
        #expect(cells(frame(state, place, size: Size(columns: 58, rows: 60), isFocused: false), .selection).isEmpty)
    }

    @Test func aCellOfSeveralShadesShowsTheMostUrgent() throws {
        var state = try opened("busy")
        state.press("S")
        var place = MapState(), size = Size(columns: 78, rows: 12)
        let map = AddressMap(state.heap, index: state.index)
        for _ in 0..<20 { place.zoom(in: false, over: map, in: size) }
        size.rows = 20
        #expect(frame(state, place, size: size).text.contains("0xffff888004000000 ◎"))
        #expect(frame(state, place, size: size, glyphs: Glyphs(isUnicode: false)).text.contains("0xffff888004000000 O"))
    }

    @Test func aLeakAmongThousandsIsNotMissed() throws {
        var built = MapHeap()
        for number in 0..<5000 as Range<UInt64> { built.object(at: 0xffff_8880_0400_0000 + number * 64, size: 64, minCount: 0) }
        let leak = ObjectID(1234)
        built.heap.objects.minCounts[leak.index] = 1
        built.heap.objects.flags[leak.index].insert(.reported)
        built.heap.jiffies = built.heap.jiffies + 100_000
        built.heap.lastScan = built.heap.jiffies
        let state = AppState(sourceName: "x", machine: Machine(Kmemleak(built.heap)))
        try #require(state.leaks == [leak])
        var place = MapState(), frame = Frame(size: Size(columns: 78, rows: 12))
        let map = AddressMap(state.heap, index: state.index)
        for _ in 0..<20 { place.zoom(in: false, over: map, in: frame.size) }
        var view = MapView(state, map, place, isFocused: true, glyphs: Glyphs())
        view.mostObjects = 1000
        view.draw(in: frame.bounds, on: &frame)
        #expect(frame.text.contains("0xffff888004000000 L"))
        view.mostObjects = 5000
        view.draw(in: frame.bounds, on: &frame)
        #expect(frame.text.contains("+312 KiB  1 leak  4999 gray"))
    }

    @Test func shapesStayApartWithoutColour() {
        for isUnicode in [true, false] {
            let glyphs = Glyphs(isUnicode: isUnicode)
            let pure = MapMark.allCases.map { glyphs.cell($0) }
            let mixed = [MapMark.white, .gray, .scanned].map { glyphs.cell($0, isMixed: true) }
            #expect(Set(pure + mixed).count == pure.count + mixed.count)
            #expect((pure + mixed).allSatisfy { TextWidth.columns(of: $0) == 1 && (isUnicode || $0.allSatisfy(\.isASCII)) })
        }
    }

    @Test func anEmptyMapSaysSo() {
        let state = AppState(sourceName: "x", machine: Machine(Kmemleak(MapHeap().heap)))
        #expect(frame(state).text.hasPrefix(" No object is tracked, and no root is known.\n"))
    }

    @Test func whatIsUnderTheCursorIsToldInOneLineWhereThereIsLittleRoom() throws {
        var state = try opened("percpu")
        state.press("S")
        var place = MapState()
        place.cursor = Address(0xffff_c900_0001_0000)
        let text = frame(state, place, size: Size(columns: 78, rows: 5)).text
        #expect(text.hasSuffix("\n 0xffffc90000010000 +1.0 KiB  1.0 KiB root  the stack of init (pid 1)"))
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func noSizeBreaksIt(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let state = AppState(sourceName: "x", machine: Machine(Kmemleak(MapHeap.random(seed: seed).heap)))
        let tiny = [(0, 0), (1, 1), (0, 9), (9, 0), (1, 2), (2, 1), (3, 3), (20, 4)].map { Size(columns: $0.0, rows: $0.1) }
        let others = (0..<20).map { _ in
            Size(columns: Int.random(in: 0...120, using: &random), rows: Int.random(in: 0...40, using: &random))
        }
        for size in tiny + others {
            let text = frame(state, MapState(cursor: Address(random.next())), size: size).text
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == max(1, size.rows))
        }
    }
}
