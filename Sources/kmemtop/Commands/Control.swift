import ArgumentParser
import HeapModel
import Scanner

/// `kmemtop control SOURCE COMMAND…`: kmemleak's control file, as a shell sees it.
struct Control: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write to kmemleak's control file, and print what the kernel logs.",
        discussion: """
            Each COMMAND is one write: scan, clear, off, stack=off, scan=on, scan=600, dump=0xffff888000ad0c00 … What the \
            kernel logs stands on standard output, a failed write on standard error. Exit status 1 when a write failed.
            """
    )

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String

    @Argument(help: "What is written, one after the other.")
    var commands: [String] = []

    @Option(help: "Move the clock by this many seconds before each command after the first.")
    var advance = Seconds(Microseconds(0))

    @Flag(help: "Print what reading the control file gives in the end.")
    var read = false

    func run() throws {
        var machine = try Source(source).machine
        var hasFailed = false, told = machine.log.count
        func tellNews() {
            Output.write(machine.log[told...].map { "\($0)\n" }.joined())
            told = machine.log.count
        }
        for (number, command) in commands.enumerated() {
            if number > 0 { machine.advance(by: advance.span) }
            var failure: ControlError?
            do throws(ControlError) { try machine.write(command) } catch { failure = error }
            tellNews()
            if let failure {
                Output.complain("\(command): \(failure)")
                hasFailed = true
            }
        }
        if read { Output.write(machine.kmemleak.read()) }
        if let failure = machine.failure { throw SourceError.scenario(failure) }
        if hasFailed { throw ExitStatus.found }
    }
}
