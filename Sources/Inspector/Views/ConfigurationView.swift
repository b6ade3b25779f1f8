import HeapModel

/// How the kernel was configured and started.
struct ConfigurationView {
    let configuration: KernelConfiguration

    var lines: [[StyledText]] {
        let width = configuration.groups.flatMap(\.items).map(\.text.count).max() ?? 0
        return configuration.groups.flatMap { group in
            [[StyledText(group.title, .heading)]]
                + group.items.map { [StyledText("  " + $0.text.padded(width + 2), .strong), StyledText($0.note, .faint)] } + [[]]
        }
    }
}
