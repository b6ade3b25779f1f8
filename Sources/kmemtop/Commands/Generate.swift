import ArgumentParser
import Foundation
import HeapModel
import SystemPackage

/// `kmemtop generate --objects N --seed S -o FILE`: a heap made up to look like a kernel's, as a capture.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make up a heap and write it as a capture.",
        discussion: """
            The heap has slabs, vmalloc areas, per-CPU memory, tasks, symbols and backtraces like a kernel's, and leaks that \
            are known: alone, in chains, trees and rings. The same options give the same file on every machine. What it \
            holds is summed up on standard error. Each object takes about 500 bytes.
            """
    )

    @Option(help: "How many objects.")
    var objects = 10_000

    @Option(help: "The number that everything is drawn from.")
    var seed: UInt64 = 1

    @Option(help: "The share of the objects that are leaks, as 0.001 or 0.1%.")
    var leaks = Share(GeneratorOptions(objects: 1, seed: 0).leaks)

    @Option(help: "The share of the leaks that are in rings, which only point at themselves.")
    var cycles = Share(GeneratorOptions(objects: 1, seed: 0).cycles)

    @Option(help: "The share of the words that are pointers.")
    var density = Share(GeneratorOptions(objects: 1, seed: 0).density)

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the capture; - is standard output.", valueName: "file"), completion: .file())
    var output = "-"

    @Option(help: ArgumentHelp("Write the addresses of the leaks there, one a line, in the order of a report.", valueName: "file"),
        completion: .file())
    var expect: String?

    func validate() throws {
        let counts = GeneratorOptions.objectCounts
        guard counts.contains(objects) else {
            throw ValidationError("--objects: expected a number from \(counts.lowerBound) to \(counts.upperBound), found \(objects)")
        }
        try check("--leaks", leaks, GeneratorOptions.leakShares)
        try check("--cycles", cycles, 0...1)
        try check("--density", density, GeneratorOptions.densities)
        if output == "-", isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("--output: expected a file for the capture, found a terminal")
        }
        if let expect, expect != "-", output != "-", FilePath(expect).resolved == FilePath(output).resolved {
            throw ValidationError("--expect: expected another file than that of --output, found \(expect)")
        }
        if expect == "-", output == "-" { throw ValidationError("--expect: standard output is taken by the capture") }
    }

    private func check(_ name: String, _ share: Share, _ range: ClosedRange<Double>) throws {
        guard range.contains(share.value) else {
            throw ValidationError("\(name): expected a share from \(Share(range.lowerBound)) to \(Share(range.upperBound)), found \(share)")
        }
    }

    func run() throws {
        var options = GeneratorOptions(objects: objects, seed: seed)
        (options.leaks, options.cycles, options.density) = (leaks.value, cycles.value, density.value)
        let generated = GeneratedHeap(options), heap = generated.heap
        let tool = "kmemtop generate --objects \(objects) --seed \(seed) --leaks \(leaks) --cycles \(cycles) --density \(density)"
        let writer = CaptureWriter(heap, tool: tool)
        do throws(CaptureError) {
            if output == "-" {
                try writer.write(to: .standardOutput, name: "standard output")
            } else {
                try writer.write(to: FilePath(output))
            }
        } catch {
            throw GenerateError(description: "\(error)")
        }
        if let expect { try write(generated, to: expect) }
        Output.complain("\(output == "-" ? "standard output" : output): \(heap.objects.count) object\(heap.objects.count == 1 ? "" : "s"), "
            + "\(generated.leaks.count) leak\(generated.leaks.count == 1 ? "" : "s"), "
            + "\(heap.memory.byteCount) bytes of memory")
    }

    private func write(_ generated: GeneratedHeap, to path: String) throws {
        let text = generated.leaks.map { "\(generated.heap.objects.pointers[$0.index])\n" }.joined()
        if path == "-" { return Output.write(text) }
        do { try WholeFile.write(text, to: FilePath(path)) } catch {
            throw GenerateError(description: "\(path): cannot be written: \(error)")
        }
    }
}

private struct GenerateError: ToldInOneSentence {
    var description: String
}

/// A share of a whole on the command line: `0.001` or `0.1%`.
struct Share: ExpressibleByArgument, CustomStringConvertible {
    let value: Double

    init(_ value: Double) { self.value = value }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%"), digits = isPercent ? argument.dropLast() : argument[...]
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits) else { return nil }
        value = isPercent ? number / 100 : number
    }

    var description: String { value == value.rounded() ? "\(Int(min(value, 1e9)))" : "\(value)" }
    var defaultValueDescription: String { description }
}
