import ArgumentParser
import HeapModel
import Scanner

/// `kmemtop scan SOURCE`: the answer without a screen.
struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Scan a heap and print the leaks.",
        discussion: "Exit status 1 when at least one leak is listed."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case report, summary, json
    }

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String

    @Option(help: "report: as the kernel prints it; summary: a few lines; json: everything.")
    var format = Format.summary

    @Flag(help: "With json: list every object, not only the leaks.")
    var objects = false

    @Option(help: "How many scans, one after the other.")
    var scans = 1

    @Option(help: "Move the clock by this many seconds before each scan after the first.")
    var advance: Seconds = Seconds(Microseconds(0))

    @Flag(name: .customLong("no-stack"), help: "Do not scan task stacks.")
    var noStack = false

    func validate() throws {
        guard (1...1_000_000).contains(scans) else {
            throw ValidationError("--scans: expected a number from 1 to 1000000, found \(scans)")
        }
        guard !objects || format == .json else { throw ValidationError("--objects: goes with --format json only") }
    }

    func run() throws {
        let source = try Source(source)
        var machine = source.machine
        var json = ScanJSON(source: self.source)
        var summary = ScanSummary(source: self.source)
        if noStack { try machine.write(.stack(false)) }
        let before = machine.kmemleak.scanCount
        if let time = source.scanTime { machine.advance(to: time) }
        for number in 1...scans {
            if number > 1 { machine.advance(by: advance.span) }
            // The automatic thread may have scanned at the scenario's time.
            if number > 1 || machine.kmemleak.scanCount == before { try scan(&machine) }
            guard let recording = machine.kmemleak.recording else { continue }
            json.add(recording)
            summary.add(recording)
        }
        if let failure = machine.failure { throw SourceError.scenario(failure) }
        if let time = source.readTime { machine.advance(to: time) }

        let text = switch format {
        case .report: machine.kmemleak.read()
        case .summary: summary.text(machine.heap)
        case .json: json.text(machine.heap, withObjects: objects)
        }
        Output.write(text)
        if !machine.heap.reportedLeaks.isEmpty { throw ExitStatus.found }
    }
}

extension ScanCommand {
    /// Scans; what kmemleak refuses is told as a shell would, with the source.
    private func scan(_ machine: inout Machine) throws {
        do throws(ControlError) { try machine.write(.scan) } catch {
            Output.complain("\(source): scan: \(error)" + (machine.heap.isEnabled ? "" : "; kmemleak is off"))
            throw ExitStatus.found
        }
    }
}

/// A span of time on the command line, in decimal seconds.
struct Seconds: ExpressibleByArgument {
    let span: Microseconds

    init(_ span: Microseconds) { self.span = span }

    init?(argument: String) {
        guard let span = Microseconds(seconds: argument) else { return nil }
        self.span = span
    }

    var defaultValueDescription: String { "0" }
}
