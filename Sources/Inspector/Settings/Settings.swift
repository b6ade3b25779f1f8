import HeapModel

/// What a person chose for all runs: the file `config.yaml`.
package struct Settings: Equatable, Sendable {
    /// nil: chosen by the terminal's background.
    package var theme: Theme.Kind?
    /// Whether clicks and the wheel go to the program.
    package var mouse = true
    /// Whether only ASCII characters are drawn, whatever the terminal can show.
    package var ascii = false
    /// The weight of each split (its first part's share of the room, one of `weights`), by the layout's class (one of
    /// `layoutClasses`) and the split's name.
    package var layout: [String: [String: Double]] = [:]
    /// Whether the hints for newcomers have been seen.
    package var hintsSeen = false

    package static let themes = Theme.Kind.allCases.map(\.rawValue)
    package static let layoutClasses = ScreenClass.allCases.map(\.rawValue)
    package static let weights = 0.05...0.95

    package init() {}
}

// MARK: At the prompt

extension Settings {
    /// `theme light`, `mouse off`, `ascii on`
    mutating func set(_ text: String) throws(SettingError) {
        let words = text.split(separator: " ").map(String.init)
        let value = words.count == 2 ? words[1] : ""
        switch words.first {
        case "theme":
            guard value == Self.automaticTheme || Self.themes.contains(value) else {
                throw SettingError(expected: ([Self.automaticTheme] + Self.themes).joined(separator: ", "), found: value)
            }
            theme = Theme.Kind(rawValue: value)
        case "mouse": mouse = try Self.flag(value)
        case "ascii": ascii = try Self.flag(value)
        default: throw SettingError(expected: "theme, mouse or ascii", found: words.first ?? "")
        }
    }

    private static func flag(_ text: String) throws(SettingError) -> Bool {
        switch text {
        case "on": true
        case "off": false
        default: throw SettingError(expected: "on or off", found: text)
        }
    }
}

/// Why a setting cannot be changed as it was typed.
struct SettingError: Error, CustomStringConvertible {
    let expected: String
    let found: String

    var description: String { "expected \(expected), found \"\(found)\"" }
}

// MARK: The file

extension Settings: Keepable {
    /// Reads a file; what it does not say keeps its default.
    package init(yaml: [UInt8], file: String) throws(SettingsError) {
        do throws(ScenarioError) { try self.init(reading: yaml, file) } catch { throw SettingsError(error) }
    }

    private static let automaticTheme = "auto"
    private static let sizeLimit = 1 << 20

    private init(reading yaml: [UInt8], _ file: String) throws(ScenarioError) {
        let what = "a settings file"
        guard let document = try YAMLNode.document(yaml, file: file, what: what, sizeLimit: Self.sizeLimit) else { return }
        let top = try document.mapping(what, keys: ["theme", "mouse", "ascii", "layout", "hints_seen"])
        if let node = top["theme"] {
            let name = try node.oneOf([Self.automaticTheme] + Self.themes, "theme")
            theme = Theme.Kind(rawValue: name)
        }
        if let node = top["mouse"] { mouse = try node.flag("mouse") }
        if let node = top["ascii"] { ascii = try node.flag("ascii") }
        if let node = top["hints_seen"] { hintsSeen = try node.flag("hints_seen") }
        guard let classes = try top["layout"]?.mapping("layout", keys: Self.layoutClasses) else { return }
        for name in Self.layoutClasses {
            guard let splits = try classes[name]?.members("the splits of \(name)") else { continue }
            for (key, value) in splits {
                let split = try key.text("the name of a split")
                layout[name, default: [:]][split] = try value.decimal(split, in: Self.weights)
            }
        }
    }

    package var yaml: String {
        """
        # What kmemtop keeps between runs. It writes this file anew when a setting is changed on the screen.

        # Colours: \(Self.themes.joined(separator: ", ")); \(Self.automaticTheme) goes by the terminal's background.
        theme: \(theme?.rawValue ?? Self.automaticTheme)

        # Whether clicks and the wheel go to kmemtop; with false the terminal selects text as elsewhere.
        mouse: \(mouse)

        # Whether only ASCII characters are drawn, even where the terminal can show others.
        ascii: \(ascii)

        # How panes share the room: by class of layout (\(Self.layoutClasses.joined(separator: ", "))) and name of split,
        # the share of the first part, from \(Self.weights.lowerBound) to \(Self.weights.upperBound).
        layout:\(layoutText)

        # Whether the hints for newcomers have been seen.
        hints_seen: \(hintsSeen)

        """
    }

    /// The members of `layout:`, one a line.
    private var layoutText: String {
        let classes = layout.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        guard !classes.isEmpty else { return " {}" }
        return classes.map { name, splits in
            let lines = splits.sorted { $0.key < $1.key }.map { "\n    \(YAMLText.scalar($0.key)): \($0.value)" }
            return "\n  \(name):" + lines.joined()
        }.joined()
    }

    /// Setting by setting, and split by split.
    package func applying(changesFrom old: Settings, to new: Settings) -> Settings {
        var settings = self
        if new.theme != old.theme { settings.theme = new.theme }
        if new.mouse != old.mouse { settings.mouse = new.mouse }
        if new.ascii != old.ascii { settings.ascii = new.ascii }
        if new.hintsSeen != old.hintsSeen { settings.hintsSeen = new.hintsSeen }
        for name in Self.layoutClasses {
            let (before, after) = (old.layout[name] ?? [:], new.layout[name] ?? [:])
            for split in Set(before.keys).union(after.keys) where before[split] != after[split] {
                settings.layout[name, default: [:]][split] = after[split]
            }
            if settings.layout[name]?.isEmpty == true { settings.layout[name] = nil }
        }
        return settings
    }
}

extension YAMLNode {
    fileprivate func oneOf(_ words: [String], _ what: String) throws(ScenarioError) -> String {
        let text = try text(what)
        guard words.contains(text) else {
            throw error("expected \(what): \(words.joined(separator: ", ")); found \"\(text)\"")
        }
        return text
    }
}
