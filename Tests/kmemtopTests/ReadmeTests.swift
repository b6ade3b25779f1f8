import Inspector
import Testing

/// README and the documents say what the program does today.
struct ReadmeTests {
    @Test func theTableOfKeysIsTheProgramsOwn() throws {
        try Repository.expect("README.md", between: "## Keys\n\n", and: "\n`:` takes", holds: Keymap.markdown)
    }

    @Test func theDocumentedSettingsAreTheDefaults() throws {
        let start = "## config.yaml\n\n```yaml\n"
        try Repository.expect("docs/configuration.md", between: start, and: "```\n", holds: Settings().yaml)
    }
}
