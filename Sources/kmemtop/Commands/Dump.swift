import ArgumentParser
import HeapModel
import Scanner

/// `kmemtop dump SOURCE ADDRESS`: one object, as the kernel's `dump=` prints it.
struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what is known of the object at an address.",
        discussion: "Any address inside the object will do. Exit status 1 when nothing is tracked there."
    )

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String

    @Argument(help: "Hexadecimal (0xffff888000ad0c00) or decimal.")
    var address: Address

    @Option(help: "How many scans to make first.")
    var scans = 0

    func validate() throws {
        guard (0...1_000_000).contains(scans) else {
            throw ValidationError("--scans: expected a number from 0 to 1000000, found \(scans)")
        }
    }

    func run() throws {
        let source = try Source(source)
        var machine = source.machine
        if scans > 0, let time = source.scanTime { machine.advance(to: time) }
        while machine.kmemleak.scanCount < scans { try machine.write(.scan) }
        guard let id = machine.kmemleak.index.object(containing: address) else {
            Output.complain("\(self.source): nothing is tracked at \(address)")
            throw ExitStatus.found
        }
        let lines = ReportWriter(machine.heap).dump(of: id).map { $0.text + "\n" }
        Output.write(lines.joined())
    }
}

extension Address: ExpressibleByArgument {
    @usableFromInline package init?(argument: String) { self.init(parsing: argument) }
}
