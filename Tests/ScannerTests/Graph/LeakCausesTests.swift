import HeapModel
import Scanner
import Testing

/// Small cases by hand, and the scenarios that were made for it.
struct LeakCausesTests {
    /// Lost objects of 64 bytes, `a` at 0x1000, `b` at 0x2000 and so on, and who points at whom: "a>b b>c".
    private func causes(_ count: Int, _ words: String, _ change: (inout HeapBuilder) -> Void = { _ in }) -> LeakCauses {
        let edges = words.split(separator: " ").map { $0.split(separator: ">").map { Self.address($0) } }
        let heap = Heap { heap in
            for number in 1...UInt64(count) {
                let own = edges.filter { $0[0] == number << 12 }
                heap.object(at: number << 12, size: 64) { block in
                    for (place, edge) in own.enumerated() { block.pointer(to: edge[1], at: UInt64(place) * 8) }
                }
            }
            change(&heap)
        }
        return LeakCauses(of: heap.scannedTwice)
    }

    private static func address(_ name: Substring) -> UInt64 { UInt64(name.utf8.first! - UInt8(ascii: "a") + 1) << 12 }

    /// "a: b c" for each cause with what it drags along, with + between the objects of a cycle.
    private func text(_ causes: LeakCauses) -> [String] {
        func name(_ id: ObjectID) -> String { String(Unicode.Scalar(UInt8(ascii: "a") + UInt8(id.index))) }
        return zip(causes.causes, causes.draggedObjects).map { cause, dragged in
            cause.members.map(name).joined(separator: "+") + ":" + dragged.map { " " + name($0) }.joined()
        }
    }

    @Test(arguments: [
        (1, "", ["a:"]),
        (3, "a>b b>c", ["a: b c"]),
        (3, "c>b b>a", ["c: a b"]),
        (7, "a>b a>c b>d b>e c>f c>g", ["a: b c d e f g"]),
        (4, "a>b a>c b>d c>d", ["a: b c d"]),
        (3, "a>b b>c c>a", ["a+b+c:"]),
        (5, "a>b b>c c>a b>d d>e", ["a+b+c: d e"]),
        (4, "a>b b>c c>b c>d", ["a: b c d"]),
        (3, "a>c b>c", ["a:", "b:"]),
        (5, "a>c b>c a>d c>e", ["a: d", "b:"]),
        (2, "a>a a>b", ["a: b"]),
        (4, "a>b b>a c>d d>c", ["a+b:", "c+d:"]),
        (4, "a>b b>a c>d d>c b>c", ["a+b: c d"]),
    ])
    func theCausesAreThoseThatNothingLostPointsAt(count: Int, words: String, expected: [String]) {
        #expect(text(causes(count, words)) == expected)
    }

    @Test func totalsTellObjectsAndBytes() throws {
        let causes = causes(5, "a>c b>c a>d c>e"), first = try #require(causes.causes.first)
        #expect(first.own == LeakTotal.of(1) && first.dragged == .of(1) && first.total == .of(2) && first.shared == .of(2))
        #expect(causes.causes[1].dragged == .of(0) && causes.causes[1].shared == .of(2))
        #expect(causes.total == .of(5) && causes.shared == .of(2))
        #expect(causes.dragged(by: ObjectID(2)) == .of(1) && causes.dragged(by: ObjectID(4)) == .of(0))
    }

    @Test func everyWhiteObjectHasARole() {
        let causes = causes(5, "a>c b>c a>d c>e")
        #expect((0..<5).map { causes.role(of: ObjectID($0)) } == [.cause(0), .cause(1), .shared, .dragged(by: 0), .shared])
        #expect((0..<5).map { causes.causes(of: ObjectID($0)) } == [[0], [1], [0, 1], [0], [0, 1]])
        #expect(causes.role(of: ObjectID(5)) == nil && causes.causes(of: ObjectID(5)) == [] && causes.cycle(of: ObjectID(5)) == [])
    }

    @Test func aCycleIsOneWhereverItIs() {
        let causes = causes(4, "a>b b>c c>b c>d")
        #expect(causes.cycle(of: ObjectID(1)).map(\.index) == [1, 2] && causes.cycle(of: ObjectID(0)).map(\.index) == [0])
        #expect(causes.dragged(by: ObjectID(2)) == .of(1))
    }

    @Test func theLargestComesFirst() {
        let causes = causes(5, "b>c d>e") { heap in heap.object(at: 0x9000, size: 512) }
        #expect(text(causes) == ["f:", "b: c", "d: e", "a:"])
    }

    @Test func whatIsHeldIsNoPartOfIt() {
        let causes = causes(3, "a>b b>c") { $0.root(at: 0x8000, pointingTo: 0x2000) }
        #expect(text(causes) == ["a:"] && !causes.contains(ObjectID(1)))
    }

    @Test func whatIsNotReadDragsNothingAlong() {
        let causes = causes(1, "") { heap in
            heap.object(at: 0x2000, size: 64, flags: .noScan) { $0.pointer(to: 0x1000, at: 0) }
            heap.object(at: 0x3000, size: 64, areas: [(0x3020, 8)]) { $0.pointer(to: 0x1000, at: 0) }
        }
        #expect(text(causes) == ["a:", "b:", "c:"])
    }

    @Test func aPointerIntoTheMiddleCounts() {
        let causes = causes(1, "") { heap in heap.object(at: 0x2000, size: 64) { $0.pointer(to: 0x103f, at: 8) } }
        #expect(text(causes) == ["b: a"])
    }

    /// A vm_struct that is held passes on what a lost object points at it with.
    @Test func aSurplusReferenceLeadsToItsBlock() {
        let held = causes(1, "a>b") { heap in
            heap.object(at: 0x2000, size: 64, excess: 0x4000)
            heap.root(at: 0x8000, pointingTo: 0x2000)
            heap.object(at: 0x4000, size: 4096, minCount: 2)
        }
        #expect(text(held) == ["a: c"])
    }

    /// Where the vm_struct is lost too, only what it does not need itself goes on.
    @Test(arguments: [("a>b", ["c:", "a: b"]), ("a>b a>b", ["a: b c"])])
    func aLostOnePassesOnWhatItDoesNotNeed(words: String, expected: [String]) {
        let lost = causes(1, words) { heap in
            heap.object(at: 0x2000, size: 64, excess: 0x4000)
            heap.object(at: 0x4000, size: 4096, minCount: 2)
        }
        #expect(text(lost) == expected)
    }

    @Test func withoutAScanNothingIsLost() {
        let causes = LeakCauses(of: Heap { $0.object(at: 0x1000, size: 64) })
        #expect(causes.causes.isEmpty && causes.total == LeakTotal())
    }

    @Test func whatIsYoungerThanTheScanIsNotToldOf() {
        var heap = Heap { $0.object(at: 0x1000, size: 64) }.scannedTwice
        var builder = HeapBuilder(.current, wordSize: 8, hz: 250)
        builder.heap = heap.later(ticks: 10)
        builder.object(at: 0x2000, size: 64, ticksOld: 0)
        heap = builder.heap
        #expect(text(LeakCauses(of: heap)) == ["a:"])
    }

    @Test func theRingOfTheScenarioIsOneCause() throws {
        let (causes, names) = try scenario("cycle")
        #expect(names(causes.causes[0].members) == ["ring0", "ring1", "ring2", "ring3"] && causes.causes.count == 1)
        #expect(causes.draggedObjects.map { names($0[...]) } == [["tail"]])
        #expect(causes.causes[0].total.leaks == 5)
    }

    @Test func theLostNodeDragsNothingAlong() throws {
        let (causes, names) = try scenario("lost-list-node")
        #expect(causes.causes.map { names($0.members) } == [["node3"]] && causes.causes[0].dragged.objects == 0)
    }

    private func scenario(_ name: String) throws -> (LeakCauses, (ArraySlice<ObjectID>) -> [String]) {
        var machine = try Machine(Scenario(builtIn: name))
        try machine.write(.scan)
        machine.advance(by: Microseconds(10_000_000))
        try machine.write(.scan)
        let heap = machine.heap, names = Dictionary(uniqueKeysWithValues: machine.names.map { ($0.value, $0.key) })
        return (LeakCauses(of: heap), { $0.map { names[heap.objects.pointers[$0.index]] ?? "?" } })
    }
}

extension LeakTotal {
    /// So many of the 64 bytes, all reported.
    fileprivate static func of(_ count: Int) -> Self { (0..<count).reduce(LeakTotal()) { sum, _ in sum + .one } }
    private static let one = LeakCauses(of: Heap { $0.object(at: 0x1000, size: 64) }.scannedTwice).total
}

extension Heap {
    /// As two scans leave it: the first only notes the checksums of what is not zero.
    var scannedTwice: Heap { Scan.run(Scan.run(self).outcome.later(ticks: 10 * profile.hz)).outcome }
}
