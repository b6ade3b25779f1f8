import HeapModel
import Testing

@testable import Inspector

struct MapStateTests {
    /// At 64 bytes a cell and eight cells in a row: a heading with two rows and a bit, one cell with its heading beside it,
    /// and a heading with one row.
    private static let map: AddressMap = {
        var built = MapHeap()
        built.object(at: 0xffff_8880_0400_0000, size: 64 * 18)
        built.object(at: 0xffff_8880_0500_0000, size: 64)
        built.object(at: 0xffff_8880_0600_0000, size: 64 * 8)
        return built.map
    }()
    /// Too narrow for addresses.
    private static let size = Size(columns: 9, rows: 12)

    private func state(at address: UInt64 = 0) -> MapState {
        var state = MapState(cursor: Address(address))
        while state.grid(Self.map, in: Self.size).bytesPerCell < 64 { state.zoom(in: false, over: Self.map, in: Self.size) }
        while state.grid(Self.map, in: Self.size).bytesPerCell > 64 { state.zoom(in: true, over: Self.map, in: Self.size) }
        return state
    }

    private func place(_ state: MapState) -> [Int] {
        state.grid(Self.map, in: Self.size).place(of: state.cursor).map { [$0.row, $0.column] } ?? []
    }

    @Test(arguments: [
        (.right, [1, 0], [1, 1]), (.left, [1, 1], [1, 0]), (.right, [1, 7], [2, 0]), (.left, [2, 0], [1, 7]),
        (.left, [1, 0], [1, 0]), (.right, [3, 1], [4, 0]), (.left, [4, 0], [3, 1]), (.right, [6, 7], [6, 7]),
        (.down, [1, 5], [2, 5]), (.down, [2, 5], [3, 1]), (.down, [3, 1], [4, 0]), (.up, [4, 0], [3, 0]),
        (.up, [1, 3], [1, 3]), (.down, [6, 3], [6, 3]), (.pageDown, [1, 2], [6, 2]), (.pageUp, [6, 2], [1, 2]),
        (.pageDown, [6, 2], [6, 2]), (.start, [6, 2], [1, 0]), (.end, [1, 0], [6, 7]),
        (.nextRegion, [2, 3], [4, 0]), (.nextRegion, [6, 3], [6, 3]), (.previousRegion, [6, 3], [6, 0]),
        (.previousRegion, [6, 0], [4, 0]), (.previousRegion, [1, 0], [1, 0]),
    ] as [(MapMovement, [Int], [Int])])
    func aMovementGoesFromCellToCell(movement: MapMovement, from: [Int], to: [Int]) throws {
        var state = state()
        state.cursor = try #require(state.grid(Self.map, in: Self.size).address(row: from[0], column: from[1]))
        state.move(movement, over: Self.map, in: Self.size)
        #expect(place(state) == to)
    }

    @Test func anAddressInAGapStandsForWhatComesNext() {
        #expect(place(state(at: 0)) == [1, 0])
        #expect(place(state(at: 0xffff_8880_0480_0000)) == [4, 0])
        #expect(place(state(at: .max)) == [6, 7])
    }

    @Test func zoomingKeepsTheAddressAndItsLine() {
        var built = MapHeap()
        built.object(at: 0xffff_8880_0400_0000, size: 1 << 20)
        let map = built.map, size = Size(columns: 60, rows: 20)
        var state = MapState(cursor: Address(0xffff_8880_0408_1238))
        func line() -> Int {
            let grid = state.grid(map, in: size)
            return (grid.place(of: state.cursor)?.row ?? 0) - state.top(of: grid, rows: MapGeometry(size).rows)
        }
        state.zoom(in: true, over: map, in: size)
        state.zoom(in: true, over: map, in: size)
        let before = line()
        for _ in 0..<3 { state.zoom(in: true, over: map, in: size) }
        #expect(line() == before)
        #expect(state.cursor == Address(0xffff_8880_0408_1238))
        for _ in 0..<30 { state.zoom(in: true, over: map, in: size) }
        #expect(state.bytesPerCell == 8)
        for _ in 0..<30 { state.zoom(in: false, over: map, in: size) }
        #expect(state.bytesPerCell == 16 << 20)
        state.fit(map, in: size)
        #expect(state.bytesPerCell == nil)
    }

    @Test func aClickGoesToACellAndFromAHeadingToItsRegion() {
        var state = state()
        state.click(row: 2, column: 1 + 3, over: Self.map, in: Self.size)
        #expect(place(state) == [2, 3])
        state.click(row: 5, column: 4, over: Self.map, in: Self.size)
        #expect(place(state) == [6, 0])
        let nowhere = [(3, 1 + 2), (2, 0), (7, 1), (10, 1), (-1, 1)]
        for (row, column) in nowhere {
            let isCell = state.click(row: row, column: column, over: Self.map, in: Self.size)
            #expect(!isCell)
        }
        #expect(place(state) == [6, 0])
    }

    @Test func theMostUrgentObjectOfACellIsTheOneUnderTheCursor() throws {
        var state = try opened()
        state.press("S")
        let leak = try #require(state.leaks.first), map = AddressMap(state.heap, index: state.index)
        var place = MapState()
        place.show(leak, in: state.heap)
        let size = Size(columns: 78, rows: 12)
        #expect(place.objectUnderCursor(state, over: map, in: size) == leak)
        for _ in 0..<20 { place.zoom(in: false, over: map, in: size) }
        #expect(place.objectUnderCursor(state, over: map, in: size) == leak, "the cell holds hundreds, and three leaks")
        place.move(.start, over: map, in: size)
        #expect(place.objectUnderCursor(state, over: map, in: size) != leak)
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func theCursorStaysInSightWhateverIsDone(seed: UInt64) throws {
        var random = SplitMix64(seed: ~seed), state = MapState()
        let heap = MapHeap.random(seed: seed).heap, map = AddressMap(heap, index: ObjectIndex(heap.objects))
        for _ in 0..<300 {
            let size = Size(columns: Int.random(in: 0...90, using: &random), rows: Int.random(in: 0...30, using: &random))
            switch Int.random(in: 0..<12, using: &random) {
            case 0: state.zoom(in: true, over: map, in: size)
            case 1: state.zoom(in: false, over: map, in: size)
            case 2: state.fit(map, in: size)
            case 3:
                let (row, column) = (Int.random(in: -1...30, using: &random), Int.random(in: -1...90, using: &random))
                state.click(row: row, column: column, over: map, in: size)
            default: state.move(try #require(MapMovement.allCases.randomElement(using: &random)), over: map, in: size)
            }
            let grid = state.grid(map, in: size), rows = MapGeometry(size).rows
            let top = state.top(of: grid, rows: rows)
            #expect(top >= 0)
            if let row = grid.place(of: state.cursor)?.row { #expect((top..<top + rows).contains(row)) }
        }
    }
}
