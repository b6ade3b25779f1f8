import Inspector

/// kmemtop(1) in mdoc, made from the command line's own description and the table of keys.
struct ManualPage {
    private let tool: ToolDescription.Command
    /// What every command takes (`--help`), told once.
    private let common: [ToolDescription.Argument]

    init() throws {
        tool = try ToolDescription(of: Kmemtop.self).command
        common = tool.shownArguments
    }

    var text: String {
        """
        .\\" Made by `kmemtop man` from the program's own tables.
        .Dd \(Release.date)
        .Dt KMEMTOP 1
        .Os "kmemtop \(Release.version)"
        .Sh NAME
        .Nm kmemtop
        .Nd step Linux's kmemleak through a kernel heap
        .Sh SYNOPSIS
        \(synopsis)\
        .Sh DESCRIPTION
        \(Roff.prose(tool.abstract ?? ""))\
        .Pp
        \(Roff.prose(tool.discussion ?? ""))\
        .Pp
        These options go with every command:
        .Bl -tag -width Ds
        \(common.map(item).joined())\
        .El
        .Sh COMMANDS
        \(tool.shownSubcommands.map(section).joined())\
        .Sh KEYS
        \(Binding.Group.allCases.map(section).joined())\
        \(Self.closing)
        """
    }

    // MARK: Commands

    private var synopsis: String {
        tool.shownSubcommands.map { command in
            // `inspect` goes without saying.
            let name = command.commandName == tool.defaultSubcommand ? "" : ".Cm \(Roff.word(command.commandName))\n"
            return ".Nm\n" + name + own(command).map(usage).joined()
        }.joined()
    }

    private func own(_ command: ToolDescription.Command) -> [ToolDescription.Argument] {
        let commonNames = Set(common.compactMap(\.preferredName))
        let own = command.shownArguments.filter { $0.preferredName.map { !commonNames.contains($0) } ?? true }
        return own.filter { $0.kind != .positional } + own.filter { $0.kind == .positional }
    }

    private func usage(_ argument: ToolDescription.Argument) -> String {
        let repeated = argument.isRepeating ? " ..." : ""
        return (argument.isOptional ? ".Op " : ".") + form(argument, name: argument.preferredName) + repeated + "\n"
    }

    private func form(_ argument: ToolDescription.Argument, name: ToolDescription.Argument.Name?) -> String {
        let value = "Ar " + Roff.word(argument.valueName ?? "value")
        guard let name else { return value }
        // `Fl` brings the first dash.
        let flag = "Fl " + Roff.word((name.kind == .long ? "-" : "") + name.name)
        return argument.kind == .flag ? flag : flag + " " + value
    }

    private func section(_ command: ToolDescription.Command) -> String {
        let arguments = own(command)
        let list = arguments.isEmpty ? "" : ".Bl -tag -width Ds\n" + arguments.map(item).joined() + ".El\n"
        let isDefault = command.commandName == tool.defaultSubcommand
        return ".Ss \(Roff.word("kmemtop " + command.commandName))\n"
            + Roff.prose(command.abstract ?? "")
            + (isDefault ? Roff.prose("The command that is run when none is named.") : "")
            + (command.discussion.map(Roff.prose) ?? "")
            + list
    }

    private func item(_ argument: ToolDescription.Argument) -> String {
        let names = argument.names ?? []
        let forms = names.isEmpty ? [form(argument, name: nil)] : names.map { form(argument, name: $0) }
        let standard = argument.defaultValue.map { "The default is \($0)." }
        return ".It " + forms.joined(separator: " , ") + "\n"
            + [argument.abstract, argument.discussion, standard].compactMap { $0.map(Roff.prose) }.joined()
    }

    // MARK: Keys

    /// Of the longest entry.
    private var keyWidth: Int {
        Keymap.bindings.map { $0.keys.map(\.label).joined(separator: ", ").count }.max() ?? 0
    }

    private func section(_ group: Binding.Group) -> String {
        let items = Keymap.bindings.filter { $0.group == group }.map { binding in
            ".It " + binding.keys.map { "Ic " + Roff.word($0.label) }.joined(separator: " , ") + "\n" + Roff.prose(binding.place + binding.help)
        }
        guard !items.isEmpty else { return "" }
        return ".Ss \(Roff.word(group.rawValue))\n.Bl -tag -width \(keyWidth)n -compact\n" + items.joined() + ".El\n"
    }
}
