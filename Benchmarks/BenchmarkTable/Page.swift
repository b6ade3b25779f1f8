/// docs/benchmarks.md.
struct Page {
    private let measured: Measured
    private let machine: String

    init(_ measured: Measured, machine: String) {
        self.measured = measured
        self.machine = machine
    }

    private static let heaps = ["10k", "100k", "1M", "5M", "87k"]
    private static let contenders = [
        ("red-black tree, as the kernel", "red-black tree"), ("sorted array, binary search", "sorted array"),
        ("Boehm GC's mark, 1 marker", "Boehm, 1 marker"), ("Boehm GC's mark, 2 markers", "Boehm, 2 markers"),
        ("kmemtop, 1 thread", "engine, 1 thread"), ("**kmemtop, 2 threads**", "engine, 2 threads"),
        ("kmemtop, 2 threads, in new memory", "engine, 2 threads, new memory"), ("kmemtop: the index of objects", "index"),
        ("kmemtop: walk again after a what-if", "walk again"), ("reading the bytes, 1 thread", "read"),
    ]

    var text: String {
        """
        # Benchmarks

        Made by `bash scripts/benchmark.sh --write`, on this machine:

        \(machine)
        \(Explanation.scan)

        \(table(["scan"] + Self.heaps.map(heading), Self.contenders.map(scanRow) + factRows))

        Ratios: how many times as long as kmemtop's scan with two threads, in memory that the machine has, each takes.

        \(table(["against"] + Self.heaps.map(heading), Self.contenders.filter { $0.1 != "engine, 2 threads" }.map(ratioRow)))

        \(Explanation.growth)

        \(table(["scan, 2 threads", "median", "99th percentile", "values", "median, a word"], growthRows))

        \(Explanation.memory)

        \(table(["memory, bytes an object"] + memoryHeaps.map(heading), memoryRows))

        \(Explanation.screen)

        \(table(["screen"] + ["87 k", "1 M"].flatMap { ["\($0), median", "99th percentile", "values"] }, screenRows))

        \(Explanation.processes)

        \(table(["whole process", "median", "99th percentile", "values"], processRows))

        ## What kmemtop has set itself

        \(table(["", "budget", "measured", ""], Budget.all(measured).map(\.row)))

        """
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head, head.indices.map { $0 == 0 ? "---" : "---:" }] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    private func heading(_ heap: String) -> String { heap == "87k" ? "87 k, real" : "\(heap.dropLast()) \(heap.last ?? " ")" }

    // MARK: Scans

    private func scanRow(_ contender: (title: String, metric: String)) -> [String] {
        [contender.title] + Self.heaps.map { duration(measured.median("scan \($0): \(contender.metric)")) }
    }

    private func ratioRow(_ contender: (title: String, metric: String)) -> [String] {
        [contender.title] + Self.heaps.map { heap in
            guard let time = measured.median("scan \(heap): \(contender.metric)"),
                let engine = measured.median("scan \(heap): engine, 2 threads") else { return "–" }
            return digits(time / engine)
        }
    }

    private var factRows: [[String]] {
        let facts = [("words scanned, millions", "words"), ("references, millions", "references"), ("MB scanned", "bytes")].map { title, metric in
            [title] + Self.heaps.map { digits(measured.median("scan \($0): \(metric)").map { $0 / 1e6 }) }
        }
        let leaks = ["leaks"] + Self.heaps.map { measured.median("scan \($0): leaks").map { String(Int($0)) } ?? "–" }
        let rounds = ["rounds"] + Self.heaps.map { String(measured.count("scan \($0): engine, 2 threads")) }
        return facts + [leaks, rounds]
    }

    private var growthRows: [[String]] {
        Self.heaps.compactMap { heap in
            measured.timePerWord(heap).map { [heading(heap)] + spread("growth: \(heap)") + ["\(digits($0)) ns"] }
        }
    }

    // MARK: Memory

    private var memoryHeaps: [String] { Self.heaps.filter { measured.memory[$0] != nil } }

    private var memoryRows: [[String]] {
        let rows: [(String, (Measured.Memory) -> Int)] = [
            ("the process before", { $0.start }), ("with the file open: table of objects, its index", { $0.opened }),
            ("with graph and recording as well", { $0.scanned }), ("**at most, at any time**", { $0.peak }),
            ("of these the graph, by its own account", { $0.graph }), ("and the recording", { $0.recording }),
        ]
        return rows.map { title, bytes in
            [title] + memoryHeaps.map { heap in measured.memory[heap].map { digits($0.perObject(bytes($0))) } ?? "–" }
        }
    }

    // MARK: The program

    private var screenRows: [[String]] {
        let metrics = [
            ("a frame of 120x40", "frame 120x40"), ("a frame of 200x60", "frame 200x60"), ("a key, and the frame", "key"),
            ("another moment of the scan, and the frame", "seek"), ("sort by the slowest column, and the frame", "sort"),
            ("the slowest key of the slowest filter, and the frame", "filter"),
            ("another object, with the references pane", "references"), ("another object, with the why pane", "why"),
        ]
        return metrics.map { title, metric in
            [title] + ["screen 87k: ", "screen 1M: "].flatMap { spread($0 + metric) }
        }
    }

    private var processRows: [[String]] {
        let metrics = [
            ("`kmemtop render hub-probe`", "process: render hub-probe"), ("`kmemtop render`, 87 k", "process: render 87k"),
            ("`kmemtop render`, 1 M", "process: render 1M"), ("`kmemtop scan`, 87 k", "process: scan 87k"),
            ("the red-black program, 87 k", "process: red-black program 87k"), ("`kmemtop scan`, 1 M", "process: scan 1M"),
            ("the red-black program, 1 M", "process: red-black program 1M"),
            ("in a terminal: `hub-probe` to the whole first frame", "terminal hub-probe: opening"),
            ("87 k to the whole first frame", "terminal 87k: opening"), ("1 M to the whole first frame", "terminal 1M: opening"),
            ("87 k, from a key to the last byte of its frame", "terminal 87k: key"),
            ("1 M, from a key to the last byte of its frame", "terminal 1M: key"),
        ]
        return metrics.map { [$0] + spread($1) }
    }

    private func spread(_ name: String) -> [String] {
        [duration(measured.median(name)), duration(measured.percentile99(name)), String(measured.count(name))]
    }
}
