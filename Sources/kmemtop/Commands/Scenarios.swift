import ArgumentParser
import HeapModel

/// `kmemtop scenarios [NAME]`: what is built in.
struct Scenarios: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the built-in scenarios, or describe one.")

    @Argument(help: "The scenario to describe.")
    var name: String?

    func run() throws {
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
