import Foundation

// Prints docs/benchmarks.md from what was measured: BenchmarkTable FOLDER.
//
// The folder holds the exports of the benchmarks (*.jmh.json), what MemoryUse printed (memory-HEAP.json), and machine.md.

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: BenchmarkTable FOLDER\n".utf8))
    exit(2)
}
let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let measured = try Measured(folder)
let page = Page(measured, machine: try String(contentsOf: folder.appendingPathComponent("machine.md"), encoding: .utf8))
print(page.text)
