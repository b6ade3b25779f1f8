import ArgumentParser
import Foundation

/// The program: tells the subcommands apart, and how they end.
@main
struct Kmemtop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kmemtop",
        abstract: "Watch kmemleak decide: step a scan of a kernel heap forwards and backwards, word by word.",
        discussion: """
            SOURCE is a built-in scenario (kmemtop scenarios lists them), a scenario file (.yaml) or a capture of a \
            real kernel. Without one the scenario hub-probe is opened.

            Exit status: 0 done; 1 leaks were listed, nothing is tracked at an address, a write or an expectation failed; \
            2 wrong usage or input.
            """,
        version: "kmemtop \(Release.version)",
        subcommands: [
            Inspect.self, ScanCommand.self, Dump.self, Why.self, Refs.self, Graph.self, Roots.self, Control.self, Test.self,
            Render.self, Generate.self, Scenarios.self, Man.self,
        ],
        defaultSubcommand: Inspect.self
    )

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as ExitStatus {
            Foundation.exit(error.rawValue)
        } catch let error as any ToldInOneSentence {
            Output.complain(error.description)
            Foundation.exit(2)
        } catch where exitCode(for: error).isSuccess {
            // Help is an "error" that succeeds.
            Output.write(fullMessage(for: error) + "\n")
        } catch {
            Output.complain(message(for: error))
            Foundation.exit(2)
        }
    }
}

/// How a command ends when it does not simply succeed.
enum ExitStatus: Int32, Error {
    /// A result that a script must not miss.
    case found = 1
    /// Wrong usage or input, told already.
    case badInput = 2
}

/// An error of usage or input whose description is all that has to be said.
protocol ToldInOneSentence: Error, CustomStringConvertible {}
