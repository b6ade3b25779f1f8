import HeapModel
import Scanner
import Testing

@testable import Inspector

struct LeakGroupsTests {
    /// Two backtraces and a block without one; sizes and ages in seconds.
    private static let heap: Heap = {
        var heap = Heap(profile: KernelProfile(release: "6.12.4", architecture: .x86_64, hz: 100))
        heap.jiffies = heap.jiffies + 100_000
        heap.symbols.define(Address(0x1000), "__kmalloc+0x10/0x20")
        heap.symbols.define(Address(0x2000), "probe+0x20/0x80")
        let known = heap.traces.insert([Address(0x1000), Address(0x2000)]), unknown = heap.traces.insert([Address(0x3000)])
        let leaks: [(size: UInt64, age: UInt64, comm: String, trace: TraceID?)] = [
            (64, 50, "sh", known), (512, 20, "cat", unknown), (64, 30, "cat", known), (8, 90, "sh", nil), (8, 80, "sh", nil),
            (8, 70, "cat", nil), (64, 40, "sh", known),
        ]
        for (place, leak) in leaks.enumerated() {
            var object = TrackedObject(
                pointer: Address(0x10000 + UInt64(place) * 0x1000), size: leak.size,
                jiffies: Jiffies(heap.jiffies.rawValue - leak.age * 100))
            (object.comm, object.trace) = (Comm(leak.comm), leak.trace)
            heap.objects.append(object)
        }
        return heap
    }()

    private func groups(by order: LeakOrder = .bytes) -> LeakGroups { LeakGroups(Self.heap.objects.ids, in: Self.heap, by: order) }
    private func members(_ groups: LeakGroups) -> [[Int]] { groups.groups.map { $0.objects.map(\.index) } }

    @Test func leaksOfOneBacktraceAreAGroup() throws {
        let groups = groups()
        #expect(members(groups) == [[1], [0, 2, 6], [3, 4], [5]])
        #expect(groups.count == 7 && groups.bytes == 728)
        let probe = groups.groups[1]
        #expect(probe.site == "probe+0x20/0x80" && probe.bytes == 192)
        #expect(probe.comms == [Comm("sh"), Comm("cat")])
        #expect(probe.oldest == Self.heap.objects.jiffies[0] && probe.youngest == Self.heap.objects.jiffies[2])
        #expect(groups.groups[0].site == "0x00003000")
    }

    @Test func withoutABacktraceCommandAndSizeMakeAGroup() {
        let groups = groups()
        #expect(groups.groups[2].key == .untraced(Comm("sh"), size: 8) && groups.groups[2].site == nil)
        #expect(groups.groups[3].key == .untraced(Comm("cat"), size: 8))
    }

    @Test(arguments: [(.bytes, [[1], [0, 2, 6], [3, 4], [5]]), (.count, [[0, 2, 6], [3, 4], [1], [5]]), (.age, [[3, 4], [5], [0, 2, 6], [1]])] as [(LeakOrder, [[Int]])])
    func groupsAreSorted(order: LeakOrder, expected: [[Int]]) { #expect(members(groups(by: order)) == expected) }

    @Test func sizesThatAreTooLargeToAddStopAtTheLargest() {
        var heap = Self.heap
        for place in [0, 2] { heap.objects[ObjectID(place)].size = .max - 10 }
        #expect(LeakGroups(heap.objects.ids, in: heap).bytes == .max)
    }

    @Test func anOpenGroupShowsItsLeaks() {
        let groups = groups(), key = groups.groups[1].key
        #expect(groups.rows(open: []).count == 4)
        #expect(Array(groups.rows(open: [key])[1...5]) == [
            .group(key), .object(ObjectID(0), key), .object(ObjectID(2), key), .object(ObjectID(6), key), .group(groups.groups[2].key),
        ])
    }

    @Test func theCursorGoesOverGroupsAndOpenLeaks() {
        let groups = groups()
        var place = LeaksState()
        #expect(place.object(in: groups) == ObjectID(1))
        place.move(.down, in: groups, rows: 3)
        place.toggle(in: groups, rows: 3)
        #expect(place.object(in: groups) == ObjectID(0), "a group stands for its first leak")
        place.move(.down, in: groups, rows: 3)
        place.move(.down, in: groups, rows: 3)
        #expect(place.object(in: groups) == ObjectID(2) && place.row(in: groups) == 3 && place.top(in: groups, rows: 3) == 1)
        place.toggle(in: groups, rows: 3)
        #expect(place.row(in: groups) == 1 && place.open.isEmpty, "closing a group from inside goes up to it")
        place.move(.end, in: groups, rows: 3)
        #expect(place.object(in: groups) == ObjectID(5))
        place.move(.pageUp, in: groups, rows: 3)
        #expect(place.row(in: groups) == 1)
        place.show(ObjectID(4), in: groups, rows: 3)
        #expect(place.object(in: groups) == ObjectID(4))
        let isLine = [0, 3].map { place.click(line: $0, in: groups, rows: 3) }
        #expect(isLine == [true, false] && place.row(in: groups) == 2)
    }

    @Test func theCursorStaysWithinWhatIsLeft() {
        var place = LeaksState()
        place.move(.end, in: groups(), rows: 9)
        let fewer = LeakGroups([ObjectID(0)], in: Self.heap)
        #expect(place.row(in: fewer) == 0 && place.top(in: fewer, rows: 0) == 0)
        let none = LeakGroups([], in: Self.heap)
        #expect(place.row(in: none) == nil && place.object(in: none) == nil && place.top(in: none, rows: 9) == 0)
        place.move(.up, in: none, rows: 9)
        place.toggle(in: none, rows: 9)
    }

    @Test func theCursorStaysOnItsLineWhenTheOrderChanges() throws {
        var state = try opened("sample-module")
        state.press("S")
        var place = LeaksState()
        let groups = LeakGroups(state)
        place.move(.down, in: groups, rows: 9)
        place.toggle(in: groups, rows: 9)
        place.move(.down, in: groups, rows: 9)
        let before = place.object(in: groups)
        for order in [LeakOrder.count, .age, .bytes] {
            place.changeOrder(in: LeakGroups(state, by: place.order), of: state, rows: 9)
            #expect(place.order == order)
            #expect(place.object(in: LeakGroups(state, by: order)) == before)
        }
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (4608, "4.5 KiB"), (102_399, "99.9 KiB"), (102_400, "100 KiB"),
        (1 << 20, "1.0 MiB"), (.max, "15.9 EiB"),
    ] as [(UInt64, String)])
    func bytesReadAsPeopleReadThem(bytes: UInt64, text: String) { #expect(ByteSize(bytes).description == text) }

    @Test(arguments: [
        (0, "0.0s"), (12_340, "123.4s"), (60_000, "10.0m"), (3_600_000, "10.0h"), (17_280_000, "2.0d"), (0 &- 250, "-2.5s"),
        (1 << 63, "-1067519911673.0d"),
    ] as [(UInt64, String)])
    func anAgeIsANumberWhateverTheClockSays(ticks: UInt64, text: String) {
        #expect(Age(of: Jiffies(0 &- ticks), at: Jiffies(0), hz: 100).description == text)
    }
}
