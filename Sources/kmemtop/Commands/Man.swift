import ArgumentParser

/// `kmemtop man`: kmemtop(1).
struct Man: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the manual page.",
        discussion: "As mdoc: kmemtop man | man -l - shows it."
    )

    func run() throws { Output.write(try ManualPage().text) }
}
