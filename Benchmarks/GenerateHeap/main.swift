import HeapModel
import Scanner

// Times in milliseconds, medians of one run, each step in turn so that what else the machine does falls on all alike.

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
let rounds = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 9
let heap = try MeasuredHeap(objects: count, seed: 1).heap
let index = ObjectIndex(heap.objects)

@inline(never)
func readAllWords(_ memory: Memory) -> UInt64 {
    var sum: UInt64 = 0
    for segment in memory.segments {
        segment.withBytes { bytes in
            let words = bytes.bindMemory(to: SIMD8<UInt64>.self)
            var (first, second) = (SIMD8<UInt64>(), SIMD8<UInt64>())
            var place = 0
            while place + 2 <= words.count {
                first &+= words[place]
                second &+= words[place + 1]
                place += 2
            }
            sum &+= (first &+ second).wrappedSum()
        }
    }
    return sum
}

var times: [(name: String, values: [Double])] = []

@MainActor func measure<Result>(_ name: String, _ work: () -> Result) -> Result {
    let clock = ContinuousClock()
    var result: Result?
    let time = clock.measure { result = work() }
    let milliseconds = Double(time.components.seconds) * 1e3 + Double(time.components.attoseconds) / 1e15
    if let place = times.firstIndex(where: { $0.name == name }) { times[place].values.append(milliseconds) } else {
        times.append((name, [milliseconds]))
    }
    return result!
}

if CommandLine.arguments.count > 3 {
    let ranks = RankIndex(heap.objects)
    for _ in 0..<rounds { _ = measure("sweep") { Sweep.graph(of: heap, index: ranks, options: Sweep.Options(threads: 1)) } }
}

var sum: UInt64 = 0
for _ in 0..<rounds {
    sum &+= measure("read all words") { readAllWords(heap.memory) }
    let ranks = measure("rank index") { RankIndex(heap.objects) }
    let graph = measure("sweep, 1 thread") { Sweep.graph(of: heap, index: ranks, options: Sweep.Options(threads: 1)) }!
    _ = measure("sweep, 2 threads") { Sweep.graph(of: heap, index: ranks, options: Sweep.Options(threads: 2)) }!
    _ = measure("walk, 1 thread") { Walk.run(heap, over: graph, index: index, options: Sweep.Options(threads: 1)) }
    let recording = measure("walk") { Walk.run(heap, over: graph, index: index) }
    _ = measure("scan, 2 threads") { heap.scannedStill(index: index, options: Sweep.Options(threads: 2)) }
    if times.last?.values.count == 1 {
        print("\(heap.objects.count) objects in \(heap.memory.byteCount) bytes, \(graph.referenceCount) references")
        print("\(recording.wordCount) words and \(recording.referenceCount) references scanned, \(recording.leaks.count) leaks")
            print("rank index \(Double(ranks.byteCount) / Double(count)) bytes an object")
    print("graph \(Double(graph.byteCount) / Double(count)) bytes an object, recording \(Double(recording.byteCount) / Double(count))")
    }
}
_ = measure("ObjectIndex") { ObjectIndex(heap.objects) }
if rounds < 20 { _ = measure("Scan.run") { Scan.run(heap) } }
for (name, values) in times {
    let sorted = values.sorted()
    print("\(name): \(sorted[sorted.count / 2]) (\(sorted[0]) ... \(sorted[sorted.count - 1]))")
}
print(sum == 0 ? "" : "")
