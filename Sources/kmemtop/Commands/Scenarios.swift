import ArgumentParser
import HeapModel
import Scanner

/// `kmemtop scenarios [NAME]`: what is built in.
struct Scenarios: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the built-in scenarios, or describe one.")

    @Argument(help: "The scenario to describe.", completion: .list(Scenario.builtInNames))
    var name: String?

    @Flag(help: "Print the JSON Schema of scenario files, for editors.")
    var schema = false

    func validate() throws {
        guard name == nil || !schema else { throw ValidationError("--schema: goes without the name of a scenario") }
    }

    func run() throws {
        if schema { return Output.write(ScenarioSchema.text) }
        guard let name else {
            let width = Scenario.builtInNames.map(\.count).max() ?? 0
            for name in Scenario.builtInNames {
                let scenario = try Source.scenario(named: name)
                print(name + String(repeating: " ", count: width - name.count + 2) + scenario.title)
            }
            return
        }
        let scenario = try Source.scenario(named: name)
        print("\(scenario.name): \(scenario.title)\n\n\(scenario.description)", terminator: "")
        for group in KernelConfiguration(scenario.profile, scenario.boot).groups {
            print("\n\(group.title)")
            let width = group.items.map(\.text.count).max() ?? 0
            for item in group.items {
                print("  " + item.text + String(repeating: " ", count: width - item.text.count + 2) + item.note)
            }
        }
    }
}
