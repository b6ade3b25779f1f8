import HeapModel

/// How the kernel was configured and started.
struct ConfigurationLines {
    private let configuration: KernelConfiguration
    private let columns: Int

    init(_ configuration: KernelConfiguration, columns: Int) {
        self.configuration = configuration
        self.columns = columns
    }

    var lines: [Line] {
        configuration.groups.flatMap { group in
            [Line([StyledText(group.title, .heading)])] + group.items.flatMap(lines) + [Line([])]
        }
    }

    /// What it means stands beside an option, or below it where there is no room.
    private func lines(_ item: KernelConfiguration.Item) -> [Line] {
        let width = configuration.groups.flatMap(\.items).map(\.text.count).max() ?? 0
        let longest = configuration.groups.flatMap(\.items).map(\.note.count).max() ?? 0
        guard width + longest + 6 > columns else {
            return [Line([StyledText("  " + item.text.padded(width + 2), .strong), StyledText(item.note, .faint)])]
        }
        return [Line([StyledText("  " + item.text, .strong)]), Line([StyledText("      " + item.note, .faint)])]
    }
}
