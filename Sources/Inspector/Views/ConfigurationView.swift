import HeapModel

/// How the kernel was configured and started.
struct ConfigurationView {
    let configuration: KernelConfiguration
    let columns: Int

    var lines: [[StyledText]] {
        configuration.groups.flatMap { group in
            [[StyledText(group.title, .heading)]] + group.items.flatMap(lines) + [[]]
        }
    }

    /// What it means stands beside an option, or below it where there is no room.
    private func lines(_ item: KernelConfiguration.Item) -> [[StyledText]] {
        let width = configuration.groups.flatMap(\.items).map(\.text.count).max() ?? 0
        let longest = configuration.groups.flatMap(\.items).map(\.note.count).max() ?? 0
        guard width + longest + 6 > columns else {
            return [[StyledText("  " + item.text.padded(width + 2), .strong), StyledText(item.note, .faint)]]
        }
        return [[StyledText("  " + item.text, .strong)], [StyledText("      " + item.note, .faint)]]
    }
}
