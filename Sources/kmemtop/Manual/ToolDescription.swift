import ArgumentParser
import Foundation

/// What ArgumentParser knows of the command line: its `--experimental-dump-help`, as far as the manual needs it.
struct ToolDescription: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool
        let defaultSubcommand: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        enum Kind: String, Decodable {
            case positional, option, flag
        }

        struct Name: Decodable, Hashable {
            enum Kind: String, Decodable {
                case long, short, longWithSingleDash
            }

            let kind: Kind
            let name: String
        }

        let kind: Kind
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let preferredName: Name?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
        let discussion: String?
    }

    init(of root: any ParsableCommand.Type) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(root._dumpHelp().utf8))
    }
}

extension ToolDescription.Command {
    /// In the order of the help; ArgumentParser's own `help` is left out.
    var shownSubcommands: [Self] { (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" } }
    var shownArguments: [ToolDescription.Argument] { (arguments ?? []).filter(\.shouldDisplay) }
}
