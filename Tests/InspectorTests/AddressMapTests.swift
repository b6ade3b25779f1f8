import HeapModel
import Testing

@testable import Inspector

struct AddressMapTests {
    private static let base: UInt64 = 0xffff_8880_0400_0000

    @Test func aGapOfMoreThan64KiBEndsARegion() {
        var built = MapHeap()
        built.object(at: Self.base, size: 64)
        built.object(at: Self.base + 64 + 0x10000, size: 64)
        built.object(at: Self.base + 128 + 0x10000 + 0x10001, size: 8)
        let regions = built.map.regions
        #expect(regions.map(\.start.rawValue) == [Self.base, Self.base + 128 + 0x20001])
        #expect(regions.map(\.gapBelow) == [0, 0x10001])
        #expect(regions.map(\.objectCount) == [2, 1])
        #expect(regions[0].size.bytes == 128 + 0x10000)
    }

    @Test func tooManyRegionsAreMergedOverLargerGaps() {
        var built = MapHeap()
        for number in 0..<300 as Range<UInt64> { built.object(at: Self.base + number << 17, size: 8) }
        #expect(built.map.regions.count == 1)
        built.object(at: Self.base + 1 << 40, size: 8)
        #expect(built.map.regions.count == 2)
    }

    @Test func objectsStandWhereTheirBytesAre() {
        var built = MapHeap()
        built.heap.physToVirt = 0xffff_8880_0000_0000
        built.heap.perCPUOffsets = [0xffff_8880_0fc0_0000, 0xffff_8880_0fd0_0000]
        let phys = built.object(at: 0x1000, size: 64, flags: .phys)
        let percpu = built.object(at: 0x40, size: 32, flags: .perCPU)
        let map = built.map
        #expect(map.regions.map(\.start.rawValue) == [0xffff_8880_0000_1000, 0xffff_8880_0fc0_0040, 0xffff_8880_0fd0_0040])
        #expect(map.objects(in: AddressRange(start: map.regions[0].start, size: 1), first: 9) == [phys])
        #expect(map.objects(in: AddressRange(start: map.regions[2].start, size: 1), first: 9) == [percpu])
        built.heap.perCPUOffsets = nil
        built.heap.physToVirt = nil
        #expect(built.map.regions.isEmpty)
    }

    @Test func regionsAreCalledWhatTheKernelCallsThem() {
        var built = MapHeap()
        built.heap.perCPUOffsets = [0xffff_8880_0fc0_0000]
        built.root(.data, ".data", at: 0xffff_ffff_82a0_0000, size: 4096)
        built.root(.bss, ".bss", at: 0xffff_ffff_82a0_1000, size: 4096)
        built.root(.percpu, "cpu 0", at: 0xffff_8880_0f00_0000, size: 64)
        built.root(.structPage, "zone Normal", at: 0xffff_ea00_0010_0000, size: 64)
        built.root(.stack, "init", at: 0xffff_c900_0001_0000, size: 0x4000, pid: 1)
        built.root(.stack, "sh", at: 0xffff_c900_0801_0000, size: 0x4000, pid: 8)
        built.root(.stack, "cat", at: 0xffff_c900_0801_8000, size: 0x4000, pid: 9)
        built.object(at: Self.base, size: 64)
        built.object(at: Self.base + 0x10_0000, size: 64)
        built.root(.stack, "old", at: Self.base + 0x10_1000, size: 0x4000, pid: 3)
        built.object(at: 0x40, size: 64, flags: .perCPU)
        built.object(at: 0xffff_ffff_a000_0000, size: 64)
        built.object(at: 0xffff_0000_0000_0000, size: 64)
        #expect(built.map.regions.map(\.name) == [
            nil, "linear map", "linear map: stack of old/3", "per-CPU data, cpu 0", "per-CPU copies, cpu 0",
            "stack of init/1", "stacks of 2 tasks", "struct pages", ".data, .bss", "modules",
        ])
    }

    @Test func regionsOfOneNameAreJoinedWhereTheirGapTakesLessThanARow() {
        var built = MapHeap()
        built.object(at: Self.base, size: 64)
        built.object(at: Self.base + 0x2_0000, size: 64)
        built.root(.percpu, "cpu 0", at: Self.base + 0x4_0000, size: 64)
        let map = built.map
        #expect(map.regions.map(\.name) == ["linear map", "linear map", "per-CPU data, cpu 0"])
        #expect(MapGrid(map, bytesPerCell: 0x1000, columns: 31).regions.count == 3)
        let joined = MapGrid(map, bytesPerCell: 0x1000, columns: 32)
        #expect(joined.regions.map(\.objectCount) == [2, 0] && joined.regions[1].gapBelow == 0x2_0000 - 64)
        #expect(joined.rowCount == 4, "the second region has its heading beside its only cell")
    }

    @Test func cellsBeginAtMultiplesOfTheirSizeAndAreCutToTheirRegion() throws {
        var built = MapHeap()
        built.object(at: Self.base + 24, size: 300)
        let grid = MapGrid(built.map, bytesPerCell: 64, columns: 4)
        #expect(grid.rowCount == 3)
        guard case .heading = grid.row(0), case .cells(let first) = grid.row(1), case .cells(let last) = grid.row(2) else {
            Issue.record("expected a heading and two rows of cells")
            return
        }
        #expect((0..<first.count).map { first[$0].start.rawValue - Self.base } == [24, 64, 128, 192])
        #expect((0..<first.count).map { first[$0].size } == [40, 64, 64, 64])
        #expect((0..<last.count).map { last[$0].size } == [64, 4])
    }

    @Test func aCellTellsItsBytesAndTheMostUrgentOfThem() {
        var built = MapHeap()
        let ids = (0..<3 as Range<UInt64>).map { built.object(at: Self.base + $0 * 32, size: 24) }
        built.root(.data, "r", at: Self.base + 100, size: 4)
        let map = built.map, marks: [ObjectID: MapMark] = [ids[0]: .scanned, ids[1]: .leak, ids[2]: .scanned]
        let all = map.contents(of: AddressRange(start: Address(Self.base), size: 104)) { marks[$0] ?? .white }
        #expect(MapMark.allCases.map(all.bytes) == [24, 0, 0, 48, 0, 4, 28])
        #expect(all.mark == .leak && all.isMixed && all.objectCount == 3 && !all.isEstimate)
        let half = map.contents(of: AddressRange(start: Address(Self.base + 16), size: 16)) { marks[$0] ?? .white }
        #expect(half.mark == .scanned && !half.isMixed && half.bytes(.scanned) == 8 && half.bytes(.free) == 8)
        let none = map.contents(of: AddressRange(start: Address(Self.base + 24), size: 8)) { marks[$0] ?? .white }
        #expect(none.mark == .free && none.objectCount == 0)
    }

    @Test func ofManyObjectsAnEvenChoiceStandsForAll() {
        var built = MapHeap()
        for number in 0..<1000 as Range<UInt64> { built.object(at: Self.base + number * 16, size: 16) }
        let range = AddressRange(start: Address(Self.base), size: 16_000)
        let contents = built.map.contents(of: range, limit: 100) { $0.index % 20 < 10 ? .white : .gray }
        #expect(contents.isEstimate)
        #expect(contents.bytes(.white) == 8000 && contents.count(.gray) == 500)
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func aCellIsFoundAtEachOfItsAddresses(seed: UInt64) throws {
        var random = SplitMix64(seed: ~seed)
        let map = MapHeap.random(seed: seed).map
        for _ in 0..<6 {
            let zoom = try #require(MapGrid.zooms.randomElement(using: &random))
            let grid = MapGrid(map, bytesPerCell: zoom, columns: Int.random(in: 1...80, using: &random))
            var next: UInt64?
            for row in stride(from: 0, to: grid.rowCount, by: max(1, grid.rowCount / 60)) {
                guard case .cells(let cells) = grid.row(row) else {
                    #expect(grid.address(row: row, column: 0) == nil)
                    continue
                }
                #expect(cells.count > 0 && cells.count <= grid.columns)
                for column in 0..<cells.count {
                    let range = try #require(grid.range(row: row, column: column))
                    #expect(range.size > 0 && range.size <= zoom)
                    #expect(column == 0 || range.start.rawValue == next)
                    next = range.end.rawValue
                    for offset in [0, range.size / 2, range.size - 1] {
                        let place = try #require(grid.place(of: range.start + offset))
                        #expect(place == (row, column))
                    }
                }
                #expect(grid.address(row: row, column: cells.count) == nil)
            }
            #expect(grid.address(row: grid.rowCount, column: 0) == nil && grid.address(row: -1, column: 0) == nil)
        }
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func contentsAreThoseThatALookAtEachByteFinds(seed: UInt64) throws {
        var random = SplitMix64(seed: ~seed)
        let heap = MapHeap.random(seed: seed).heap, map = AddressMap(heap, index: ObjectIndex(heap.objects))
        func mark(_ id: ObjectID) -> MapMark { MapMark.ofObjects[id.index % MapMark.ofObjects.count] }
        // Ends of objects and roots, where something changes.
        let pieces = heap.objects.ids.flatMap { id in heap.contents(of: id).map { (id: id, range: $0) } }
        for end in (pieces.map(\.range) + heap.roots.map(\.range)).flatMap({ [$0.start, $0.end] }) {
            let before = UInt64.random(in: 0...40, using: &random)
            let range = AddressRange(start: end + (0 &- before), size: UInt64.random(in: 1...80, using: &random))
            var bytes = Array(repeating: 0 as UInt64, count: MapMark.allCases.count), found: Set<ObjectID> = []
            for offset in 0..<range.size {
                let address = range.start + offset
                let owners = pieces.filter { $0.range.contains(address) }.map(\.id)
                for id in owners { bytes[mark(id).rawValue] += 1 }
                found.formUnion(owners)
                let isRoot = heap.roots.contains { $0.range.contains(address) }
                if isRoot { bytes[MapMark.root.rawValue] += 1 }
                if owners.isEmpty, !isRoot { bytes[MapMark.free.rawValue] += 1 }
            }
            let contents = map.contents(of: range, mark: mark)
            #expect(MapMark.allCases.map { contents.bytes($0) } == bytes, "\(range)")
            #expect(Set(map.objects(in: range, first: .max)) == found)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func theWholeMapFitsOrIsNotMuchLargerThanItMustBe(seed: UInt64) {
        let map = MapHeap.random(seed: seed).map
        let zoom = map.fittingZoom(columns: 40, rows: 18)
        let count = MapGrid(map, bytesPerCell: zoom, columns: 40).rowCount
        #expect(count <= max(18, map.regions.count * 3))
        if zoom > 8, count <= 18 { #expect(MapGrid(map, bytesPerCell: zoom / 2, columns: 40).rowCount > 18) }
    }
}
