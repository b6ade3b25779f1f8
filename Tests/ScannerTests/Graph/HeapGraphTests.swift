import Foundation
import HeapModel
import Scanner
import SystemPackage
import Testing

struct HeapGraphTests {
    private static let fixtures = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending("Fixtures")

    private func scanned(_ name: String, times: Int = 2) throws -> (heap: Heap, names: [Address: String]) {
        var machine = try Machine(Scenario(builtIn: name))
        for _ in 1...times {
            try machine.write(.scan)
            machine.advance(by: Microseconds(10_000_000))
        }
        return (machine.heap, Dictionary(machine.names.map { ($1, $0) }, uniquingKeysWith: min))
    }

    private func object(_ name: String, _ heap: Heap, _ names: [Address: String]) throws -> ObjectID {
        try #require(heap.objects.ids.first { names[heap.objects.pointers[$0.index]] == name })
    }

    @Test func aRingIsAFrameWithWhatItDragsAlongBehindIt() throws {
        let (heap, names) = try scanned("cycle"), graph = HeapGraph(leaksOf: heap, names: names), dot = try DotText(graph.dot)
        #expect(dot.clusters.keys.sorted() == ["cycle of 4\\n+ 1 object, 64 bytes"] && dot.clusters.values.first?.count == 4)
        #expect(dot.names.map { dot.nodes[$0]?["penwidth"] ?? "1" } == ["3", "3", "3", "3", "1"])
        #expect(dot.edges.map { $0.attributes["label"] } == ["+0x0", "+0x0", "+0x0", "+0x10", "+0x0"])
        #expect(graph.omission == nil && graph.dot == HeapGraph(leaksOf: heap, names: names).dot)
    }

    @Test(arguments: [("leaks-cycle", "cycle", nil), ("around-node2", "lost-list-node", "node2"), ("around-area", "vmalloc-excess-ref", "buffer")])
    func drawingsAreAsKept(file: String, scenario: String, around: String?) throws {
        let (heap, names) = try scanned(scenario)
        let graph = try around.map { HeapGraph(around: try object($0, heap, names), of: heap, names: names) } ?? HeapGraph(leaksOf: heap, names: names)
        let path = Self.fixtures.appending("graphs/\(file).dot").string
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(atPath: Self.fixtures.appending("graphs").string, withIntermediateDirectories: true)
            try graph.dot.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == graph.dot)
        _ = try DotText(graph.dot)
    }

    @Test func rootsAreBoxesWithTheirNames() throws {
        let (heap, names) = try scanned("hub-probe")
        let dot = try DotText(HeapGraph(around: object("usb_bus", heap, names), of: heap, names: names, depth: 1).dot)
        let root = try #require(dot.nodes.first { $0.value["label"] == ".data" })
        #expect(root.value["shape"] == "box")
        #expect(dot.edges.contains { $0.from == root.key && $0.to == dot.names[0] && $0.attributes["label"] == "+0x300" })
        // Later kernels track their sections as objects.
        let (later, laterNames) = try scanned("lost-list-node")
        let laterDot = try DotText(HeapGraph(around: object("node0", later, laterNames), of: later, names: laterNames, depth: 1).dot)
        #expect(laterDot.nodes.values.contains { $0["shape"] == "box" && $0["label"]?.hasPrefix(".data\\n") == true })
    }

    @Test func wordsOfPerCPUObjectsTellTheirCPU() throws {
        let heap = Heap { heap in
            heap.heap.perCPUOffsets = [0x20000, 0x10000]
            heap.object(at: 0x5000, size: 16)
            heap.object(at: 0x100, size: 16, flags: .perCPU) { $0.pointer(to: 0x5000, at: 8) }
        }
        let dot = try DotText(HeapGraph(around: ObjectID(0), of: heap).dot)
        #expect(dot.edges.map { $0.attributes["label"] } == ["+0x8 on cpu 0\\n+0x8 on cpu 1"])
    }

    @Test func depthIsInWords() throws {
        let (heap, names) = try scanned("lost-list-node"), id = try object("node0", heap, names)
        let counts = try (0...5).map { try DotText(HeapGraph(around: id, of: heap, names: names, depth: $0).dot).names.count }
        // .data, and on to node1, node2, node4, node5; node3 points at node2.
        #expect(counts[0] == 1 && counts[1] == 3 && counts == counts.sorted())
        #expect(counts[5] > counts[2])
    }

    @Test func wordsIntoTheMiddleTellHowFar() throws {
        let heap = Heap { heap in
            heap.root(at: 0x10000, pointingTo: 0x1028)
            heap.object(at: 0x1000, size: 64)
        }.scannedTwice
        let dot = try DotText(HeapGraph(around: ObjectID(0), of: heap).dot)
        #expect(dot.edges.map { $0.attributes["label"] } == ["+0x0 → +0x28"])
    }

    @Test func stacksThatAreNotScannedAreDashed() throws {
        var heap = Heap { heap in
            heap.root(.stack, at: 0x10000, pointingTo: 0x1000)
            heap.object(at: 0x1000, size: 64)
        }
        heap.scansStacks = false
        let dot = try DotText(HeapGraph(around: ObjectID(0), of: heap.scannedTwice).dot)
        #expect(dot.edges.map { $0.attributes["style"] } == ["dashed"] && dot.nodes["root0"]?["label"]?.hasSuffix("not scanned") == true)
    }

    @Test func manyWordsAreOneEdge() throws {
        let heap = Heap { heap in
            heap.root(at: 0x10000, pointingTo: 0x1000, 0x1000, 0x1000, 0x1000, 0x1000)
            heap.object(at: 0x1000, size: 64)
        }
        let dot = try DotText(HeapGraph(around: ObjectID(0), of: Scan.run(heap).outcome).dot)
        #expect(dot.edges.map { $0.attributes["label"] } == ["+0x0\\n+0x8\\n+0x10\\n+0x18\\n… of 5 words"])
    }

    @Test func whatIsTooMuchIsToldOf() throws {
        let heap = Heap { heap in
            for number in 1...30 as ClosedRange<UInt64> { heap.object(at: number << 12, size: 64) { $0.pointer(to: 0x1000, at: 0) } }
            heap.object(at: 0x100_0000, size: 64, ticksOld: 2600)
        }.scannedTwice
        let leaks = HeapGraph(leaksOf: heap, limit: 10)
        #expect(leaks.omission == "10 of 31 lost objects are drawn")
        let dot = try DotText(leaks.dot)
        #expect(dot.names.count == 10 && dot.comments.contains("// 10 of 31 lost objects are drawn."))
        let around = HeapGraph(around: ObjectID(0), of: heap, limit: 5)
        #expect(try DotText(around.dot).names.count == 5)
        #expect(around.omission == "4 of at least 29 neighbours are drawn")
    }

    @Test func nothingLostIsToldOf() throws {
        let graph = HeapGraph(leaksOf: Scan.run(Heap { $0.root(at: 0x1000, size: 8) }).outcome)
        #expect(try DotText(graph.dot).names.isEmpty)
        #expect(graph.omission == "nothing is lost")
    }

    /// Names that would end a string, a line or a comment, stand for something else, or turn the direction of writing.
    @Test(arguments: [
        ("a\"]; evil [label=\"", "a\\\"]; evil [label=\\\""), ("tail\\", "tail\\\\"), ("\\N\\n", "\\\\N\\\\n"), ("&quot;&#34;", "&amp;quot;&amp;#34;"),
        ("two\nlines\r\0", "two\u{fffd}lines\u{fffd}\u{fffd}"), ("\"\u{301}", "\\\"\u{301}"), ("\u{202e}gnp", "\u{fffd}gnp"), ("naïve 名前", "naïve 名前"),
        (String(repeating: "x", count: 5000), String(repeating: "x", count: 96) + "…"), ("<b>&</b>", "<b>&amp;</b>"),
    ])
    func namesAreOnlyText(name: String, expected: String) throws {
        var heap = Heap { heap in
            heap.root(.data, at: 0x10000, pointingTo: 0x1000)
            heap.object(at: 0x1000, size: 64, frames: [0xffff_ffff_8100_0000])
        }
        heap.roots[0].name = name
        heap.symbols.define(Address(0xffff_ffff_8100_0000), name.filter { $0 != " " && $0 != "+" })
        let graph = HeapGraph(around: ObjectID(0), of: Scan.run(heap).outcome, names: [Address(0x1000): name])
        let dot = try DotText(graph.dot)
        #expect(dot.names == ["object0", "root0"] && dot.nodes["root0"]?["label"] == expected)
        #expect(dot.nodes["object0"]?["label"]?.hasPrefix(expected + "\\n0x00001000") == true)
        #expect(graph.dot.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    }

    @Test func anyHeapMakesAGraph() throws {
        for seed in 0..<150 as Range<UInt64> {
            let heap = RandomHeap.heap(seed: seed).scannedTwice
            let leaks = try DotText(HeapGraph(leaksOf: heap).dot)
            #expect(leaks.edges.allSatisfy { leaks.nodes[$0.from] != nil && leaks.nodes[$0.to] != nil }, "seed \(seed)")
            for id in heap.objects.ids {
                let dot = try DotText(HeapGraph(around: id, of: heap, depth: 3).dot)
                #expect(dot.names.first == "object\(id.index)" && dot.edges.allSatisfy { dot.nodes[$0.from] != nil && dot.nodes[$0.to] != nil })
            }
        }
    }

    private static let program = ["/usr/bin/dot", "/usr/local/bin/dot"].first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: program != nil, "Graphviz is not installed"), arguments: ["cycle", "hub-probe", "vmalloc-excess-ref"])
    func graphvizDrawsThem(name: String) throws {
        let (heap, names) = try scanned(name)
        for graph in [HeapGraph(leaksOf: heap, names: names), HeapGraph(around: ObjectID(heap.objects.count - 1), of: heap, names: names)] {
            let process = Process(), input = Pipe(), output = Pipe(), errors = Pipe()
            process.executableURL = URL(fileURLWithPath: try #require(Self.program))
            process.arguments = ["-Tdot"]
            (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(graph.dot.utf8))
            try input.fileHandleForWriting.close()
            #expect(try output.fileHandleForReading.readToEnd()?.isEmpty == false)
            #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }
}
