import ArgumentParser
import HeapModel
import Scanner

/// `kmemtop test SCENARIO…`: what scenarios expect, checked.
struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run scenarios and check what they expect.",
        discussion: "One line for each expectation. Exit status 1 when one does not hold, 2 when a scenario cannot be run."
    )

    @Argument(help: "Names of built-in scenarios, or scenario files. Without any: all that are built in.", completion: .scenario)
    var scenarios: [String] = []

    func run() throws {
        var passed = 0, failed = 0, broken = 0
        for name in scenarios.isEmpty ? Scenario.builtInNames : scenarios {
            do {
                for result in try Machine.test(Source.scenario(at: name)) {
                    Output.write(line(name, result))
                    if result.difference == nil { passed += 1 } else { failed += 1 }
                }
            } catch let error as ScenarioError {
                Output.complain(error.description)
                broken += 1
            } catch let error as SourceError {
                Output.complain(error.description)
                broken += 1
            }
        }
        Output.write("\(passed) passed, \(failed) failed\n")
        if broken > 0 { throw ExitStatus.badInput }
        if failed > 0 { throw ExitStatus.found }
    }

    private func line(_ name: String, _ result: ExpectationResult) -> String {
        let outcome = result.difference == nil ? "ok    " : "FAILED"
        return "\(outcome)  \(name):\(result.line)  \(result.what)" + (result.difference.map { "  (\($0))" } ?? "") + "\n"
    }
}
