import HeapModel
import Scanner
import Testing

@testable import Inspector

/// Rows sorted by keys and filtered by columns are those of a comparison, and of a question, for each object.
struct ObjectOrderTests {
    /// At moments from the beginning to the end of a scan, and in the present.
    private func forEachMoment(of source: String, _ body: (inout AppState) throws -> Void) throws {
        var state = try opened(source, columns: 120, rows: 40)
        try body(&state)
        state.press("S")
        let last = try #require(state.playback?.recording.lastTick)
        for part in 0...4 {
            state.jump(to: .tick(last * part / 4))
            try body(&state)
        }
        state.apply(.showPresent)
        try body(&state)
    }

    @Test(arguments: ["hub-probe", "percpu"])
    func eachColumnSortsAsComparingDoes(source: String) throws {
        try forEachMoment(of: source) { state in
            let ids = state.heap.objects.ids.filter { state.heap.objects.flags[$0.index].contains(.allocated) }
            for column in ObjectColumn.allCases {
                state.sort(ObjectOrder(column: column))
                let expected = ids.sorted { column.isBefore($0, $1, in: state) ?? ($0 < $1) }
                #expect(state.list.rows == expected, "\(column)")
                state.sort(ObjectOrder(column: column, isReversed: true))
                #expect(state.list.rows == expected.reversed(), "\(column)")
                #expect(state.list.rows.indices.allSatisfy { state.list.row(of: state.list.rows[$0]) == $0 })
            }
        }
    }

    @Test(arguments: [
        "size>100", "addr>0xffff888000100000", "colour:white", "colour:leak", "colour:scanned,gray", "count>0", "!count:0", "new:yes",
        "flag:REPORTED", "comm:k", "!comm:k", "8004", "0xffff8880", "hub", "probe,k", "fn:hub", "site!=hub_probe", "name:leak", "age<60s",
    ])
    func aWalkOverAllObjectsAsksAsOneQuestionDoes(text: String) throws {
        let filter = try ObjectFilter(parsing: text)
        try forEachMoment(of: "hub-probe") { state in
            let ids = Array(state.heap.objects.ids)
            var facts = state.facts
            let expected = ids.filter { id in
                facts.id = id
                return filter.matches(facts)
            }
            for threads in 1...3 { #expect(facts.matching(filter, among: ids, threads: threads) == expected) }
            #expect(ids.allSatisfy { id in
                facts.id = id
                return facts.isLeak == state.isLeak(id) && facts.shade == state.shade(of: id) && facts.count == state.count(of: id)
            })
        }
    }

    @Test func anAddressIsSearchedAsItIsPrinted() {
        var random = SplitMix64(seed: 5)
        for shift in 0..<64 {
            let address = Address(random.next() >> UInt64(shift)), printed = address.description
            for start in 0..<printed.count - 2 {
                let part = String(printed.dropFirst(start).prefix(3))
                #expect(TextPattern(part).isFound(inPrinted: address), "\(part) in \(printed)")
            }
            let parts = (0..<40).map { _ in
                let start = Int(random.next() % UInt64(printed.count)), length = Int(random.next() % 19)
                let part = String(printed.dropFirst(start).prefix(length))
                return random.next() % 4 == 0 ? part.replacing("8", with: "9") : part
            }
            for part in parts + ["0x", "0X", "fff", "g", "x", "0", "00", "x0", "0x0", "00x", "xx", "00000000", "", printed, "0" + printed] {
                #expect(TextPattern(part).isFound(inPrinted: address) == TextPattern(part).isFound(in: printed), "\(part) in \(printed)")
            }
        }
    }
}

extension ObjectColumn {
    /// nil for equal ones.
    fileprivate func isBefore(_ left: ObjectID, _ right: ObjectID, in state: AppState) -> Bool? {
        func compare<Value: Comparable>(_ value: (ObjectID) -> Value) -> Bool? {
            value(left) == value(right) ? nil : value(left) < value(right)
        }
        let objects = state.heap.objects
        return switch self {
        case .mark: compare { state.isLeak($0) ? -1 : Shade.allCases.firstIndex(of: state.shade(of: $0)) ?? 0 }
        case .address: compare { objects.pointers[$0.index] }
        case .size: compare { UInt64.max - objects.sizes[$0.index] }
        case .count: compare { -max(0, state.count(of: $0)) }
        case .age: compare { $0 }
        case .pid: compare { UInt32(bitPattern: objects.pids[$0.index]) }
        case .flags: compare { UInt32.max - objects.flags[$0.index].rawValue }
        case .comm: compare { objects.comms[$0.index].string }
        case .site: compare { state.label(of: $0) }
        }
    }
}
